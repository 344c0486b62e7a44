"""Ping schedule: when a link is pinged, and when it last carried an answer. Call thread."""

from call.live.link_watch import PING_INTERVAL_US, UNANSWERED_US

SLOW_INTERVAL_US = 1_000_000
"""With a peer that cannot resume."""
FIRST_PINGS = 8
"""These go out at every tick, so that the other clock is known from the first picture on."""


class PingSchedule:
    """The pings of one link.

    Attributes:
        answered_us: when the last answer came; the start of the link before the first.
    """

    def __init__(self, now_us: int) -> None:
        self.answered_us = now_us
        self._count = 0
        self._pinged_us = 0

    def is_due(self, now_us: int, *, can_resume: bool) -> bool:
        """Return whether to ping now; if so, count the ping as sent."""
        interval_us = PING_INTERVAL_US if can_resume else SLOW_INTERVAL_US
        if self._count >= FIRST_PINGS and now_us - self._pinged_us < interval_us:
            return False
        self._count += 1
        self._pinged_us = now_us
        return True

    def heard_us(self, link_heard_us: int, *, can_resume: bool) -> int:
        """Return when the other peer was last heard on a link that carries messages both ways."""
        if can_resume:
            return min(link_heard_us, self.answered_us + UNANSWERED_US)
        return link_heard_us
