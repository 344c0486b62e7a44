"""Audio packet queue: packets between the receive thread and the speaker thread.

Bounded. When it is full, it drops the oldest packet and counts it. The speaker thread empties it
every 10 ms; a packet that waits longer is too late to be heard.
"""

from collections import deque
from threading import Lock

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
        self._lock = Lock()
        self._packets: deque[tuple[AudioPacket, int]] = deque()

    def put(self, packet: AudioPacket, arrived_us: int) -> None:
        """Add a packet. Never blocks for the reader."""
        with self._lock:
            if len(self._packets) >= CAPACITY_PACKETS:
                self._packets.popleft()
                self.dropped += 1
            self._packets.append((packet, arrived_us))

    def take_all(self) -> list[tuple[AudioPacket, int]]:
        """Return the waiting packets, oldest first, each with its arrival time."""
        with self._lock:
            packets = list(self._packets)
            self._packets.clear()
        return packets
