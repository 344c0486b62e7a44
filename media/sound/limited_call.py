"""Limited call: one that may never return, in a thread of its own, waited for only so long."""

from collections.abc import Callable
from threading import Condition
from typing import Generic, TypeVar

from core.threads import Threads

Result = TypeVar("Result")


class LimitedCall(Generic[Result]):
    """Starts at once.

    Args:
        name: the name of its thread.
        body: the call. Its errors are those of `wait`.
        on_late: called in that thread with a result for which nobody waits any more.

    Raises MemoryError if no thread can be started.
    """

    def __init__(
        self,
        name: str,
        body: Callable[[], Result],
        on_late: Callable[[Result], object] = lambda result: None,
    ) -> None:
        self._body = body
        self._on_late = on_late
        self._changed = Condition()
        self._results: list[Result] = []
        self._error: BaseException | None = None
        self._is_over = self._is_given_up = False
        self._thread = Threads().start(name, self._run, self._end)

    @property
    def is_running(self) -> bool:
        """True until the call has returned, and `on_late` too if it was called. Any thread."""
        return self._thread.is_alive()

    def wait(self, limit_s: float) -> Result:
        """Return the result, or raise the call's error, or TimeoutError. Call it once."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._is_over, limit_s):
                self._is_given_up = True
                raise TimeoutError
        if self._error is not None:
            raise self._error
        return self._results.pop()

    def _run(self) -> None:
        result = self._body()
        with self._changed:
            self._results.append(result)
            self._is_over = True
            self._changed.notify()
        if self._is_given_up:
            self._on_late(result)

    def _end(self, error: BaseException | None) -> None:
        with self._changed:
            if not self._is_over:
                self._error = error
            self._is_over = True
            self._changed.notify()
