"""Jitter estimator: from arrivals to a target playout delay. Pure: no I/O, no clock.

The need of an arrival is the playout delay at which it would have been just in time. The base is
the lowest need of the last two seconds. The spread of a slot of half a second is its largest need
above the base.

    target = base + the largest spread of the last half minute, ignoring one accident + margin

The accident is the largest spread and its two neighbours. So a delay seen once is ignored, and a
delay seen twice counts at once. It is forgotten slowly, since a delay that comes and goes is worse
than one that stays. Spreads of the first second, while both programs start, are forgotten soon.

Needs are in samples, relative to an unknown zero (the difference of two clocks), the same for all.
They contain the drift of the sound cards, which the base follows.
"""

from collections import deque

from media.sound.pcm import us_to_samples

SLOT_US = 500_000
SLOTS = 60
BASE_SLOTS = 4
START_SLOTS = 4
"""Once this many slots are complete, the first half of them is forgotten."""
MARGIN_SAMPLES = us_to_samples(2_000)
"""Covers two seconds of drift at 1000 ppm, and the timing of two threads."""
MAX_SPREAD_SAMPLES = us_to_samples(150_000)
"""The buffer does not wait for sound that arrives later than this."""
_MEAN_SHARE = 1 / 64


class JitterEstimator:
    """The needs of the last arrivals.

    Args:
        start_spread: the spread assumed for the first second, in samples.
    """

    def __init__(self, start_spread: int) -> None:
        self._start_spread = start_spread
        self._spreads: deque[int] = deque(maxlen=SLOTS)
        """Spreads of the last slots, the current one last."""
        self._lows: deque[int] = deque(maxlen=BASE_SLOTS)
        self._peak = 0
        self._base = 0
        self._slot_end_us = 0
        self._is_starting = True
        self._mean = 0.0
        self._target = 0

    @property
    def mean(self) -> float:
        """The mean need."""
        return self._mean

    @property
    def target(self) -> int:
        """The delay at which nearly all arrivals are in time."""
        return self._target

    @property
    def base(self) -> int:
        """The need of the fastest arrival of the last two seconds."""
        return self._base

    @property
    def spread(self) -> int:
        """The part of the target that covers jitter."""
        if not self._spreads:
            return self._start_spread
        return self._target - MARGIN_SAMPLES - self._base

    def add(self, need: int, arrived_us: int) -> None:
        """Add one arrival."""
        if not self._spreads:
            self._mean = float(need)
        if not self._spreads or arrived_us >= self._slot_end_us:
            self._begin_slot(need, arrived_us)
        self._peak = max(self._peak, need)
        self._lows[-1] = min(self._lows[-1], need)
        self._base = min(self._lows)
        self._spreads[-1] = min(self._peak - self._base, MAX_SPREAD_SAMPLES)
        self._mean += (need - self._mean) * _MEAN_SHARE
        self._target = self._base + self._expected_spread() + MARGIN_SAMPLES

    def restart(self) -> None:
        """Forget the zero, which has moved, but keep the spread."""
        self._start_spread = self.spread
        self._spreads.clear()
        self._lows.clear()

    def _begin_slot(self, need: int, arrived_us: int) -> None:
        if self._lows and self._lows[-1] > self._base + MAX_SPREAD_SAMPLES:
            # All arrivals of half a second were beyond the limit: the zero has moved.
            self._mean = float(self._lows[-1])
            self.restart()
        elif self._is_starting and len(self._spreads) == START_SLOTS:
            self._is_starting = False
            for _ in range(START_SLOTS // 2):
                self._spreads.popleft()
        self._spreads.append(0)
        self._lows.append(need)
        self._peak = need
        self._slot_end_us = arrived_us + SLOT_US

    def _expected_spread(self) -> int:
        spreads = list(self._spreads)
        if len(spreads) < 3:
            return self._start_spread
        worst = spreads.index(max(spreads))
        others = spreads[: max(0, worst - 1)] + spreads[worst + 2 :]
        return max(others, default=min(spreads))
