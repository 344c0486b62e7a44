"""Video packet queue: complete packets between the receive thread and the decode thread.

Bounded. When it is full, it discards every packet up to the next keyframe, since the chain is
broken anyway; `take` reports them, and the decode thread requests a keyframe.
"""

from collections import deque
from threading import Condition

from media.packet import VideoPacket

CAPACITY_PACKETS = 32
"""A second of pictures; the sender's window holds far fewer."""
CAPACITY_BYTES = 6 * 1024 * 1024
"""More than the largest packet, so that one packet always fits."""


class VideoPacketQueue:
    """The packets that wait for the decoder."""

    def __init__(self) -> None:
        self._condition = Condition()
        self._packets: deque[VideoPacket] = deque()
        self._bytes = 0
        self._needs_keyframe = False
        self._discarded = 0
        self._is_closed = False

    def put(self, packet: VideoPacket) -> None:
        """Add a packet, or discard it. Never waits for the decoder."""
        with self._condition:
            size = len(packet.payload)
            if len(self._packets) >= CAPACITY_PACKETS or self._bytes + size > CAPACITY_BYTES:
                self._discarded += len(self._packets)
                self._packets.clear()
                self._bytes = 0
                self._needs_keyframe = True
            if self._needs_keyframe and not packet.is_keyframe:
                self._discarded += 1
            else:
                self._needs_keyframe = False
                self._packets.append(packet)
                self._bytes += size
            self._condition.notify()

    def take(self, timeout_s: float) -> tuple[VideoPacket | None, int]:
        """Return the next packet, or None after `timeout_s`, and the number discarded before it."""
        with self._condition:
            self._condition.wait_for(
                lambda: self._packets or self._discarded or self._is_closed, timeout_s
            )
            discarded, self._discarded = self._discarded, 0
            if not self._packets or self._is_closed:
                return None, discarded
            packet = self._packets.popleft()
            self._bytes -= len(packet.payload)
            return packet, discarded

    @property
    def is_empty(self) -> bool:
        """True while no packet waits."""
        with self._condition:
            return not self._packets

    @property
    def is_closed(self) -> bool:
        """True once `close` was called."""
        return self._is_closed

    def close(self) -> None:
        """End every wait."""
        with self._condition:
            self._is_closed = True
            self._condition.notify_all()
