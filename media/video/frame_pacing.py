"""When the next picture is due. Pure: the time is an argument.

Deadlines are absolute (start + n / rate), so rounding and late readers add no drift; deadlines that
passed unused are skipped, never caught up.
"""

_US_PER_S = 1_000_000
_EARLY = 0.45
"""Of an interval; under one half, so that a source of twice the rate is still halved evenly."""


class FramePacer:
    """Deadlines at a fixed rate, counted from the first one taken."""

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._start_us: int | None = None
        self._next = 0

    def wait_us(self, now_us: int) -> int:
        """Return how long it is to the next deadline; 0 when it has come."""
        if self._start_us is None:
            return 0
        return max(0, self._start_us + self._next * _US_PER_S // self._rate_hz - now_us)

    def take(self, now_us: int) -> int:
        """Use up the deadline that has come and return its number, counted from 0."""
        if self._start_us is None:
            self._start_us = now_us
        reached = (now_us - self._start_us) * self._rate_hz // _US_PER_S
        number = max(self._next, reached)
        self._next = number + 1
        return number


class RateLimit:
    """Lets pictures of a source that is too fast through at no more than a rate.

    A picture may come nearly half an interval early, since cameras jitter, yet the mean is kept:
    deadlines move on by whole intervals, and only a longer pause starts them anew.
    """

    def __init__(self, rate_hz: int) -> None:
        self._interval_us = _US_PER_S / rate_hz
        self._due_us: float | None = None

    def allows(self, now_us: int) -> bool:
        """Return whether a picture that comes now is let through, and count it if so."""
        if self._due_us is None or now_us > self._due_us + self._interval_us:
            self._due_us = now_us + self._interval_us
            return True
        if now_us < self._due_us - self._interval_us * _EARLY:
            return False
        self._due_us += self._interval_us
        return True
