"""How much may be under way. Pure: the time is an argument.

In flight is what was handed to the outbox less what feedback says arrived. There is room while that
is less than the target rate carries in (fastest round trip + feedback interval + 50 ms), and always
for two packets. A decoder that lags counts as a full link. So a full rate goes over a long way too,
and a link that is too small skips pictures instead of queueing them.
"""

from net.errors import ProtocolError

SLACK_US = 50_000
MAX_RTT_US = 1_000_000
"""Of a round trip that counts: half of it is what the other side claims."""
ALWAYS_PACKETS = 2
DECODER_LAG_PACKETS = 4
"""Complete packets that wait for the other side's decoder at most."""


class SendWindow:
    """What of one direction's pictures is under way."""

    def __init__(self) -> None:
        self._sent_bytes = 0
        self._sent_packets = 0
        self._arrived_bytes = 0
        self._arrived_packets = 0
        self._decoded = 0

    @property
    def in_flight_bytes(self) -> int:
        """Encoded bytes handed over and not known to have arrived."""
        return self._sent_bytes - self._arrived_bytes

    @property
    def in_flight_packets(self) -> int:
        """Packets handed over and not known to have arrived whole."""
        return self._sent_packets - self._arrived_packets

    def on_sent(self, packet_bytes: int) -> None:
        """Note a packet that was handed to the outbox."""
        self._sent_bytes += packet_bytes
        self._sent_packets += 1

    def on_feedback(self, arrived_bytes: int, arrived_packets: int, decoded: int) -> None:
        """Note what the other side has, counted from the start of the call.

        Raises:
            ProtocolError: it counts more than was sent, or less than it had before.
        """
        if not (
            self._arrived_bytes <= arrived_bytes <= self._sent_bytes
            and self._arrived_packets <= arrived_packets <= self._sent_packets
            and self._decoded <= decoded <= arrived_packets
        ):
            raise ProtocolError("a feedback counts what cannot be")
        self._arrived_bytes = arrived_bytes
        self._arrived_packets = arrived_packets
        self._decoded = decoded

    def has_room(self, target_bps: int, base_rtt_us: int, feedback_interval_us: int) -> bool:
        """Whether one more picture may be encoded now."""
        if self._arrived_packets - self._decoded >= DECODER_LAG_PACKETS:
            return False
        if self.in_flight_packets < ALWAYS_PACKETS:
            return True
        allowed_us = min(base_rtt_us, MAX_RTT_US) + feedback_interval_us + SLACK_US
        return self.in_flight_bytes * 8_000_000 < target_bps * allowed_us
