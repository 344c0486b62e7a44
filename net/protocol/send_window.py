"""The send window: how much video may be in flight. Pure: no I/O, no clock.

Packets are in flight from the moment they enter the outbox until feedback acknowledges them. A new
picture may be encoded while the bytes in flight are fewer than the target bitrate carries in a
round trip + feedback interval + 50 ms. Two packets, and one more for each 66 ms of the round trip,
may always be in flight. A decoder that lags behind closes the window. So a distant peer still gets
the full rate, and a slow link skips pictures instead of queueing them.
"""

from net.errors import ProtocolError

SLACK_US = 50_000
MAX_RTT_US = 1_000_000
"""A longer round trip counts as this long, since the peer could forge half of it."""
ALWAYS_PACKETS = 2
"""Packets that may be in flight at any bitrate."""
PACKET_INTERVAL_US = 66_000
"""One more packet may always be in flight for each such part of the round trip: 15 pictures a
second pass at any bitrate."""
DECODER_LAG_PACKETS = 4
"""This many packets waiting for the peer's decoder close the window."""


class SendWindow:
    """The send window of one direction's video."""

    def __init__(self) -> None:
        self._sent_bytes = 0
        self._sent_packets = 0
        self._arrived_bytes = 0
        self._arrived_packets = 0
        self._decoded = 0

    @property
    def in_flight_bytes(self) -> int:
        """Encoded bytes sent to the outbox and not yet acknowledged."""
        return self._sent_bytes - self._arrived_bytes

    @property
    def in_flight_packets(self) -> int:
        """Packets sent to the outbox and not yet acknowledged as complete."""
        return self._sent_packets - self._arrived_packets

    @property
    def is_decoder_behind(self) -> bool:
        """True while too many packets wait for the peer's decoder."""
        return self._arrived_packets - self._decoded >= DECODER_LAG_PACKETS

    def on_sent(self, packet_bytes: int) -> None:
        """Count a packet that has entered the outbox."""
        self._sent_bytes += packet_bytes
        self._sent_packets += 1

    def on_feedback(self, arrived_bytes: int, arrived_packets: int, decoded: int) -> None:
        """Update the window from the peer's counts since accept.

        Raises:
            ProtocolError: a count exceeds what was sent, or has fallen.
        """
        if not (
            self._arrived_bytes <= arrived_bytes <= self._sent_bytes
            and self._arrived_packets <= arrived_packets <= self._sent_packets
            and self._decoded <= decoded <= arrived_packets
        ):
            raise ProtocolError("The other side sent feedback with impossible counts")
        self._arrived_bytes = arrived_bytes
        self._arrived_packets = arrived_packets
        self._decoded = decoded

    def has_room(self, target_bps: int, base_rtt_us: int, feedback_interval_us: int) -> bool:
        """Return whether another picture may be encoded now."""
        if self.is_decoder_behind:
            return False
        round_trip_us = min(base_rtt_us, MAX_RTT_US)
        if self.in_flight_packets < ALWAYS_PACKETS + round_trip_us // PACKET_INTERVAL_US:
            return True
        allowed_us = round_trip_us + feedback_interval_us + SLACK_US
        return self.in_flight_bytes * 8_000_000 < target_bps * allowed_us
