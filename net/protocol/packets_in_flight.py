"""Packets in flight: the video packets of one direction until they have arrived. Pure: no clock."""

from collections import deque

import msgspec

from net.protocol.fragments import MIN_FRAGMENT_BYTES


class PacketInFlight(msgspec.Struct):
    """A video packet on its way.

    Attributes:
        end_bytes: all encoded bytes up to its end.
        first_bytes: those of its first fragment, on a small link.
        queued_us: when it entered the outbox.
        fragments: how many of its fragments have not left the outbox.
        is_paced: its fragments leave one by one.
        departed_us: when its first fragment left the outbox; None while it waits.
        sent_us: when its last one did.
    """

    end_bytes: int
    first_bytes: int
    queued_us: int
    fragments: int
    is_paced: bool
    departed_us: int | None = None
    sent_us: int | None = None


class PacketsInFlight:
    """The packets that are queued or on their way, in order."""

    def __init__(self) -> None:
        self._packets: deque[PacketInFlight] = deque()
        self._queued_bytes = 0

    def on_queued(self, packet_bytes: int, fragments: int, now_us: int, *, is_paced: bool) -> None:
        """Add a packet that enters the outbox."""
        self._queued_bytes += packet_bytes
        first_bytes = min(packet_bytes, MIN_FRAGMENT_BYTES)
        self._packets.append(
            PacketInFlight(self._queued_bytes, first_bytes, now_us, fragments, is_paced)
        )

    def on_departed(self, now_us: int) -> None:
        """Note that the next fragment has left the outbox."""
        for packet in self._packets:
            if packet.fragments:
                packet.fragments -= 1
                if packet.departed_us is None:
                    packet.departed_us = now_us
                if not packet.fragments:
                    packet.sent_us = now_us
                return

    def arrived(self, video_bytes: int) -> PacketInFlight | None:
        """Forget the packets before the one that holds the newest byte to arrive; return that one.

        Args:
            video_bytes: the encoded bytes that have arrived since accept.
        """
        while self._packets and self._packets[0].end_bytes < video_bytes:
            self._packets.popleft()
        return self._packets[0] if self._packets else None

    @property
    def are_paced(self) -> bool:
        """True if the fragments of the oldest packet leave one by one."""
        return bool(self._packets) and self._packets[0].is_paced
