"""Figures of a measurement. Pure: no I/O, no clock.

Latencies are in milliseconds; None if unknown.
"""

import bisect
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

from call.live.statistics_collector import percentile

Sent = tuple[int, ...]


@dataclass(frozen=True)
class Subject:
    """One program in one measurement: a column of the table.

    Attributes:
        values: the figures by the key of their row.
        note: a remark below the figures.
        raw: the data for the file of raw figures.
    """

    name: str
    values: dict[str, float | tuple[float, ...] | None]
    note: str = ""
    raw: Any = field(default=None, repr=False)


class Second(NamedTuple):
    """The latencies of one second's pictures, as far as a peer reports them."""

    pictures: float
    p50_ms: float
    p95_ms: float
    max_ms: float

    def share_below(self, value_ms: float) -> float:
        """Return the share of the pictures up to a latency, interpolated linearly."""
        least_ms = max(0.0, 2 * self.p50_ms - self.p95_ms)
        known = ((least_ms, 0.0), (self.p50_ms, 0.5), (self.p95_ms, 0.95), (self.max_ms, 1.0))
        if value_ms >= self.max_ms:
            return 1.0
        if value_ms <= least_ms:
            return 0.0
        for (left, low), (right, high) in pairwise(known):
            if value_ms <= right:
                return low + (high - low) * (value_ms - left) / (right - left)
        return 1.0


def pooled_percentile(seconds: Sequence[Second], share: float) -> float | None:
    """Return the latency that a share of the pictures of all seconds do not exceed.

    A peer reports three figures for each second. A mean of 95th percentiles is no 95th percentile,
    so the distribution is assembled from all figures.
    """
    total = sum(second.pictures for second in seconds)
    if not total:
        return None
    low, high = 0.0, max(second.max_ms for second in seconds)
    for _ in range(50):
        middle = (low + high) / 2
        if sum(s.pictures * s.share_below(middle) for s in seconds) < share * total:
            low = middle
        else:
            high = middle
    return high


def summarize_latencies(latencies_us: Sequence[int]) -> dict[str, float | None]:
    """Return the rows for latencies of single pictures."""
    return {
        "p50_ms": percentile(latencies_us, 0.5),
        "p95_ms": percentile(latencies_us, 0.95),
        "worst_ms": percentile(latencies_us, 1.0),
    }


def match_pictures(sent: Sequence[Sent], seen: Sequence[Sent]) -> list[tuple[int, int]]:
    """Return when each picture was seen, and its latency, in microseconds.

    Both arguments are pairs of a number and a time in microseconds. Numbers repeat after a while: a
    picture seen is matched with the last sent before it. Pictures never sent are left out.
    """
    times: defaultdict[int, list[int]] = defaultdict(list)
    for number, sent_us in sent:
        times[number].append(sent_us)
    matched = []
    for number, seen_us in seen:
        before = bisect.bisect_right(times[number], seen_us)
        if before:
            matched.append((seen_us, seen_us - times[number][before - 1]))
    return matched
