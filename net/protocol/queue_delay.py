"""Queue delay: how much later packets arrive than the path alone explains. Pure: no I/O, no clock.

    delay of a packet  =  offset of two clocks + path + jitter + queue

The offset is unknown, but it and the path stay the same for longer than a queue does. So the queue
delay is the smallest of the last few delays, less what was usual in the last 15 s, less what jitter
alone explains.

Source: base delay and its filter, RFC 6817 (LEDBAT), section 3.4.
"""

from collections import deque
from itertools import pairwise

import msgspec

SMOOTHED_US = 150_000
SMOOTHED_SAMPLES = 3
"""The smallest of the samples this recent counts, so that a retransmission or a short stall, which
delays some packets but not all, is no queue."""
BUCKET_US = 250_000
BUCKET_SAMPLES = 3
MOST_SAMPLES = 64
"""Kept at most of the most recent and of a bucket, since the peer could claim one time for all."""
KEPT_US = 15_000_000
LEAST_BUCKETS = 4
"""Kept, however old: where pictures are rare, a bucket takes seconds."""
BASE_SHARE = 0.15
"""The share of buckets below the base delay. Not the very lowest: on a path with jitter, a few
packets are lucky. Not more: a queue may last for half of the time."""
USUAL_SPREAD_US = 10_000
WANDER_BUCKETS = 12
"""The fewest buckets that show how the delay wanders from one to the next."""
SPREAD_FACTOR = 1.5
"""The part of a sample's lateness that jitter explains: so many times the spread of delays beyond
the usual one. In simulation, 1 let a jitter of ±100 ms look like a queue."""


class _Bucket(msgspec.Struct, frozen=True):
    """A quarter of a second of delays: the low quartile, smoothed, and the interquartile range."""

    ended_us: int
    low_us: int
    spread_us: int


class QueueDelay:
    """The queue delay of one direction.

    Attributes:
        queue_us: the present queue delay, smoothed.
        newest_us: the lateness of the newest sample alone.
        jitter_us: the lateness that the path's jitter explains.
    """

    def __init__(self) -> None:
        self.queue_us = 0
        self.newest_us = 0
        self.jitter_us = 0
        self._base_us = 0
        """With `jitter_us`, found again when the buckets change."""
        self._recent: deque[tuple[int, int]] = deque(maxlen=MOST_SAMPLES)
        self._buckets: deque[_Bucket] = deque()
        self._smoothed: deque[int] = deque(maxlen=MOST_SAMPLES)
        self._raw: deque[int] = deque(maxlen=MOST_SAMPLES)
        self._bucket_from_us = 0

    def add(self, delay_us: int, at_us: int) -> None:
        """Add the delay of a packet that arrived at `at_us`; the clocks' offset does not matter."""
        self._recent.append((at_us, delay_us))
        while len(self._recent) > SMOOTHED_SAMPLES and at_us - self._recent[0][0] > SMOOTHED_US:
            self._recent.popleft()
        smoothed_us = min(delay for _, delay in self._recent)
        self._fill_bucket(smoothed_us, delay_us, at_us)
        base_us = self._base_us if self._buckets else min(self._smoothed)
        expected_us = base_us + self.jitter_us
        self.queue_us = max(0, smoothed_us - expected_us)
        self.newest_us = max(0, delay_us - expected_us)

    def rebase(self) -> None:
        """Take the present delay for the path's own: it did not fall when less was sent."""
        self._buckets.clear()
        self.jitter_us = 0
        self._empty_bucket()

    def restart(self) -> None:
        """Forget all delays: later ones are measured in another way."""
        self._recent.clear()
        self.rebase()

    def _read_buckets(self) -> None:
        lows = sorted(bucket.low_us for bucket in self._buckets)
        self._base_us = lows[int(len(lows) * BASE_SHARE)]
        spreads = sorted(bucket.spread_us for bucket in self._buckets)
        within_us = int((spreads[len(spreads) // 4] - USUAL_SPREAD_US) * SPREAD_FACTOR)
        self.jitter_us = max(0, within_us, self._wander_us())

    def _wander_us(self) -> int:
        """Return what jitter that keeps the order explains: its late packets hold up the next ones,
        so the whole path wanders, up and down in each quarter second. A queue grows steadily."""
        if len(self._buckets) < WANDER_BUCKETS:
            return 0
        steps = sorted(later.low_us - earlier.low_us for earlier, later in pairwise(self._buckets))
        spread_us = steps[len(steps) * 3 // 4] - steps[len(steps) // 4]
        return int((spread_us - USUAL_SPREAD_US) * SPREAD_FACTOR)

    def _fill_bucket(self, smoothed_us: int, delay_us: int, at_us: int) -> None:
        if not self._raw:
            self._bucket_from_us = at_us
        elif at_us - self._bucket_from_us >= BUCKET_US and len(self._raw) >= BUCKET_SAMPLES:
            smoothed, raw = sorted(self._smoothed), sorted(self._raw)
            count = len(raw)
            spread_us = raw[count * 3 // 4] - raw[count // 4]
            self._buckets.append(_Bucket(at_us, smoothed[count // 4], spread_us))
            oldest_us = at_us - KEPT_US
            while len(self._buckets) > LEAST_BUCKETS and self._buckets[0].ended_us < oldest_us:
                self._buckets.popleft()
            self._read_buckets()
            self._empty_bucket()
            self._bucket_from_us = at_us
        self._smoothed.append(smoothed_us)
        self._raw.append(delay_us)

    def _empty_bucket(self) -> None:
        self._smoothed.clear()
        self._raw.clear()
