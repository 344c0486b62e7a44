"""How much delay the arrivals ask for: from their jitter to a target. Pure: no I/O, no clock.

Each arrival says how much the playout delay must be for it to be in time: its need. The base is the
need of the fastest of late, and half a second keeps how far its largest need was above the base.

    target = base + the largest of these of the last half a minute, but for one accident

An accident is the largest of all and its neighbours. So what comes once is not waited for, and what
comes twice is; it counts at once, and is forgotten slowly, since a delay that comes and goes is
worse than one that stays. What comes in the first second, while both programs begin, is forgotten
soon.

Needs are samples against a zero that nobody knows (the difference of two clocks), which is the
same for all of them. They come with the sound cards' drift in them: the base follows it.
"""

from collections import deque

from media.sound.pcm import us_to_samples

SLOT_US = 500_000
SLOTS = 60
BASE_SLOTS = 4
START_SLOTS = 4
"""Once so many are known, the first half of them counts no more."""
MARGIN_SAMPLES = us_to_samples(2_000)
"""Two seconds of drift of 1000 ppm, and what the clocks of two threads are apart."""
MAX_SPREAD_SAMPLES = us_to_samples(150_000)
"""Sound that comes later than this is not waited for."""
_MEAN_SHARE = 1 / 64


class JitterEstimator:
    """The needs of the last arrivals.

    Args:
        start_spread: how much above the base is asked for in the first second.
    """

    def __init__(self, start_spread: int) -> None:
        self._start_spread = start_spread
        self._spreads: deque[int] = deque(maxlen=SLOTS)
        """How far above the base; the newest is that of the slot that goes on."""
        self._lows: deque[int] = deque(maxlen=BASE_SLOTS)
        self._peak = 0
        self._base = 0
        self._slot_end_us = 0
        self._is_starting = True
        self._mean = 0.0
        self._target = 0

    @property
    def mean(self) -> float:
        """The need of a usual arrival."""
        return self._mean

    @property
    def target(self) -> int:
        """The delay that lets nearly all arrivals be in time."""
        return self._target

    @property
    def base(self) -> int:
        """The need of the fastest arrival of the last two seconds."""
        return self._base

    @property
    def spread(self) -> int:
        """How much of the target is there for jitter."""
        if not self._spreads:
            return self._start_spread
        return self._target - MARGIN_SAMPLES - self._base

    def put(self, need: int, arrived_us: int) -> None:
        """Count one arrival."""
        if not self._spreads:
            self._mean = float(need)
        if not self._spreads or arrived_us >= self._slot_end_us:
            self._begin_slot(need, arrived_us)
        self._peak = max(self._peak, need)
        self._lows[-1] = min(self._lows[-1], need)
        self._base = min(self._lows)
        self._spreads[-1] = min(self._peak - self._base, MAX_SPREAD_SAMPLES)
        self._mean += (need - self._mean) * _MEAN_SHARE
        self._target = self._base + self._asked_spread() + MARGIN_SAMPLES

    def restart(self) -> None:
        """Forget the zero, which has moved, but not how much jitter there was."""
        self._start_spread = self.spread
        self._spreads.clear()
        self._lows.clear()

    def _begin_slot(self, need: int, arrived_us: int) -> None:
        if self._lows and self._lows[-1] > self._base + MAX_SPREAD_SAMPLES:
            # For half a second all came later than is waited for: the zero has moved, not the net.
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

    def _asked_spread(self) -> int:
        spreads = list(self._spreads)
        if len(spreads) < 3:
            return self._start_spread
        worst = spreads.index(max(spreads))
        others = spreads[: max(0, worst - 1)] + spreads[worst + 2 :]
        return max(others, default=min(spreads))
