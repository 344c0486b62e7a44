"""A mailbox that holds one value, the newest. Any thread may write, any number may read.

It is read, not emptied: each reader passes the number of what it saw last. When a reader is slow,
the value there is overwritten; nobody waits for it, and nothing is queued.
"""

from threading import Condition
from typing import Generic, TypeVar

T = TypeVar("T")


class Mailbox(Generic[T]):
    """The newest value of a stream, with a number that counts how many there were."""

    def __init__(self) -> None:
        self._condition = Condition()
        self._number = 0
        self._value: T | None = None
        self._is_closed = False

    def put(self, value: T) -> None:
        """Replace the value and wake all readers. Never blocks for a reader."""
        with self._condition:
            self._number += 1
            self._value = value
            self._condition.notify_all()

    def peek(self) -> tuple[int, T | None]:
        """Return the number of the newest value and the value; (0, None) before the first."""
        with self._condition:
            return self._number, self._value

    def wait_newer(self, seen: int, timeout_s: float) -> tuple[int, T | None]:
        """Return the newest value as soon as its number is greater than `seen`.

        Blocks for at most `timeout_s`; then, or after `close`, returns (seen, None).
        """
        with self._condition:
            self._condition.wait_for(lambda: self._number > seen or self._is_closed, timeout_s)
            if self._number > seen:
                return self._number, self._value
            return seen, None

    def close(self) -> None:
        """Let every present and future wait for something newer end at once."""
        with self._condition:
            self._is_closed = True
            self._condition.notify_all()
