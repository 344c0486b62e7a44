"""Clocks for tests: one that stands still until a test moves it, and one that can skip ahead."""

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
