"""This machine's clocks, and deadlines on the monotonic one. Any thread.

Only this module reads the time. Pure code receives it as an argument, `now_us`.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime


def now_us() -> int:
    """Return this machine's monotonic time in whole microseconds."""
    return time.perf_counter_ns() // 1000


def utc_now() -> datetime:
    """Return the wall-clock time in UTC. It may jump; use it only for display and files."""
    return datetime.now(UTC)


def local_now() -> datetime:
    """Return the local wall-clock time. It may jump; use it only for display."""
    return datetime.now().astimezone()


class Deadline:
    """A time limit that several steps share.

    Args:
        limit_s: time until the deadline, seconds.
        clock_us: the clock to measure with; tests pass their own.
    """

    def __init__(self, limit_s: float, clock_us: Callable[[], int] = now_us) -> None:
        self._clock_us = clock_us
        self._at_us = clock_us() + round(limit_s * 1e6)

    @property
    def left_s(self) -> float:
        """The time left in seconds; 0 once the deadline has passed."""
        return max(0.0, (self._at_us - self._clock_us()) / 1e6)

    @property
    def has_passed(self) -> bool:
        """True once the deadline has passed."""
        return self._clock_us() >= self._at_us

    def shorten(self, limit_s: float) -> None:
        """Move the deadline to `limit_s` seconds from now, if that is earlier."""
        self._at_us = min(self._at_us, self._clock_us() + round(limit_s * 1e6))

    def extend(self, more_s: float) -> None:
        """Postpone the deadline by `more_s` seconds."""
        self._at_us += round(more_s * 1e6)
