"""How much delay the arrivals ask for: from their jitter to a target. Pure: no I/O, no clock.

Each arrival says how much the playout delay must be for it to be in time. Half a second keeps its
largest need; the target is the second largest of the last ten seconds. So one accident in ten
seconds is not waited for, and what comes twice is; it counts at once, and is forgotten slowly.

Needs are samples against a zero that nobody knows (the difference of two clocks), which is the
same for all of them. They come with the sound cards' drift in them: it is followed, not measured.
"""

from collections import deque

from media.sound.pcm import us_to_samples

SLOT_US = 500_000
SLOTS = 20
MARGIN_SAMPLES = us_to_samples(2_000)
"""Half a second of drift of 1000 ppm, and what the clocks of two threads are apart."""
MAX_SPREAD_SAMPLES = us_to_samples(150_000)
"""Sound that comes later than this is not waited for."""
_MEAN_SHARE = 1 / 64


class Arrivals:
    """The needs of the last arrivals.

    Args:
        start_spread: how much more than the first arrival needs is asked for until more is known.
    """

    def __init__(self, start_spread: int) -> None:
        self._start_spread = start_spread
        self._peaks: deque[int] = deque(maxlen=SLOTS)
        self._lows: deque[int] = deque(maxlen=SLOTS)
        self._slot_end_us = 0
        self._mean = 0.0
        self._target = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing has arrived yet."""
        return not self._peaks

    @property
    def mean(self) -> float:
        """The need of a usual arrival."""
        return self._mean

    @property
    def target(self) -> int:
        """The delay that lets nearly all arrivals be in time."""
        return self._target

    @property
    def low(self) -> int:
        """The need of the fastest arrival; not to be asked while empty."""
        return min(self._lows)

    @property
    def spread(self) -> int:
        """How much of the target is there for jitter."""
        if not self._lows:
            return self._start_spread
        return self._target - MARGIN_SAMPLES - min(self._lows)

    def put(self, need: int, arrived_us: int) -> None:
        """Count one arrival."""
        if not self._peaks:
            self._mean = float(need)
            self._begin_slot(need, arrived_us)
        elif arrived_us >= self._slot_end_us:
            self._begin_slot(need, arrived_us)
        else:
            self._peaks[-1] = max(self._peaks[-1], need)
            self._lows[-1] = min(self._lows[-1], need)
        self._mean += (need - self._mean) * _MEAN_SHARE
        self._target = self._ask()

    def restart(self) -> None:
        """Forget the zero, which has moved, but not how much jitter there was."""
        self._start_spread = self.spread
        self._peaks.clear()
        self._lows.clear()

    def _begin_slot(self, need: int, arrived_us: int) -> None:
        if self._lows and self._lows[-1] > min(self._lows) + MAX_SPREAD_SAMPLES:
            # For half a second all came later than is waited for: the zero has moved, not the net.
            self._forget_all_but_last()
        self._peaks.append(need)
        self._lows.append(need)
        self._slot_end_us = arrived_us + SLOT_US

    def _forget_all_but_last(self) -> None:
        self._mean = float(self._lows[-1])
        while len(self._lows) > 1:
            self._peaks.popleft()
            self._lows.popleft()

    def _ask(self) -> int:
        low = min(self._lows)
        if len(self._peaks) < 3:
            asked = max(low + self._start_spread, self._peaks[-1])
        else:
            asked = sorted(self._peaks)[-2]
        return min(asked, low + MAX_SPREAD_SAMPLES) + MARGIN_SAMPLES
