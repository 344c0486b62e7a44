"""How often a caller may ring and hang up. Pure: the time is an argument. The listen thread's.

Who may ring could otherwise ring, leave and ring again a hundred times a second: each ring opens
the camera, and asks a person.
"""

from collections import OrderedDict

FREE = 5
"""Rings that anybody may give up without waiting."""
FIRST_WAIT_US = 1_000_000
"""Times the square of those beyond."""
LONGEST_WAIT_US = 60_000_000
FORGOTTEN_US = 600_000_000
MAX_SOURCES = 1024
"""More forget the one that was quiet longest."""


class RingRateLimit:
    """What is known of rings that their callers gave up."""

    def __init__(self) -> None:
        self._given_up: OrderedDict[str, tuple[int, int]] = OrderedDict()
        """How many, and when the last one was."""

    def note_given_up(self, source: str, now_us: int) -> None:
        """Count a ring that its caller ended."""
        count, last_us = self._given_up.pop(source, (0, now_us))
        if now_us - last_us > FORGOTTEN_US:
            count = 0
        self._given_up[source] = count + 1, now_us
        if len(self._given_up) > MAX_SOURCES:
            self._given_up.popitem(last=False)

    def wait_us(self, source: str, now_us: int) -> int:
        """Return how long that source has to wait before it may ring; 0 where it may now."""
        count, last_us = self._given_up.get(source, (0, now_us))
        if count <= FREE or now_us - last_us > FORGOTTEN_US:
            return 0
        wait_us = min(LONGEST_WAIT_US, FIRST_WAIT_US * (count - FREE) ** 2)
        return max(0, last_us + wait_us - now_us)
