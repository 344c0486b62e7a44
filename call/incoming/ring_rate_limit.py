"""Ring rate limit: how often a caller may ring and hang up. Pure: the time is an argument.

Without it, a caller who may ring could ring and hang up a hundred times a second, and each ring
opens the camera and asks the user. Listen thread only.
"""

from collections import OrderedDict

FREE = 5
"""Abandoned rings before the first wait."""
FIRST_WAIT_US = 1_000_000
"""Multiplied by the square of the number of abandoned rings past `FREE`."""
LONGEST_WAIT_US = 60_000_000
FORGOTTEN_US = 600_000_000
MAX_SOURCES = 1024
"""Beyond this, the source whose last ring is oldest is forgotten."""


class RingRateLimit:
    """The number of abandoned rings from each source, and the wait that follows from it."""

    def __init__(self) -> None:
        self._given_up: OrderedDict[str, tuple[int, int]] = OrderedDict()
        """For each source, its count and the time of the last ring, in order of that time."""

    def note_given_up(self, source: str, now_us: int) -> None:
        """Count a ring that its caller ended."""
        count, last_us = self._given_up.pop(source, (0, now_us))
        if now_us - last_us > FORGOTTEN_US:
            count = 0
        self._given_up[source] = count + 1, now_us
        if len(self._given_up) > MAX_SOURCES:
            self._given_up.popitem(last=False)

    def wait_us(self, source: str, now_us: int) -> int:
        """Return how long a source has to wait before it may ring; 0 if it may now."""
        count, last_us = self._given_up.get(source, (0, now_us))
        if count <= FREE or now_us - last_us > FORGOTTEN_US:
            return 0
        wait_us = min(LONGEST_WAIT_US, FIRST_WAIT_US * (count - FREE) ** 2)
        return max(0, last_us + wait_us - now_us)
