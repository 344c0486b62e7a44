"""The only module that starts threads, and the one place where a thread's body ends.

A thread that ends, well or badly, is reported with the error that ended it; who is told decides
what it means. All are joined against one deadline. A look-up or a device that cannot be interrupted
may outlast it: such threads are named, and the program leaves without them.
"""

import logging
from collections.abc import Callable
from threading import Lock, Thread

from core.clock import Deadline, now_us

_log = logging.getLogger(__name__)


class Threads:
    """All threads of one program.

    Args:
        clock_us: the clock that limits are measured on; tests give their own.
    """

    def __init__(self, clock_us: Callable[[], int] = now_us) -> None:
        self._clock_us = clock_us
        self._lock = Lock()
        self._running: list[Thread] = []

    def start(
        self,
        name: str,
        body: Callable[[], None],
        on_end: Callable[[BaseException | None], object] = lambda error: None,
    ) -> Thread:
        """Run `body` in a thread of that name.

        Args:
            on_end: called in the thread itself with what ended it: an error, or None.
        """

        def run() -> None:
            error: BaseException | None = None
            try:
                body()
            # The one broad `except`: a thread's end, recorded and told to `on_end`. What libraries
            # raise past `Exception` counts too, or the call would go on without the thread.
            except BaseException as raised:  # noqa: BLE001
                error = raised
                _log.debug("thread %s ended", name, exc_info=True)
            on_end(error)

        thread = Thread(target=run, name=name, daemon=True)
        with self._lock:
            thread.start()
            self._running = [other for other in self._running if other.is_alive()]
            self._running.append(thread)
        return thread

    def join(self, limit_s: float, threads: list[Thread] | None = None) -> list[str]:
        """Wait until threads have ended, all by default, for at most `limit_s` together.

        Returns:
            The names of those that have not.
        """
        deadline = Deadline(limit_s, self._clock_us)
        with self._lock:
            joined = list(self._running) if threads is None else threads
        for thread in joined:
            thread.join(deadline.left_s)
        return [thread.name for thread in joined if thread.is_alive()]
