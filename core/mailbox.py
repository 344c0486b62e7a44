"""A mailbox that holds only the newest value. Any thread may write or read.

Reading does not empty it: each reader passes the number of the last value that it saw. A new value
overwrites the old one, whether or not a slow reader has seen it, so no writer waits and nothing
queues.
"""

from threading import Condition
from typing import Generic, TypeVar

T = TypeVar("T")


class Mailbox(Generic[T]):
    """The newest value of a stream, and the number of values so far."""

    def __init__(self) -> None:
        self._condition = Condition()
        self._number = 0
        self._value: T | None = None
        self._is_closed = False

    def put(self, value: T) -> None:
        """Replace the value and wake all readers. Never waits for a reader."""
        with self._condition:
            self._number += 1
            self._value = value
            self._condition.notify_all()

    def peek(self) -> tuple[int, T | None]:
        """Return the newest value's number and the value; (0, None) before the first."""
        with self._condition:
            return self._number, self._value

    def wait_newer(self, seen: int, timeout_s: float) -> tuple[int, T | None]:
        """Wait for a value numbered above `seen`; return its number and the value.

        Blocks for at most `timeout_s`; then, or after `close`, returns (seen, None).
        """
        with self._condition:
            self._condition.wait_for(lambda: self._number > seen or self._is_closed, timeout_s)
            if self._number > seen:
                return self._number, self._value
            return seen, None

    def close(self) -> None:
        """End all present and future waits at once."""
        with self._condition:
            self._is_closed = True
            self._condition.notify_all()
