"""Pacing: on the smallest links, the fragments of a picture leave one by one. Pure: no clock.

There a picture takes a fifth of a second. What was given to TCP cannot be overtaken, so sound would
wait that long behind it.
"""

PACED_BPS = 100_000
"""Below this target, pictures are paced. Above it, a burst is short, and shows the link's rate."""
LEAD = 1.25
"""The rate of a picture as a share of the target, so that pictures do not pile up."""


def pause_us(size_bytes: int, target_bps: int) -> int:
    """Return how long after a paced fragment the next one may leave."""
    return int(size_bytes * 8e6 / (target_bps * LEAD))
