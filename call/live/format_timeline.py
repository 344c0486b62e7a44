"""Format timeline: which announced format each packet has. The receive thread adds, a decoder asks.

Control overtakes media, so a format names the first packet that has it; the packets before keep the
former one. Bounded: it forgets the oldest formats.
"""

from threading import Lock
from typing import Generic, TypeVar

from net.errors import ProtocolError

F = TypeVar("F")


class FormatTimeline(Generic[F]):
    """The formats that the other peer announced for one direction.

    Args:
        what: names the medium in errors, such as "picture".
        capacity: how many formats it keeps; more than packets can wait, so that each that waits has
            its format.
    """

    def __init__(self, what: str, capacity: int) -> None:
        self._what = what
        self._capacity = capacity
        self._lock = Lock()
        self._formats: list[tuple[int, F]] = []

    def add(self, from_sequence: int, announced: F) -> None:
        """Store the format of the packets from `from_sequence` on.

        Raises:
            ProtocolError: it goes back in time.
        """
        with self._lock:
            if self._formats and from_sequence < self._formats[-1][0]:
                raise ProtocolError(f"the other side announced a {self._what} format out of order")
            kept = self._formats[1 - self._capacity :]
            self._formats = [*kept, (from_sequence, announced)]

    def find(self, sequence: int) -> F:
        """Return the format of a packet.

        Raises:
            ProtocolError: none was announced for it.
        """
        with self._lock:
            for from_sequence, announced in reversed(self._formats):
                if from_sequence <= sequence:
                    return announced
        raise ProtocolError(f"a {self._what} packet came before its format")
