"""peer.py as a child process of a test: its input, its output and its end."""

import contextlib
import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Any, Protocol

from tests.support.deadline import DEADLINE_S

ROOT = Path(__file__).resolve().parents[2]
PEER = ROOT / "peer.py"

SLACK_S = 2.0
"""Allowance for a busy computer, added to the limits that the program promises."""
END_S = 2.0
"""The limit that the program promises for every end."""
NO_CALL_S = 10.0
"""The program's limit for looking up and trying all addresses together."""
POLL_S = 0.01

LIGHT = (
    "--camera=test",
    "--set=video.width_px=320",
    "--set=video.height_px=180",
    "--set=video.frame_rate_hz=15",
    "--mic=none",
    "--speaker=none",
)
"""Options of a cheap call that uses no devices of this computer, for tests of neither picture nor
sound; a later option wins."""
LISTENS = ("--port=0", "--set=listen.open=true", "--set=listen.announce=false")
"""Options of a listener; tests of codes override them."""

_NO_SCREEN = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
_FAULTS = ("Traceback", "has a fault", "Exception ignored", "Fatal Python error", "ResourceWarning")


class Input(Enum):
    """The kinds of standard input."""

    PIPE = "a pipe that says nothing yet"
    NULL = "at its end"
    TERMINAL = "a terminal that controls the program"


def wait_until(holds: Callable[[], bool], what: str, limit_s: float = DEADLINE_S) -> float:
    """Wait until a condition holds, and return how long it took; fail with `what` if it does not.

    Raises:
        AssertionError: it did not hold in time.
    """
    began_s = time.monotonic()
    while not holds():
        if time.monotonic() - began_s > limit_s:
            raise AssertionError(f"within {limit_s:g} s not so: {what}")
        time.sleep(POLL_S)
    return time.monotonic() - began_s


