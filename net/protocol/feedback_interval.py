"""How often a receiver reports. Pure: the time is an argument.

At once for every complete packet, within 5 % of its direction's rate; otherwise 4 times a second.
"""

REPORT_WIRE_BYTES = 170
"""A feedback message in its TLS record, TCP and IPv6 headers; measured 88 + 22 + 60."""
SHARE = 0.05
SLOWEST_US = 250_000


class FeedbackInterval:
    """Says when a report is due. Used by two threads: each call is one short step."""

    def __init__(self) -> None:
        self._reported_us = 0
        self._has_news = False

    def on_packet(self) -> None:
        """Note that there is something to report."""
        self._has_news = True

    def is_due(self, now_us: int, own_rate_bps: int) -> bool:
        """Whether to report now; if so, it is taken as done."""
        since_us = now_us - self._reported_us
        shortest_us = min(SLOWEST_US, int(REPORT_WIRE_BYTES * 8_000_000 / (own_rate_bps * SHARE)))
        if since_us < (shortest_us if self._has_news else SLOWEST_US):
            return False
        self._reported_us = now_us
        self._has_news = False
        return True
