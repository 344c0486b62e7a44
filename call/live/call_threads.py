"""Call threads: the threads of one call, and the events that they post. Any thread.

Each event carries the call's number, so that the session can tell it from those of an earlier call.
"""

from collections.abc import Callable
from threading import Thread

from call.inbox import ControlCame, Inbox, ThreadEnded
from core.priority import prefer_this_thread
from core.threads import Threads
from net.protocol.control import Control

SOUND_THREADS = ("microphone", "speaker", "send", "receive")
"""The threads that sound passes through. They run with priority."""


class CallThreads:
    """The threads of one call.

    Args:
        number: the number of the call.
    """

    def __init__(self, number: int, threads: Threads, inbox: Inbox) -> None:
        self.number = number
        self._threads = threads
        self._inbox = inbox
        self._started: dict[str, Thread] = {}

    def start(self, name: str, body: Callable[[], None]) -> None:
        """Run `body` in a new thread, which posts its end."""

        def run() -> None:
            if name in SOUND_THREADS:
                prefer_this_thread()
            body()

        self._started[name] = self._threads.start(
            name, run, lambda error: self.post_end(name, error)
        )

    def has_started(self, name: str) -> bool:
        """Return whether the thread with that name was started."""
        return name in self._started

    def post_end(self, name: str, error: BaseException | None) -> None:
        """Post the end of a thread."""
        self._inbox.post(ThreadEnded(name, error, self.number))

    def post_control(self, control: Control, came_us: int) -> bool:
        """Post a control message for the call thread; return False if the inbox drops it."""
        return self._inbox.post(ControlCame(self.number, control, came_us))

    def join(self, limit_s: float, *names: str) -> bool:
        """Wait for the threads with these names, or for all; return whether they have ended."""
        threads = [self._started[name] for name in names or self._started]
        return not self._threads.join(limit_s, threads)
