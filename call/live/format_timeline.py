"""Format timeline: the announced format of each packet. Receive thread adds, a decoder asks.

Control overtakes media, so a format names its first packet; earlier packets keep the format before.
Bounded: it forgets the oldest formats.
"""

from threading import Lock
from typing import Generic, TypeVar

from net.errors import ProtocolError

F = TypeVar("F")


class FormatTimeline(Generic[F]):
    """The formats that the other peer announced for one direction.

    Args:
        medium: its name in errors, such as "video".
        capacity: the number of formats to keep; more than packets can wait, so that each waiting
            packet has its format.
    """

    def __init__(self, medium: str, capacity: int) -> None:
        self._medium = medium
        self._capacity = capacity
        self._lock = Lock()
        self._formats: list[tuple[int, F]] = []

    def add(self, from_sequence: int, announced: F) -> None:
        """Store the format of the packets from `from_sequence` on.

        Raises:
            ProtocolError: it is out of order.
        """
        with self._lock:
            if self._formats and from_sequence < self._formats[-1][0]:
                raise ProtocolError(
                    f"the other side announced a {self._medium} format out of order"
                )
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
        raise ProtocolError(f"a {self._medium} packet came before its format")
