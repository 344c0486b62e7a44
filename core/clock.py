"""Clock: this machine's monotonic time, and deadlines on it. Only this module reads the time.

Pure code takes the time as an argument, `now_us`.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime


def now_us() -> int:
    """Return this machine's monotonic time, whole microseconds."""
    return time.perf_counter_ns() // 1000


def utc_now() -> datetime:
    """Return the wall-clock time in UTC, which may jump: for people and files alone."""
    return datetime.now(UTC)


def local_now() -> datetime:
    """Return the wall-clock time of this place, which may jump: for people alone."""
    return datetime.now().astimezone()


class Deadline:
    """A moment that several steps share as their limit.

    Args:
        limit_s: how far ahead it lies, seconds.
        clock_us: the clock; tests give their own.
    """

    def __init__(self, limit_s: float, clock_us: Callable[[], int] = now_us) -> None:
        self._clock_us = clock_us
        self._at_us = clock_us() + round(limit_s * 1e6)

    @property
    def left_s(self) -> float:
        """How much time is left, seconds; 0 once it has passed."""
        return max(0.0, (self._at_us - self._clock_us()) / 1e6)

    @property
    def has_passed(self) -> bool:
        """Whether no time is left."""
        return self._clock_us() >= self._at_us

    def shorten(self, limit_s: float) -> None:
        """Move the deadline to `limit_s` from now, if that is earlier."""
        self._at_us = min(self._at_us, self._clock_us() + round(limit_s * 1e6))

    def extend(self, more_s: float) -> None:
        """Move the deadline further away by `more_s` seconds."""
        self._at_us += round(more_s * 1e6)
