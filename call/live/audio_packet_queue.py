"""Audio packet queue: packets between the receive thread and the speaker thread.

Bounded. When it is full, it drops the oldest packet and counts it. The speaker thread empties it
every 10 ms; a packet that waits longer is too late to be heard.
"""

from collections import deque
from threading import Condition

from media.packet import AudioPacket

CAPACITY_PACKETS = 128
"""More than a second at the shortest length."""


class AudioPacketQueue:
    """The packets that wait for the speaker thread.

    Attributes:
        dropped: the number of packets dropped.
    """

    def __init__(self) -> None:
        self.dropped = 0
        self._condition = Condition()
        self._is_closed = False
        self._packets: deque[tuple[AudioPacket, int]] = deque()

    def put(self, packet: AudioPacket, arrived_us: int) -> None:
        """Add a packet. Never blocks for the reader."""
        with self._condition:
            if len(self._packets) >= CAPACITY_PACKETS:
                self._packets.popleft()
                self.dropped += 1
            self._packets.append((packet, arrived_us))
            self._condition.notify()

    def wait(self, timeout_s: float) -> bool:
        """Wait for a packet; return whether there is one."""
        with self._condition:
            self._condition.wait_for(lambda: self._is_closed or self._packets, timeout_s)
            return bool(self._packets)

    def close(self) -> None:
        """End a wait."""
        with self._condition:
            self._is_closed = True
            self._condition.notify()

    def take_all(self) -> list[tuple[AudioPacket, int]]:
        """Return the waiting packets, oldest first, each with its arrival time."""
        with self._condition:
            packets = list(self._packets)
            self._packets.clear()
        return packets
