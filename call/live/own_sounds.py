"""Own sounds: the ring tone and the test sound, played while no call uses the loudspeaker.

The call thread starts and stops them; a thread of its own plays each.
"""

from collections.abc import Callable
from threading import Event

from core.threads import Threads
from media.sound.pcm import BLOCK_SAMPLES, Samples
from media.sound.ring_tone import chime_block, ring_block
from media.sound.speaker import Speaker

WAIT_S = 0.25


class OwnSounds:
    """Plays at most one sound at a time. Call thread only."""

    def __init__(self, threads: Threads) -> None:
        self._threads = threads
        self._stop = Event()
        self._stop.set()

    def ring(self, speaker: Speaker) -> None:
        """Play the ring tone until `stop`."""
        self._play(speaker, ring_block)

    def play_test(self, speaker: Speaker) -> None:
        """Play the test sound once."""
        self._play(speaker, chime_block)

    def stop(self) -> None:
        """Stop at the next block, at most 10 ms of sound from now."""
        self._stop.set()

    def _play(self, speaker: Speaker, make_block: Callable[[int], Samples | None]) -> None:
        self.stop()
        stop = self._stop = Event()

        def run() -> None:
            position = 0
            while not stop.is_set():
                if not speaker.wait_room(WAIT_S) or stop.is_set():
                    continue
                block = make_block(position)
                if block is None:
                    break
                speaker.write(block)
                position += BLOCK_SAMPLES
            if not stop.is_set():  # Otherwise a call may play already.
                speaker.pause()

        self._threads.start("own sounds", run)
