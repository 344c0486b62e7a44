"""The program's threads: their start, their end and their joining. Any thread.

No other module starts threads. Each thread reports how it ended, and `on_end` decides what that
means. All threads are joined against one deadline. A thread that waits for a look-up or
a device cannot be interrupted and may outlast the deadline; `join` returns its name, and the
program exits without it.
"""

import logging
from collections.abc import Callable
from threading import Lock, Thread

from core.clock import Deadline, now_us

_log = logging.getLogger(__name__)


class Threads:
    """All threads of one program.

    Args:
        clock_us: the clock that measures time limits; tests pass their own.
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
        """Run `body` in a new thread with that name. Raises MemoryError if none can be started.

        Args:
            on_end: called in the new thread with the error that ended it, or None.
        """

        def run() -> None:
            error: BaseException | None = None
            try:
                body()
            # The one broad `except`: some libraries raise errors that are not an `Exception`, and
            # if one did not reach `on_end`, the call would go on without this thread.
            except BaseException as raised:  # noqa: BLE001 - reported to `on_end`
                error = raised
                _log.debug("thread %s ended", name, exc_info=True)
            try:
                on_end(error)
            finally:
                # Its traceback holds this frame: a circle would keep all that the body used.
                error = None

        thread = Thread(target=run, name=name, daemon=True)
        with self._lock:
            try:
                thread.start()
            except RuntimeError as error:  # its stack takes memory, or the system limits threads
                raise MemoryError("no thread can be started") from error
            self._running = [other for other in self._running if other.is_alive()]
            self._running.append(thread)
        return thread

    def join(self, limit_s: float, threads: list[Thread] | None = None) -> list[str]:
        """Wait for threads to end, for at most `limit_s` seconds in total.

        Args:
            threads: the threads to wait for; all by default.
        Returns:
            The names of the threads that still run.
        """
        deadline = Deadline(limit_s, self._clock_us)
        with self._lock:
            joined = list(self._running) if threads is None else threads
        for thread in joined:
            thread.join(deadline.left_s)
        return [thread.name for thread in joined if thread.is_alive()]
