"""Looks which sound devices there are, in a process of its own.

    python -m media.sound.device_search        prints one line of JSON

A process that plays cannot look for new devices without ending its streams. So this one is started,
looks, prints what it found, and ends.
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
"""For a look; one that takes longer is given up. It then ends by itself where the system can."""


class DeviceSearch:
    """One look at the devices. Never blocks.

    Raises:
        SourceError: this computer starts no more processes.
    """

    def __init__(self, now_us: int) -> None:
        self._began_us = now_us
        # Not a pipe: what fills one up would wait for us, and we for its end.
        self._output = tempfile.TemporaryFile(mode="w+", encoding="utf-8")  # noqa: SIM115
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "media.sound.device_search"],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=self._output,
                stderr=subprocess.DEVNULL,
                # A Ctrl-C at the terminal is for the program that looks, which ends this one.
                start_new_session=True,
            )
        except OSError as error:
            self._output.close()
            raise SourceError(f"no process looks for sound devices ({error})") from error

    def is_over(self, now_us: int) -> bool:
        """Whether there is a result, or no hope for one."""
        if now_us - self._began_us > LIMIT_S * 1_000_000:
            self._process.kill()
            self._process.wait()
        return self._process.poll() is not None

    def result(self) -> DeviceList | None:
        """Return what was found, after it is over; None where the look failed."""
        self._output.seek(0)
        text = self._output.read() if self._process.poll() == 0 else ""
        self.close()
        return _parse(text)

    def close(self) -> None:
        """End it, whatever it does."""
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
    """Print what is there; the exit status is 1 where PortAudio does not start."""
    if hasattr(signal, "alarm"):
        signal.alarm(LIMIT_S)  # Whoever asked may be gone, and PortAudio may hang.
    if sys.platform == "linux":
        # Whoever asked plays sound and comes first; a look may take its time.
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
