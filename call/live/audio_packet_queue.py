"""Sound packets on their way from the receive to the speaker thread.

Bounded: when it is full, the oldest is dropped and counted. The speaker thread empties it each
10 ms; what waits here longer is too late to be heard.
"""

from collections import deque
from threading import Lock

from media.packet import AudioPacket

CAPACITY_PACKETS = 128
"""More than a second at the shortest length."""


class AudioPacketQueue:
    """The packets that wait for the speaker thread.

    Attributes:
        dropped: how many there was no place for.
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
        """Return all packets that wait, oldest first, and when each came."""
        with self._lock:
            packets = list(self._packets)
            self._packets.clear()
        return packets
