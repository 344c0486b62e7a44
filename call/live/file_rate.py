"""The rate of a file, over the last seconds. Pure: the time is an argument."""

from collections import deque

SPAN_US = 3_000_000
STEP_US = 500_000
"""Between two measurements, and two changes of the view."""


class FileRate:
    """How fast a file moves."""

    def __init__(self) -> None:
        self._samples: deque[tuple[int, int]] = deque()

    def add(self, moved_bytes: int, now_us: int) -> bool:
        """Note how much has moved; return whether the rate was measured again."""
        if self._samples and now_us - self._samples[-1][0] < STEP_US:
            return False
        self._samples.append((now_us, moved_bytes))
        while now_us - self._samples[0][0] > SPAN_US:
            self._samples.popleft()
        return True

    @property
    def rate_bps(self) -> float | None:
        """The rate; None before there are two measurements."""
        if len(self._samples) < 2:
            return None
        (first_us, first_bytes), (last_us, last_bytes) = self._samples[0], self._samples[-1]
        return max(0, last_bytes - first_bytes) * 8e6 / (last_us - first_us)
