"""The sender's clock on ours, for a recording. Pure: the times are arguments.

Pictures and voice of one peer share it, so they stay as far apart as they were captured. The
estimate of the offset becomes better during a call and drifts, and a step in it would be a gap or
an overlap in the sound; so the offset follows it slowly. What cannot be, such as a packet from the
future, counts as captured when it arrived.
"""

SLEW = 0.02
"""How fast the offset follows, in microseconds per microsecond: a packet of 20 ms moves by 0.4 ms,
less than the file's unit of time."""
STEP_US = 1_000_000
"""A difference from which the offset follows at once: a computer has slept."""
MAX_EARLY_US = 250_000
"""Packets arrive this long before their time at most, while the offset is still rough."""
MAX_LATE_US = 10_000_000
"""Packets arrive this long after their time at most; a link that is silent for longer is lost."""


class SenderClock:
    """Converts the times of one peer's packets to our clock."""

    def __init__(self) -> None:
        self._offset_us: float | None = None
        self._arrived_us = 0

    def to_local_us(self, taken_us: int, arrived_us: int, estimate_us: int | None) -> int:
        """Return on our clock when a packet was captured.

        Args:
            taken_us: when it was captured, on the sender's clock.
            arrived_us: when it arrived, on our clock.
            estimate_us: the best estimate of the result at present, or None.
        """
        self._follow(taken_us, arrived_us, estimate_us)
        assert self._offset_us is not None
        local_us = round(taken_us + self._offset_us)
        if not arrived_us - MAX_LATE_US <= local_us <= arrived_us + MAX_EARLY_US:
            self._offset_us = arrived_us - taken_us
            return arrived_us
        return local_us

    def _follow(self, taken_us: int, arrived_us: int, estimate_us: int | None) -> None:
        elapsed_us, self._arrived_us = arrived_us - self._arrived_us, arrived_us
        if self._offset_us is None:
            self._offset_us = (arrived_us if estimate_us is None else estimate_us) - taken_us
        elif estimate_us is not None:
            difference_us = estimate_us - taken_us - self._offset_us
            if abs(difference_us) < STEP_US:
                limit_us = max(0, elapsed_us) * SLEW
                difference_us = max(-limit_us, min(limit_us, difference_us))
            self._offset_us += difference_us
