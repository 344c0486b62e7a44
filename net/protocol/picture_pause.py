"""Picture pause: when sound goes alone, on a link too small for pictures. Pure: no I/O, no clock.

On such a link each picture takes a second or more, and sound waits behind it. So pictures pause,
except that a small one now and then probes the link:

    pictures     at the lowest target, pictures pass slowly for 2 s      -->  sound alone
    pictures     a picture has been in flight for 3 s                    -->  sound alone
    sound alone  two probes pass quickly; one, if the target was higher  -->  pictures

Probes are rarer in a pause that follows soon after another, so that a link that is nearly large
enough does not swing.
"""

from collections import deque

LOWEST_TARGET_BPS = 25_000
"""A target up to this is as good as the lowest, 20 kbit/s. In a pause it is the target."""
SLOW_US = 1_000_000
"""A picture that takes longer to be acknowledged is slow. At 20 kbit/s and two pictures a second,
each has 1,250 bytes: the link carries less than 10 kbit/s of them."""
LASTING_US = 2_000_000
STUCK_US = 3_000_000
QUICK_PROBES = 2
NEXT_PROBE_US = 1_000_000
"""After a probe that passed quickly."""
LEAST_PROBE_US = 5_000_000
MOST_PROBE_US = 20_000_000
SOON_US = 20_000_000
"""A pause that begins this soon after another has its probes half as often."""


class PicturePause:
    """The pauses of one direction's pictures.

    Attributes:
        is_on: True while sound goes alone.
    """

    def __init__(self) -> None:
        self.is_on = False
        self._sent_us: deque[int] = deque()
        """When each picture that is still in flight was sent."""
        self._slow_from_us: int | None = None
        self._began_us = 0
        self._ended_us: int | None = None
        self._needed_probes = QUICK_PROBES
        self._probe_us = LEAST_PROBE_US
        self._next_probe_us = 0

    def on_another_link(self) -> "PicturePause":
        """Return a pause that continues this one on another link, with a probe at once."""
        continued = PicturePause()
        continued.is_on = self.is_on
        continued._needed_probes = self._needed_probes
        return continued

    def limit_bps(self, target_bps: int) -> int:
        """Return the target bitrate for pictures and sound; in a pause, the lowest."""
        return min(target_bps, LOWEST_TARGET_BPS) if self.is_on else target_bps

    def allows_picture(self, now_us: int) -> bool:
        """Return whether a picture may be sent now."""
        return not self.is_on or (not self._sent_us and now_us >= self._next_probe_us)

    def on_sent(self, now_us: int) -> None:
        """Count a picture."""
        self._sent_us.append(now_us)

    def update(self, in_flight: int, target_bps: int, now_us: int) -> None:
        """Begin or end a pause if it is time.

        Args:
            in_flight: how many pictures were sent and not acknowledged yet.
            target_bps: the target bitrate.
        """
        while len(self._sent_us) > in_flight:
            self._on_passed(self._sent_us.popleft(), now_us)
        if self.is_on:
            return
        is_lowest = target_bps <= LOWEST_TARGET_BPS
        waited_us = now_us - self._sent_us[0] if self._sent_us else 0
        if not is_lowest:
            self._slow_from_us = None
        elif self._slow_from_us is None and waited_us > SLOW_US:
            self._slow_from_us = now_us
        is_slow = self._slow_from_us is not None and now_us - self._slow_from_us >= LASTING_US
        if is_slow or waited_us > STUCK_US:
            self._begin(now_us, is_lowest=is_lowest)

    def _begin(self, now_us: int, *, is_lowest: bool) -> None:
        """Begin a pause, a short one if the target was higher: the link may just have been lost."""
        self.is_on = True
        self._slow_from_us = None
        self._began_us = now_us
        is_soon = self._ended_us is not None and now_us - self._ended_us < SOON_US
        self._probe_us = min(MOST_PROBE_US, self._probe_us * 2) if is_soon else LEAST_PROBE_US
        self._needed_probes = QUICK_PROBES if is_lowest else 1
        self._next_probe_us = now_us + (self._probe_us if is_lowest else 0)

    def _on_passed(self, sent_us: int, now_us: int) -> None:
        is_quick = now_us - sent_us <= SLOW_US
        if not self.is_on:
            if is_quick:
                self._slow_from_us = None
        elif sent_us < self._began_us:
            return
        elif not is_quick:
            self._needed_probes = QUICK_PROBES
            self._next_probe_us = now_us + self._probe_us
        else:
            self._needed_probes -= 1
            self._next_probe_us = now_us + NEXT_PROBE_US
            if not self._needed_probes:
                self.is_on = False
                self._ended_us = now_us
