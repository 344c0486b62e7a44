"""One thread uses a thing, any thread may close it. Holds a lock only to look at its own state.

Devices, decoders and sockets must not be released while another thread is inside them. Whoever
closes the gate while it is in use only leaves word; the thread inside releases on its way out.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Lock

from media.errors import SourceError


class SourceClosedError(SourceError):
    """The source was closed, by us; nothing is wrong with it."""

    def __init__(self) -> None:
        super().__init__("The source was closed")


class UseGuard:
    """Keeps `release` from running while a thread is inside, and runs it exactly once.

    Args:
        release: frees what the gate protects; called by whichever thread is last.
        interrupt: wakes a thread that waits inside; must be safe to call at any time.
    """

    def __init__(
        self, release: Callable[[], None], interrupt: Callable[[], None] | None = None
    ) -> None:
        self.closed = Event()
        """Set by `close`; what waits inside waits on this."""
        self._release = release
        self._interrupt = interrupt
        self._lock = Lock()
        self._is_in_use = False
        self._is_released = False

    @contextmanager
    def use(self) -> Iterator[None]:
        """Stay inside for the length of the block.

        Raises SourceClosedError after `close`, also in place of what the closing made fail inside.
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

    def close(self) -> None:
        """Close for good; any thread, any number of times. Does not wait for a thread inside."""
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
