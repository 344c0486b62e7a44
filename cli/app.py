"""The app: one run of a listener or a caller, from the composed parts to the exit status.

Main thread, which runs the window or the terminal. Ends the process by force if a device or a
look-up cannot be interrupted. Only `peer.py` does so too, while libraries load.
"""

import contextlib
import logging
import os
import sys
from typing import NoReturn

import msgspec

from call.endings import ending_of_error
from call.inbox import Inbox, ScreenGone
from call.session.session import Session
from cli.signal_wakeup import SignalWakeup
from core.exit_status import ExitStatus
from core.priority import ProcessPriority
from core.threads import Threads
from ui.terminal.keyboard import Keyboard
from ui.user_interface import ScreenLost, UserInterface
from ui.view import UserEvent
from ui.wording.endings import word_ending

_log = logging.getLogger(__name__)

END_S = 1.3
"""Time limit for the call thread, which closes the interface as its last step."""
JOIN_S = 0.6
"""Time limit for threads still in a device; a bye takes 1 s at most, and every end 2 s."""


class App(msgspec.Struct, frozen=True):
    """Everything that one run starts and joins; composed in `cli.listen` and `cli.connect`."""

    session: Session
    interface: UserInterface
    inbox: Inbox
    threads: Threads
    keyboard: Keyboard
    signals: SignalWakeup

    def run(self) -> ExitStatus:
        """Run session and interface to their end, and return the exit status."""
        # Only now: a failure before this would leave the terminal's session with our priority.
        priority = ProcessPriority()
        priority.request()
        self.threads.start("keyboard", self.keyboard.loop)
        call = self.threads.start("call", self.session.run, self._on_call_thread_end)
        try:
            self.interface.run()
        except ScreenLost as error:
            self.inbox.post(ScreenGone(error))
        finally:
            self.inbox.post(UserEvent.QUIT)
            self.keyboard.close()
            self.threads.join(END_S, [call])
            priority.restore()
        remaining = self.threads.join(JOIN_S)
        self.signals.close()
        if remaining:
            _leave(self.session.exit_status, remaining)
        return self.session.exit_status

    def _on_call_thread_end(self, error: BaseException | None) -> None:
        if error is not None:
            _log.error("%s", word_ending(ending_of_error(error, after_accept=False)).line)
        self.interface.close()


def _leave(status: ExitStatus, remaining: list[str]) -> NoReturn:
    """End the process although threads are in calls that cannot be interrupted."""
    _log.debug("left without waiting for %s", ", ".join(remaining))
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(status)
