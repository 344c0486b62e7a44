"""Signals that end the program, as bytes in a socket that the interface watches. Main thread only.

Python runs its signal handlers between two of its own instructions, and there are none while Qt or
a selector waits. `signal.set_wakeup_fd` writes each signal's number into a socket instead.
"""

import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from core.signals import HANGUP, QUIT_SIGNALS


class SignalWakeup:
    """Catches the signals from the start of the interface to the end of the program."""

    def __init__(self) -> None:
        self.socket, self._writer = socket.socketpair()
        """The end that the interface reads; closed by `close`."""
        self._writer.setblocking(False)

    def catch(self) -> None:
        """Have signals arrive in the socket from now on."""
        signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        for number in QUIT_SIGNALS:
            if not (
                number == HANGUP and signal.getsignal(number) is signal.SIG_IGN
            ):  # As under nohup.
                signal.signal(number, _ignore)

    def close(self) -> None:
        """Ignore signals from now on: a second Ctrl-C while the program leaves adds nothing."""
        signal.set_wakeup_fd(-1)
        # Python restores the system's handlers before it has left, but no handler that is ignored.
        with _no_report_of_late_signals():
            for number in QUIT_SIGNALS:
                signal.signal(number, signal.SIG_IGN)
        self.socket.close()
        self._writer.close()


def _ignore(number: int, frame: object) -> None:
    """Do nothing: the byte in the socket is enough."""


@contextmanager
def _no_report_of_late_signals() -> Iterator[None]:
    """Keep Python from reporting a signal that arrives just before it begins to be ignored.

    Python then has no handler to run for it, and prints "Signal 2 ignored due to race condition".
    """
    report = sys.unraisablehook

    def report_others(unraisable: "sys.UnraisableHookArgs") -> None:
        if not issubclass(unraisable.exc_type, OSError):
            report(unraisable)

    sys.unraisablehook = report_others
    try:
        yield
    finally:
        sys.unraisablehook = report
