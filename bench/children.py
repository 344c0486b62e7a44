"""The programs that a measurement starts, and their cost. The benchmark's own process.

Each program runs in a separate process group, so that Ctrl-C reaches only the benchmark, which ends
them in order. Where the system supports it, they also end when the benchmark is killed.
"""

import contextlib
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec
import psutil

from bench.hosts import Host

ROOT = Path(__file__).resolve().parent.parent
END_S = 3.0


class BenchError(Exception):
    """A measurement failed; the text says why."""


class Cost(msgspec.Struct, frozen=True):
    """The resources that processes used during a measurement.

    Attributes:
        cpu: processor seconds per second, of all processes together.
        memory_mb: resident memory of each process at the end.
    """

    cpu: float
    memory_mb: tuple[float, ...]


class Children:
    """The programs of one measurement; they end in reverse order when the context is left.

    Args:
        folder: the folder for their output files.
        prefix: the start of each command, within its host.
    """

    def __init__(self, folder: Path, prefix: Sequence[str] = ()) -> None:
        self.folder = folder
        self._prefix = prefix
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
        errors = self.folder / f"errors-{self._count}"
        child = Child(words, host, dict(environment or {}), errors, self._prefix)
        self._stack.callback(child.end)
        return child

    def start_python(
        self,
        words: Sequence[str],
        *,
        host: Host,
        environment: Mapping[str, str] | None = None,
    ) -> "Child":
        """Start Python with arguments."""
        return self.start([sys.executable, *words], host=host, environment=environment)


def die_with_parent() -> list[str]:
    """Return the start of a command that is killed when its parent ends, where that is possible."""
    return ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []


def at_normal_priority() -> list[str]:
    """Return the start of a command that cannot raise its priority, as is usual for a user."""
    if sys.platform != "linux" or os.geteuid() != 0 or shutil.which("setpriv") is None:
        return []
    return ["setpriv", "--bounding-set", "-sys_nice"]


def interrupt_once() -> None:
    """Let the first signal to end interrupt this program, and ignore others while it cleans up."""

    def interrupt(number: int, frame: object) -> None:
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)


class Child:
    """A running program, with pipes for standard input and output, and a file for errors."""

    def __init__(
        self,
        words: Sequence[str],
        host: Host,
        environment: dict[str, str],
        error_file: Path,
        prefix: Sequence[str] = (),
    ) -> None:
        self._name = " ".join(words[:4])
        self._error_file = error_file
        self._unread = b""
        with error_file.open("wb") as errors:
            self._process = subprocess.Popen(
                [*die_with_parent(), *host.command(*prefix, *words)],
                cwd=error_file.parent,
                env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
            )
        self.meter = psutil.Process(self._process.pid)

    @property
    def error_output(self) -> str:
        """The text written to standard error so far."""
        return self._error_file.read_text(encoding="utf-8", errors="replace")

    def read_line(self, limit_s: float = 15.0) -> str:
        """Return the next line of standard output.

        Raises:
            BenchError: the program ended, or printed nothing in time.
        """
        assert self._process.stdout is not None
        descriptor = self._process.stdout.fileno()
        deadline_s = time.monotonic() + limit_s
        while b"\n" not in self._unread:
            left_s = max(0.0, deadline_s - time.monotonic())
            readable, _, _ = select.select([descriptor], [], [], left_s)
            data = os.read(descriptor, 4096) if readable else b""
            if not data:
                raise self.failure("gave no answer")
            self._unread += data
        line, _, self._unread = self._unread.partition(b"\n")
        return line.decode()

    def write_line(self, text: str) -> None:
        """Write a line to standard input."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(f"{text}\n".encode())
            self._process.stdin.flush()

    def wait_until(self, holds: Callable[[], bool], failure: str, limit_s: float = 15.0) -> None:
        """Wait for a condition that this program brings about. Raises BenchError."""
        deadline_s = time.monotonic() + limit_s
        while not holds():
            if self._process.poll() is not None or time.monotonic() > deadline_s:
                raise self.failure(failure)
            time.sleep(0.02)

    @property
    def has_ended(self) -> bool:
        """True once the program no longer runs."""
        return self._process.poll() is not None

    def wait(self, limit_s: float) -> int | None:
        """Wait for the end; return the exit status, or None if the program still runs."""
        try:
            return self._process.wait(limit_s)
        except subprocess.TimeoutExpired:
            return None

    def failure(self, what: str) -> BenchError:
        """Return an error that names the failure, with the last lines of error output."""
        lines = self.error_output.strip().splitlines()[-3:]
        return BenchError(f"{self._name} {what}" + "".join(f"\n    {line}" for line in lines))

    def ask_to_end(self) -> None:
        """Ask the program to end. Does not wait."""
        if self._process.poll() is None:
            self._process.terminate()

    def end(self) -> None:
        """End the program: ask first, then kill it."""
        self.ask_to_end()
        if self.wait(END_S) is None:
            self._process.kill()
            self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


def tree_cpu_s(process: psutil.Process) -> float:
    """Return the processor time of a process and its descendants, also of those that have ended.

    Raises:
        psutil.Error: the process has ended.
    """
    # The system adds the time of a child that has ended to that of its parent.
    total = sum(process.cpu_times()[:4])
    for descendant in process.children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            total += sum(descendant.cpu_times()[:4])
    return total


class Meter:
    """Measures the cost of programs and all that they start, from its creation on."""

    def __init__(self, children: Sequence[Child]) -> None:
        self._children = children
        self._unread_s = time.monotonic()
        self._unread_cpu_s = self._cpu_s()

    def _cpu_s(self) -> float:
        total = 0.0
        for child in self._children:
            try:
                total += tree_cpu_s(child.meter)
            except psutil.Error as error:
                raise child.failure("ended too early") from error
        return total

    def read(self) -> Cost:
        """Return the cost so far."""
        span_s = time.monotonic() - self._unread_s
        memory = tuple(child.meter.memory_info().rss / 1e6 for child in self._children)
        return Cost((self._cpu_s() - self._unread_cpu_s) / span_s, memory)
