"""One second of filler in one direction: how much to send, and how fast it arrived. Pure.

Both ends hold the same bounds: a sender stops after a second or `MAX_TOTAL_BYTES`, and a receiver
takes no byte more. What was sent within the second arrives later on a slow link, so a receiver
waits longer than that; `net/link/goodput_run.py` bounds it.
"""

from net.errors import ProtocolError
from net.protocol.goodput_messages import MAX_FILLER_BYTES, MIN_FILLER_BYTES, GoodputReport

SEND_US = 1_000_000
MAX_TOTAL_BYTES = 125_000_000
"""A second at 1 Gbit/s; a faster link is measured in less than a second."""
FIRST_WINDOW_BYTES = 14_600
LONG_ENOUGH_ROUNDS = 30
GROWTH = 16
"""A filler is a sixteenth of what was sent before it: on a slow link, where a large one takes long,
all stay small, and a fast link soon gets the largest, which cost the least processor time a byte.
"""


class FillerSchedule:
    """The filler that one end sends.

    Args:
        began_us: the time of the first filler.
    Attributes:
        sent_bytes: of padding.
    """

    def __init__(self, began_us: int) -> None:
        self.sent_bytes = 0
        self._ends_us = began_us + SEND_US

    def next_bytes(self, now_us: int) -> int:
        """Return the size of the next filler's padding, or 0 if none is to follow."""
        if now_us >= self._ends_us or self.sent_bytes + MAX_FILLER_BYTES > MAX_TOTAL_BYTES:
            return 0
        size = min(max(self.sent_bytes // GROWTH, MIN_FILLER_BYTES), MAX_FILLER_BYTES)
        self.sent_bytes += size
        return size


class GoodputMeter:
    """The filler that one end receives.

    All of its time counts, although TCP begins slowly: after a loss, TCP hands over at once what
    has arrived behind it, so that a part of the time may seem to carry half as much again.
    """

    def __init__(self) -> None:
        self._total_bytes = 0
        self._first_bytes = 0
        self._first_us: int | None = None
        self._last_us = 0

    def add(self, count_bytes: int, now_us: int) -> None:
        """Count padding that has arrived now.

        Raises:
            ProtocolError: the peer sends more than it may.
        """
        self._total_bytes += count_bytes
        if self._total_bytes > MAX_TOTAL_BYTES:
            raise ProtocolError("The other side sent more than a measurement takes")
        if self._first_us is None:
            self._first_us, self._first_bytes = now_us, count_bytes
        self._last_us = now_us

    @property
    def report(self) -> GoodputReport:
        """The filler so far. What arrived first is not counted: its time is not known."""
        if self._first_us is None:
            return GoodputReport(0, 0)
        return GoodputReport(self._total_bytes - self._first_bytes, self._last_us - self._first_us)


def goodput_bps(report: GoodputReport) -> int | None:
    """Return the rate of a report; None if too little has arrived to tell."""
    if not report.received_bytes or not report.time_us:
        return None
    return report.received_bytes * 8_000_000 // report.time_us


def is_rate_of_slow_start(rate_bps: int, round_trip_us: int) -> bool:
    """Return whether the beginning of TCP explains a rate, so that the link may carry more.

    Without any limit, TCP sends `FIRST_WINDOW_BYTES` in the first round trip and at most twice as
    much in each that follows. Half of what that makes of the second counts as explained.
    Source: RFC 6928 for the first window; RFC 5681 section 3.1 for its growth.
    """
    rounds = min(SEND_US / max(round_trip_us, 1), LONG_ENOUGH_ROUNDS)
    return rate_bps >= FIRST_WINDOW_BYTES * (2**rounds - 1) * 8 / 2
