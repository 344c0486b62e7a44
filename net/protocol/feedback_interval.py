"""The interval between a receiver's feedback messages. Pure: the time is an argument.

A receiver reports every complete packet at once, as long as its reports take at most 5 % of the
bitrate of their direction. It reports at least 4 times a second.
"""

REPORT_WIRE_BYTES = 170
"""Measured: 88 for the message, 22 for its TLS record, 60 for its TCP and IPv6 headers."""
SHARE = 0.05
SLOWEST_US = 250_000


class FeedbackInterval:
    """The schedule of one receiver's reports. Two threads use it, without a lock."""

    def __init__(self) -> None:
        self._reported_us = 0
        self._has_news = False

    def on_packet(self) -> None:
        """Note that a packet is complete."""
        self._has_news = True

    def is_due(self, now_us: int, own_rate_bps: int) -> bool:
        """Return whether to report now; if so, count the report as sent.

        Args:
            own_rate_bps: the bitrate of the direction in which reports travel.
        """
        since_us = now_us - self._reported_us
        shortest_us = min(SLOWEST_US, int(REPORT_WIRE_BYTES * 8_000_000 / (own_rate_bps * SHARE)))
        if since_us < (shortest_us if self._has_news else SLOWEST_US):
            return False
        self._reported_us = now_us
        self._has_news = False
        return True
