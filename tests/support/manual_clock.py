"""Clocks for tests: one that stands still, one that can skip ahead, one of a busy machine."""

import itertools

from core.clock import now_us


class ManualClock:
    """Returns the time that the test has set, in microseconds."""

    def __init__(self, us: int = 0) -> None:
        self.us = us

    def __call__(self) -> int:
        return self.us


class SkippingClock:
    """Returns this machine's monotonic time, plus the time that the test has skipped."""

    def __init__(self) -> None:
        self.skipped_us = 0

    def __call__(self) -> int:
        return now_us() + self.skipped_us


class BusyClock:
    """Returns the time of a machine on which every thread loses time before it reads the clock."""

    def __init__(self, lost_us: int) -> None:
        self._lost_us = lost_us
        self._reads = itertools.count(1)

    def __call__(self) -> int:
        return now_us() + next(self._reads) * self._lost_us
