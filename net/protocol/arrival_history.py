"""Arrival history: what the receiver's reports of the last second and a half show. Pure: no clock.

All times are on the receiver's clock.
"""

from collections import deque
from collections.abc import Callable
from itertools import islice, pairwise
from operator import attrgetter

import msgspec

KEPT_US = 1_500_000
MOST_ARRIVALS = 256
"""Twice the reports in that time; the peer could claim one time for all."""
STALL_US = 250_000
"""Reports come at least this often, so a longer pause between new bytes is a stall of the path."""


class Arrival(msgspec.Struct, frozen=True):
    """One report of new bytes.

    Attributes:
        at_us: when the newest byte arrived.
        video_bytes: all bytes arrived since accept.
        queue_us: the queue delay, smoothed.
        newest_us: the queue delay of the newest packet alone.
        wait_us: how long that packet waited in our outbox, because TCP took nothing.
    """

    at_us: int
    video_bytes: int
    queue_us: int
    newest_us: int
    wait_us: int


_QUEUE_US: Callable[[Arrival], int] = attrgetter("queue_us")
_WAIT_US: Callable[[Arrival], int] = attrgetter("wait_us")


class ArrivalHistory:
    """The newest reports of one direction."""

    def __init__(self) -> None:
        self._arrivals: deque[Arrival] = deque(maxlen=MOST_ARRIVALS)

    def add(self, arrival: Arrival) -> None:
        """Add a report, and forget those that are too old."""
        self._arrivals.append(arrival)
        while len(self._arrivals) > 2 and arrival.at_us - self._arrivals[0].at_us > KEPT_US:
            self._arrivals.popleft()

    @property
    def video_bytes(self) -> int:
        """All bytes arrived since accept."""
        return self._arrivals[-1].video_bytes if self._arrivals else 0

    @property
    def span_us(self) -> int:
        """The time from the oldest report to the newest."""
        return self._arrivals[-1].at_us - self._arrivals[0].at_us if self._arrivals else 0

    @property
    def rate_bps(self) -> float:
        """The rate at which bytes arrived in all that time."""
        if not self.span_us:
            return 0.0
        first, last = self._arrivals[0], self._arrivals[-1]
        return (last.video_bytes - first.video_bytes) * 8e6 / self.span_us

    @property
    def stalled_us(self) -> int:
        """The time in which nothing arrived for longer than reports are apart."""
        pauses = (later.at_us - earlier.at_us for earlier, later in pairwise(self._arrivals))
        return sum(max(0, pause_us - STALL_US) for pause_us in pauses)

    def last(self, count: int) -> list[Arrival]:
        """Return the newest reports, oldest first; fewer if there are not so many."""
        return list(islice(self._arrivals, max(0, len(self._arrivals) - count), None))

    def late_share(self, window_us: int, threshold_us: int) -> float:
        """Return the share of the newest `window_us` in which the queue was above a threshold."""
        return self._share(window_us, threshold_us, _QUEUE_US)

    def waiting_share(self, window_us: int, threshold_us: int) -> float:
        """Return the share of the newest `window_us` in which packets waited in our outbox."""
        return self._share(window_us, threshold_us, _WAIT_US)

    def _share(
        self, window_us: int, threshold_us: int, value_us: Callable[[Arrival], int]
    ) -> float:
        counted_us = passed_us = 0
        newest_first = reversed(self._arrivals)
        later = next(newest_first, None)
        for earlier in newest_first:
            assert later is not None
            step_us = later.at_us - earlier.at_us
            passed_us += step_us
            if value_us(later) > threshold_us:
                counted_us += step_us
            if passed_us > window_us:
                break
            later = earlier
        return counted_us / passed_us if passed_us else 0.0
