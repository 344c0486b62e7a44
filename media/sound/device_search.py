"""Search for sound devices in a separate process. The thread `sound` starts it.

    python -m media.sound.device_search        prints one line of JSON

A process cannot search for new devices without ending its own streams. So another process is
started, which searches, prints the devices it found, and ends.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from media.errors import SourceError
from media.sound.portaudio import DeviceList, PortAudio, SoundDevice

ROOT = Path(__file__).resolve().parent.parent.parent
LIMIT_S = 20
"""Time limit of a search. Where the system has alarms, the process then also ends by itself."""


class DeviceSearch:
    """One search. Never blocks.

    Raises:
        SourceError: the process cannot be started.
    """

    def __init__(self, now_us: int) -> None:
        self._began_us = now_us
        # Not a pipe: a process that fills one blocks until it is read.
        self._output = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - stays open
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "media.sound.device_search"],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=self._output,
                stderr=subprocess.DEVNULL,
                # A Ctrl-C at the terminal is for this program, which then ends the search.
                start_new_session=True,
            )
        except OSError as error:
            self._output.close()
            raise SourceError(f"no process looks for sound devices ({error})") from error

    def is_over(self, now_us: int) -> bool:
        """Return whether the search has ended; end it after the time limit."""
        if now_us - self._began_us > LIMIT_S * 1_000_000:
            self._process.kill()
            self._process.wait()
        return self._process.poll() is not None

    def result(self) -> DeviceList | None:
        """Return the devices found, once the search is over; None if it failed."""
        self._output.seek(0)
        text = self._output.read() if self._process.poll() == 0 else ""
        self.close()
        return _parse(text)

    def close(self) -> None:
        """End the search."""
        self._process.kill()
        self._process.wait()
        self._output.close()


def _parse(text: str) -> DeviceList | None:
    try:
        found = json.loads(text)
        return DeviceList(
            tuple(SoundDevice(*entry) for entry in found["devices"]),
            found["microphone"],
            found["speaker"],
        )
    except (ValueError, TypeError, KeyError):
        return None


def main() -> int:
    """Print the devices; return 1 if PortAudio does not start."""
    if hasattr(signal, "alarm"):
        signal.alarm(LIMIT_S)  # the starting program may be gone, and PortAudio may hang
    if sys.platform == "linux":
        # The starting program plays sound and goes first; a search is not urgent.
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    try:
        audio = PortAudio()
    except SourceError:
        return 1
    found = audio.list()
    json.dump(
        {
            "devices": [[d.index, d.name, d.records, d.plays] for d in found.devices],
            "microphone": found.default_microphone,
            "speaker": found.default_speaker,
        },
        sys.stdout,
    )
    sys.stdout.flush()
    audio.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
