"""Arrival pace: tells a live packet from one of a backlog. Pure: no I/O, no clock.

A live packet comes as long after the packet before it as it was taken after it. The packets of a
backlog come sooner, and with each of them the delay falls: so a newer one is probably on its way.
The delay is the difference between this machine's clock and the packets' own times; its least value
so far is that of a live packet. Nothing here depends on how long a thread took to fetch a packet.
"""

_LATE_US = 100_000
_MAX_WAIT_US = 100_000
"""For a camera that takes fewer than ten pictures a second."""
_LEAK = 1_000
"""The least delay seen so far counts as 1 us more each ms, since clocks drift."""


class ArrivalPace:
    """The pace of one stream."""

    def __init__(self) -> None:
        self._media_us: int | None = None
        self._came_us = 0
        self._least_delay_us = 0

    def wait_us(self, media_us: int | None, came_us: int) -> int:
        """Return how long a newer packet may still be on its way; 0 if this one is live.

        Args:
            media_us: the packet's own time, None if it has none.
            came_us: when it came, on this machine's clock.
        """
        if media_us is None:
            return 0
        previous_us = self._media_us
        passed_us = came_us - self._came_us
        self._media_us, self._came_us = media_us, came_us
        delay_us = came_us - media_us
        if previous_us is None:
            self._least_delay_us = delay_us
            return _MAX_WAIT_US  # what came before the first packet is unknown
        step_us = media_us - previous_us
        if step_us < 0:  # the camera's clock was set back
            self._least_delay_us = delay_us
            return 0
        excess_us = delay_us - self._least_delay_us - passed_us // _LEAK
        self._least_delay_us = delay_us - max(0, excess_us)
        is_early = 2 * passed_us < step_us
        is_record = 2 * -excess_us > step_us
        if is_early and (is_record or excess_us > _LATE_US):
            return min(step_us, _MAX_WAIT_US)
        return 0