class Peer:
    """One run of peer.py.

    Args:
        number: unique in its folder, for the names of its files.
        prefix: a command that runs it, such as one of another host.
        environment: changes to that of the tests, which has no screen.
        program: what runs peer.py, such as one that observes it.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        folder: Path,
        number: int,
        *,
        stdin: Input = Input.PIPE,
        prefix: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        program: Path = PEER,
    ) -> None:
        self.arguments = list(arguments)
        self._out, self._err = folder / f"{number}.out", folder / f"{number}.err"
        self._events = folder / f"{number}.events"
        told = [] if self.arguments[:1] == ["demo"] else [f"--events={self._events}"]
        self._terminal: int | None = None
        own = {name: value for name, value in os.environ.items() if name not in _NO_SCREEN}
        # Where the kernel supports it, it ends the program even if the tests are killed.
        guard = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
        terminal_end: int | None = None
        source: int = subprocess.DEVNULL
        if stdin is Input.PIPE:
            source = subprocess.PIPE
        elif stdin is Input.TERMINAL:
            self._terminal, terminal_end = pty.openpty()
            source = terminal_end
            # A new session with this as its terminal, so that Ctrl-C reaches the program.
            guard = ["setsid", "--ctty", *guard]
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(
                [*guard, *prefix, sys.executable, str(program), *self.arguments, *told],
                cwd=folder,
                env=own | dict(environment or {}),
                stdin=source,
                stdout=out,
                stderr=err,
            )
        if terminal_end is not None:
            os.close(terminal_end)

    # Output.

    @property
    def out(self) -> str:
        """All of its standard output so far."""
        return self._out.read_text("utf-8", "replace")

    @property
    def said(self) -> str:
        """All of its standard error so far."""
        return self._err.read_text("utf-8", "replace")

    def wait_said(self, text: str, *, times: int = 1, limit_s: float = DEADLINE_S) -> float:
        """Wait until it has printed `text` this many times; return how long that took, s."""
        began_s = time.monotonic()
        while True:
            # Checked before the file is read, so that the last lines of a peer that ended count.
            was_running = self.is_running
            if self.said.count(text) >= times:
                return time.monotonic() - began_s
            may_follow = was_running and time.monotonic() - began_s < limit_s
            assert may_follow, (
                f"{self.arguments} did not say {text!r} {times} times, but:\n{self.said}"
            )
            time.sleep(POLL_S)

    @property
    def events(self) -> list[dict[str, Any]]:
        """All events that it has reported so far."""
        if not self._events.exists():
            return []
        lines = self._events.read_text("utf-8").split("\n")
        return [json.loads(line) for line in lines[:-1]]

    def find_events(self, name: str, /, **fields: object) -> list[dict[str, Any]]:
        """Return its events of that name and with these fields so far."""
        wanted = {"event": name, **fields}.items()
        return [event for event in self.events if wanted <= event.items()]

    def wait_event(
        self, name: str, /, *, times: int = 1, limit_s: float = DEADLINE_S, **fields: object
    ) -> dict[str, Any]:
        """Wait until it has reported such an event this many times, and return the last one."""
        began_s = time.monotonic()
        while True:
            # Checked before the file is read, so that the last events of a peer that ended count.
            was_running = self.is_running
            found = self.find_events(name, **fields)
            if len(found) >= times:
                return found[times - 1]
            may_follow = was_running and time.monotonic() - began_s < limit_s
            assert may_follow, (
                f"{self.arguments} did not report {name} {fields} {times} times, but:\n"
                + "\n".join(map(str, self.events))
                + f"\n{self.said}"
            )
            time.sleep(POLL_S)

    @property
    def port(self) -> int:
        """The port of a listener; waits for it."""
        wait_until(
            lambda: "\n" in self.out or self.process.poll() is not None,
            f"{self.arguments} listens",
        )
        match = re.match(r"Listening on (\S+):(\d+)\n", self.out)
        assert match, f"{self.out!r}\n{self.said}"
        return int(match[2])

    def wait_call(self, *, times: int = 1) -> None:
        """Wait until that many calls have begun."""
        self.wait_event("accepted", times=times)

    # Input.

    def type_line(self, text: str) -> None:
        """Write a line to its standard input."""
        self.write(f"{text}\n".encode())

    def write(self, data: bytes) -> None:
        """Write to its standard input."""
        if self._terminal is not None:
            os.write(self._terminal, data)
        else:
            assert self.process.stdin is not None
            self.process.stdin.write(data)
            self.process.stdin.flush()

    def close_input(self) -> None:
        """End its standard input."""
        assert self.process.stdin is not None
        self.process.stdin.close()

    def close_terminal(self) -> None:
        """Close its terminal, as a user closes the window of a terminal."""
        assert self._terminal is not None
        os.close(self._terminal)
        self._terminal = None

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self.process.send_signal(number)

    # Its end.

    def wait(self, limit_s: float = DEADLINE_S) -> int:
        """Wait for its end and return its status."""
        try:
            return self.process.wait(limit_s)
        except subprocess.TimeoutExpired:
            raise AssertionError(
                f"{self.arguments} has not ended within {limit_s:g} s; it said:\n{self.said}"
            ) from None

    def ends(self, limit_s: float = END_S) -> int:
        """Wait for its end, which must come within the promised limit, and return its status."""
        return self.wait(limit_s + SLACK_S)

    def ends_without_call(self) -> int:
        """Wait for the end of a caller that gets no call, within the promised limit.

        The limit begins when it starts to dial: on a busy computer its start may take seconds.
        """
        self.wait_event("calling")
        return self.wait(NO_CALL_S + SLACK_S)

    @property
    def is_running(self) -> bool:
        """True until it has ended."""
        return self.process.poll() is None

    def kill(self) -> None:
        """Kill it if it still runs, and close its input."""
        if self.is_running:
            self.process.kill()
        self.process.wait()
        if self.process.stdin is not None:
            with contextlib.suppress(OSError):
                self.process.stdin.close()
        if self._terminal is not None:
            os.close(self._terminal)
            self._terminal = None

    def faults(self) -> str:
        """Return its standard error if that reports a fault of the program, else an empty text."""
        return self.said if any(fault in self.said for fault in _FAULTS) else ""


def read_statistics(text: str) -> list[dict[str, Any]]:
    """Return the lines of a statistics file."""
    return [json.loads(line) for line in text.splitlines()]


class StartPeer(Protocol):
    """Starts peer.py with a command and options."""

    def __call__(
        self,
        *arguments: str,
        stdin: Input = Input.PIPE,
        prefix: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        program: Path = PEER,
    ) -> Peer: ...
