"""Level monitor: measures the microphone's level while no call reads the microphone. Its thread.

The sound is measured and forgotten.
"""

from collections.abc import Callable
from threading import Event

from core.threads import Threads
from media.sound.microphone import Microphone
from media.sound.pcm import level_dbfs
from media.sound.voice_level import VoiceLevel

READ_S = 0.25


class LevelMonitor:
    """Measures one microphone at a time. Call thread only."""

    def __init__(self, threads: Threads, now_us: Callable[[], int]) -> None:
        self._threads = threads
        self._now_us = now_us
        self._stop: Event | None = None

    def start(self, microphone: Microphone, level: VoiceLevel) -> None:
        """Measure, unless it does already."""
        if self._stop is not None:
            return
        stop = self._stop = Event()

        def run() -> None:
            while not stop.is_set():
                recorded = microphone.read(READ_S)
                if recorded is None:
                    if not microphone.is_live:
                        level.forget()
                elif not stop.is_set():
                    measured_dbfs = level_dbfs(recorded.samples)
                    level.add(measured_dbfs, measured_dbfs, self._now_us())

        self._threads.start("level", run)

    def stop(self) -> None:
        """Leave the microphone to a call, which loses 10 ms of its sound at most."""
        stop, self._stop = self._stop, None
        if stop is not None:
            stop.set()
