"""Guard of a resource that one thread uses and any thread may close.

A device, decoder or socket must not be released while another thread is inside a call to it. If it
is closed while in use, the thread that uses it releases it when it leaves. The lock protects the
guard's own state, and is not held during `release` or `interrupt`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Lock

from media.errors import SourceError

_US_PER_S = 1_000_000


class SourceClosedError(SourceError):
    """We closed the source; nothing is wrong with it."""

    def __init__(self) -> None:
        super().__init__("The source was closed")


class UseGuard:
    """A guard that calls `release` exactly once, and never while a thread is inside.

    Args:
        release: frees the resource; called by the last thread to leave, or by `close`.
        interrupt: wakes a thread that waits inside; must be safe to call at any time.
    """

    def __init__(
        self, release: Callable[[], None], interrupt: Callable[[], None] | None = None
    ) -> None:
        self.closed = Event()
        """Set by `close`; a thread inside waits on this event instead of sleeping."""
        self._release = release
        self._interrupt = interrupt
        self._lock = Lock()
        self._is_in_use = False
        self._is_released = False

    @contextmanager
    def use(self) -> Iterator[None]:
        """Use the resource within a `with` block.

        Raises SourceClosedError after `close`, also in place of a SourceError raised in the block.
        """
        with self._lock:
            if self.closed.is_set():
                raise SourceClosedError
            self._is_in_use = True
        try:
            yield
        except SourceError as error:
            if self.closed.is_set() and not isinstance(error, SourceClosedError):
                raise SourceClosedError from error
            raise
        finally:
            with self._lock:
                self._is_in_use = False
                must_release = self._claim_release()
            if must_release:
                self._release()

    def wait(self, wait_us: int, timeout_us: int) -> bool:
        """Wait inside a `with` block; return whether the whole wait has passed.

        Returns False after `close`, and after the timeout if that is shorter than the wait.
        """
        is_closed = self.closed.wait(min(wait_us, timeout_us) / _US_PER_S)
        return not is_closed and wait_us <= timeout_us

    def close(self) -> None:
        """Close for good, without waiting for a thread inside. Any thread, any number of times."""
        self.closed.set()
        with self._lock:
            must_release = self._claim_release()
            must_interrupt = self._is_in_use
        if must_release:
            self._release()
        elif must_interrupt and self._interrupt is not None:
            self._interrupt()

    def _claim_release(self) -> bool:
        if not self.closed.is_set() or self._is_in_use or self._is_released:
            return False
        self._is_released = True
        return True
