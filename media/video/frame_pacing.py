"""Frame pacing: deadlines at a fixed rate, and a limit on a rate. Pure: the time is an argument.

Deadlines are absolute (start + n / rate), so rounding and late readers add no drift. A deadline
that passed unused is skipped, never made up for.
"""

_US_PER_S = 1_000_000
_MAX_EARLY_INTERVALS = 0.45
"""The time by which a picture may be early. Below one half, so that a source of twice the rate is
still halved evenly."""


class FramePacer:
    """Deadlines at a fixed rate, counted from the first call of `advance`."""

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._start_us: int | None = None
        self._next = 0

    def wait_us(self, now_us: int) -> int:
        """Return the time until the next deadline; 0 once it has come."""
        if self._start_us is None:
            return 0
        return max(0, self._start_us + self._next * _US_PER_S // self._rate_hz - now_us)

    def advance(self, now_us: int) -> int:
        """Move on to the next deadline; return the number of the one that has come, from 0."""
        if self._start_us is None:
            self._start_us = now_us
        reached = (now_us - self._start_us) * self._rate_hz // _US_PER_S
        number = max(self._next, reached)
        self._next = number + 1
        return number


class RateLimit:
    """A limit that lets pictures of a fast source through at no more than a given rate.

    A picture may come nearly half an interval early, because cameras jitter. The mean rate still
    holds: deadlines move by whole intervals, and only a longer pause restarts them.
    """

    def __init__(self, rate_hz: int) -> None:
        self._interval_us = _US_PER_S / rate_hz
        self._due_us: float | None = None

    def allows(self, now_us: int) -> bool:
        """Return whether a picture that comes now passes; if it does, move the deadline."""
        if self._due_us is None or now_us > self._due_us + self._interval_us:
            self._due_us = now_us + self._interval_us
            return True
        if now_us < self._due_us - self._interval_us * _MAX_EARLY_INTERVALS:
            return False
        self._due_us += self._interval_us
        return True
