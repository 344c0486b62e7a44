"""Call threads: the threads of one call, and the events that they post. Any thread.

Each event carries the call's number, so that the session can tell it from those of an earlier call.
"""

from collections.abc import Callable
from threading import Thread

from call.inbox import ControlCame, Inbox, ThreadEnded
from core.priority import prefer_this_thread
from core.threads import Threads
from net.protocol.control import Control
from net.protocol.resume import FIRST_GENERATION

SOUND_THREADS = ("microphone", "speaker", "send", "receive")
"""The threads that sound passes through. They run with priority."""
SUCCEEDING_THREADS = ("receive", "decode")
"""On a new link, each of these waits for the one before, so that none handles what it left."""


class CallThreads:
    """The threads of one call.

    Args:
        number: the number of the call.
    """

    def __init__(self, number: int, threads: Threads, inbox: Inbox) -> None:
        self.number = number
        self._threads = threads
        self._inbox = inbox
        self._started: dict[str, list[Thread]] = {}

    def start(self, name: str, body: Callable[[], None], link: int = 0) -> Thread:
        """Run `body` in a new thread, which posts its end.

        Args:
            link: the generation of the link that it serves, or 0 if it serves the whole call.
        """
        before = [thread for thread in self._started.get(name, []) if thread.is_alive()]

        def run() -> None:
            if name in SUCCEEDING_THREADS:
                for thread in before:
                    thread.join()
            if name in SOUND_THREADS:
                prefer_this_thread()
            body()

        thread = self._threads.start(name, run, lambda error: self.post_end(name, error, link))
        self._started[name] = [*before, thread]
        return thread

    def has_started(self, name: str) -> bool:
        """Return whether the thread with that name was started."""
        return name in self._started

    def post_end(self, name: str, error: BaseException | None, link: int = 0) -> None:
        """Post the end of a thread."""
        self._inbox.post(ThreadEnded(name, error, self.number, link))

    def post_control(self, control: Control, came_us: int, link: int = FIRST_GENERATION) -> bool:
        """Post a control message for the call thread; return False if the inbox drops it."""
        return self._inbox.post(ControlCame(self.number, control, came_us, link))

    def join(self, limit_s: float, *names: str) -> bool:
        """Wait for the threads with these names, or for all; return whether they have ended."""
        threads = [thread for name in names or self._started for thread in self._started[name]]
        return not self._threads.join(limit_s, threads)
