"""The programs that a measurement starts, and what they cost. Used by the benchmark's own process.

Each runs in a process group of its own, so that Ctrl-C reaches the benchmark alone, which ends them
in their order. Where the system can, they also end when the benchmark is killed.
"""

import contextlib
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.hosts import Host

ROOT = Path(__file__).resolve().parent.parent
END_S = 3.0


class BenchError(Exception):
    """A measurement could not be made; the text says why."""


@dataclass(frozen=True)
class Cost:
    """What processes took over a time.

    Attributes:
        cpu: seconds of processor time a second, of all together.
        memory_mb: resident at the end, of each.
    """

    cpu: float
    memory_mb: tuple[float, ...]


class Children:
    """All children of one measurement. Ends them, in reverse order, when it is left.

    Args:
        folder: for what they write.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._stack = contextlib.ExitStack()
        self._count = 0

    def __enter__(self) -> "Children":
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def start(
        self, words: Sequence[str], *, host: Host, environment: Mapping[str, str] | None = None
    ) -> "Child":
        """Start a program in a host."""
        self._count += 1
        child = Child(words, host, dict(environment or {}), self.folder / f"said-{self._count}")
        self._stack.callback(child.end)
        return child

    def start_python(
        self,
        words: Sequence[str],
        *,
        host: Host,
        environment: Mapping[str, str] | None = None,
    ) -> "Child":
        """Start Python with these arguments."""
        return self.start([sys.executable, *words], host=host, environment=environment)


class Child:
    """A running program: its standard input and output are pipes, its errors go to a file."""

    def __init__(
        self, words: Sequence[str], host: Host, environment: dict[str, str], said: Path
    ) -> None:
        self._name = " ".join(words[:4])
        self._said = said
        self._began = b""
        dying = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
        with said.open("wb") as errors:
            self._process = subprocess.Popen(
                [*dying, *host.command(*words)],
                cwd=said.parent,
                env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
            )
        self.meter = psutil.Process(self._process.pid)

    @property
    def said(self) -> str:
        """What it wrote on standard error."""
        return self._said.read_text(encoding="utf-8", errors="replace")

    def read_line(self, limit_s: float = 15.0) -> str:
        """Return its next line of standard output.

        Raises:
            BenchError: it ended or kept silent.
        """
        assert self._process.stdout is not None
        descriptor = self._process.stdout.fileno()
        deadline_s = time.monotonic() + limit_s
        while b"\n" not in self._began:
            left_s = max(0.0, deadline_s - time.monotonic())
            readable, _, _ = select.select([descriptor], [], [], left_s)
            data = os.read(descriptor, 4096) if readable else b""
            if not data:
                raise self.failure("gave no answer")
            self._began += data
        line, _, self._began = self._began.partition(b"\n")
        return line.decode()

    def write_line(self, text: str) -> None:
        """Write to its standard input."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(f"{text}\n".encode())
            self._process.stdin.flush()

    def wait_said(self, text: str, limit_s: float = 15.0) -> None:
        """Wait until it has written `text` on standard error. Raises BenchError."""
        self.wait_until(lambda: text in self.said, f"did not say {text!r}", limit_s)

    def wait_until(self, holds: Callable[[], bool], otherwise: str, limit_s: float = 15.0) -> None:
        """Wait for what this child is to bring about. Raises BenchError."""
        deadline_s = time.monotonic() + limit_s
        while not holds():
            if self._process.poll() is not None or time.monotonic() > deadline_s:
                raise self.failure(otherwise)
            time.sleep(0.02)

    def wait(self, limit_s: float) -> int | None:
        """Wait for its end; None if it goes on."""
        try:
            return self._process.wait(limit_s)
        except subprocess.TimeoutExpired:
            return None

    def failure(self, what: str) -> BenchError:
        """Return an error that tells what this child did, and the last that it said."""
        lines = self.said.strip().splitlines()[-3:]
        return BenchError(f"{self._name} {what}" + "".join(f"\n    {line}" for line in lines))

    def ask_to_end(self) -> None:
        """Ask it to end, and do not wait."""
        if self._process.poll() is None:
            self._process.terminate()

    def end(self) -> None:
        """End it, gently at first."""
        self.ask_to_end()
        if self.wait(END_S) is None:
            self._process.kill()
            self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


class Meter:
    """Counts what processes take from its making on."""

    def __init__(self, children: Sequence[Child]) -> None:
        self._children = children
        self._began_s = time.monotonic()
        self._began_cpu_s = self._cpu_s()

    def _cpu_s(self) -> float:
        total = 0.0
        for child in self._children:
            try:
                times = child.meter.cpu_times()
            except psutil.Error as error:
                raise child.failure("ended too early") from error
            total += times.user + times.system
        return total

    def read(self) -> Cost:
        """Return what they took until now."""
        span_s = time.monotonic() - self._began_s
        memory = tuple(child.meter.memory_info().rss / 1e6 for child in self._children)
        return Cost((self._cpu_s() - self._began_cpu_s) / span_s, memory)
