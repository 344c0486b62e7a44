"""The queue of packets for a recording. Media threads put, the recording thread takes.

When it is full, since the disk is slow, the newest packet is dropped and counted. So no thread of
the call ever waits for the disk.
"""

from threading import Condition

from media.recording.tracks import RecordedPacket

MAX_BYTES = 32 * 1024 * 1024
"""Half a minute at 8 Mbit/s."""
MAX_PACKETS = 8192
"""A minute of two voices and two pictures."""


class PacketQueue:
    """A bounded queue of packets."""

    def __init__(self) -> None:
        self.dropped = 0
        """Packets for which there was no room."""
        self._condition = Condition()
        self._packets: list[RecordedPacket] = []
        self._bytes = 0
        self._is_closed = False

    def put(self, packet: RecordedPacket) -> None:
        """Add a packet, unless the queue is full or closed. Never waits for the disk."""
        with self._condition:
            if self._is_closed:
                return
            size_bytes = len(packet.payload)
            if len(self._packets) >= MAX_PACKETS or self._bytes + size_bytes > MAX_BYTES:
                self.dropped += 1
                return
            self._packets.append(packet)
            self._bytes += size_bytes

    def take_all(self, timeout_s: float) -> list[RecordedPacket]:
        """Return all packets, after `timeout_s` or as soon as the queue is closed."""
        with self._condition:
            self._condition.wait_for(lambda: self._is_closed, timeout_s)
            packets, self._packets = self._packets, []
            self._bytes = 0
        return packets

    def close(self) -> None:
        """Take no more packets, and wake the recording thread. Any thread."""
        with self._condition:
            self._is_closed = True
            self._condition.notify_all()

    @property
    def is_closed(self) -> bool:
        """True once it takes no more packets."""
        with self._condition:
            return self._is_closed
