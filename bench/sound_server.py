"""A private sound server with virtual devices, for tests and benchmarks: null sinks.

It is PulseAudio, or PipeWire where that took its place; `bench/sound_daemons.py` knows them apart.
What is played into a sink can be recorded from its monitor. A peer gets a sink as its loudspeaker
and the monitor of another as its microphone, by its environment alone:

    <name>_spk           the peer plays into it;  who listens records <name>_spk.monitor
    <name>_mic.monitor   the peer records it;     who speaks plays into <name>_mic

No sound card, no setting of the user and no file outside of a temporary folder is touched.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from bench.children import BenchError
from bench.sound_daemons import Daemon, Daemons, choose_daemons, pulse_socket, why_no_server

START_S = 10.0
NO_REWINDS = "norewinds=1"
"""Without it a sink that was idle stands still for its first two seconds (measured)."""


@dataclass(frozen=True)
class SinkFormat:
    """The samples of a device. PipeWire's virtual devices have its own sample format."""

    rate_hz: int = 48_000
    channels: int = 1
    sample_format: str = "s16le"

    def words(self) -> tuple[str, str, str]:
        """Return the arguments of the server's modules."""
        return (
            f"rate={self.rate_hz}",
            f"channels={self.channels}",
            f"format={self.sample_format}",
        )


PLAIN = SinkFormat()


class SoundServer:
    """A server with a null sink for each name, for as long as the `with` lasts.

    Args:
        daemons: the kind of server; None for the usual one here.

    Attributes:
        daemons: the kind of server.
    """

    def __init__(self, sinks: Sequence[str], daemons: Daemons | None = None) -> None:
        self._sinks = list(sinks)
        self._modules: dict[str, str] = {}
        self._is_chosen = daemons is not None
        self.daemons = daemons or choose_daemons()
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        if (why := why_no_server(self.daemons if self._is_chosen else None)) is not None:
            raise BenchError(f"there is no sound server: {why}")
        # Its socket's path must be short.
        self._folder = tempfile.TemporaryDirectory(prefix="vav-", ignore_cleanup_errors=True)
        folder = Path(self._folder.name)
        self._alsa_file = folder / "asound.conf"
        self.announce(self._sinks)
        self._own = {
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(folder),
            "PULSE_SERVER": f"unix:{pulse_socket(folder)}",
            "ALSA_CONFIG_PATH": str(self._alsa_file),
            **self.daemons.environment(folder),
        }
        try:
            self.daemons.write_settings(folder)
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def start(self) -> None:
        """Start the server, at first or after `stop`, with all its devices."""
        folder = Path(self._folder.name)
        with (folder / "log").open("w") as log:
            for daemon in self.daemons.daemons(folder):
                self._start_daemon(daemon, log)
        for sink in self._sinks:
            self.add_sink(sink)

    def _start_daemon(self, daemon: Daemon, log: TextIO) -> None:
        # It ends with whoever started it, however that ends.
        dying = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
        process = subprocess.Popen(
            [*dying, *daemon.command],
            env=os.environ | self._own,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        self._processes.append(process)
        deadline_s = time.monotonic() + START_S
        while daemon.socket is not None and not _answers(daemon.socket):
            if process.poll() is not None or time.monotonic() > deadline_s:
                raise BenchError(f"{daemon.command[0]} does not start")
            time.sleep(0.02)

    def stop(self) -> None:
        """End the server as a crash would."""
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.wait()
        self._processes.clear()
        folder = Path(self._folder.name)
        for daemon in self.daemons.daemons(folder):
            if daemon.socket is not None:
                daemon.socket.unlink(missing_ok=True)
        self._modules.clear()

    def freeze(self) -> None:
        """Have the server stand still: it neither answers nor ends."""
        for process in self._processes:
            process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Have it go on."""
        for process in self._processes:
            process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        """End the server, and take its folder away."""
        self.stop()
        self._folder.cleanup()

    def environment(
        self, *, speaker: str | None = None, microphone: str | None = None
    ) -> dict[str, str]:
        """Return what a process needs to use the server, and which devices are its default ones."""
        return self._own | self.daemons.default_devices(speaker, microphone)

    def of_peer(self, name: str) -> Mapping[str, str]:
        """Return the environment of the peer of that name; its sinks must be there."""
        return self.environment(speaker=f"{name}_spk", microphone=f"{name}_mic")

    def control(self, *words: str) -> str:
        """Run pactl, and return its output."""
        return self._run("pactl", *words)

    def _run(self, *words: str) -> str:
        try:
            done = subprocess.run(
                words,
                env=os.environ | self._own,
                capture_output=True,
                text=True,
                timeout=START_S,
            )
        except subprocess.TimeoutExpired as error:
            raise BenchError(f"{' '.join(words)}: no answer") from error
        if done.returncode:
            raise BenchError(f"{' '.join(words)}: {done.stderr.strip()}")
        return done.stdout.strip()

    def add_sink(self, name: str, sink_format: SinkFormat = PLAIN) -> None:
        """Plug a device in."""
        words = ("load-module", "module-null-sink", f"sink_name={name}", NO_REWINDS)
        self._modules[name] = self.control(*words, *sink_format.words())

    def add_pipe_sink(self, name: str, fifo: Path, sink_format: SinkFormat) -> None:
        """Plug in a device that plays into a file, at the pace of whoever reads it."""
        words = ("load-module", "module-pipe-sink", f"sink_name={name}", f"file={fifo}")
        self._modules[name] = self.control(*words, *sink_format.words())

    def force_rate(self, rate_hz: int) -> None:
        """Have PipeWire run at another rate from now on."""
        self._run("pw-metadata", "-n", "settings", "0", "clock.force-rate", str(rate_hz))

    def announce(self, sinks: Sequence[str], further_lines: str = "") -> None:
        """Write which devices ALSA lists by name, besides the default ones.

        Args:
            further_lines: other devices, as lines of an ALSA configuration.
        """
        self._alsa_file.write_text(self.daemons.alsa_settings(sinks) + further_lines)

    def remove_sink(self, name: str) -> None:
        """Unplug a device."""
        self.control("unload-module", self._modules.pop(name))


def _answers(file: Path) -> bool:
    """Return whether a program listens on a socket; its file is there a moment earlier."""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(file))
        except OSError:
            return False
    return True
