"""Large pictures: whether the link passes the bytes of many pictures in two frame times. Pure.

On a link that is much faster than the target, a change of scene or a page of text may take several
times its share of the bitrate, and still arrives in time. Elsewhere pictures stay small, since all
that follows waits for them.
"""

LARGE_PICTURES = 8.0
"""The bytes of a large picture, in pictures of the target bitrate. Measured at 1280x720 and
2.5 Mbit/s with 2, 4, 8 and 18: a scrolling page of text 45.2, 48.1, 52.5, 55.9 dB, film 41.8, 42.7,
43.1, 43.4 dB, and the largest picture of the film 19, 36, 56, 83 KB."""
LEAST_ROOM = LARGE_PICTURES / 2
"""How many times the target the link passes, so that such a picture takes two frame times."""
ENOUGH_ROOM = LEAST_ROOM * 1.5
LEAST_PATIENCE_US = 1_000_000
MOST_PATIENCE_US = 64_000_000
"""Each change costs a keyframe, so each time that room was lost again doubles the patience."""


class LargePictures:
    """The decision for one direction.

    Attributes:
        are_allowed: True while pictures may be large.
    """

    def __init__(self) -> None:
        self.are_allowed = False
        self._room_from_us: int | None = None
        self._patience_us = LEAST_PATIENCE_US

    def update(self, link_bps: float | None, target_bps: int, now_us: int) -> None:
        """Decide again.

        Args:
            link_bps: what the link passes at least; None while nothing shows it, which changes
                nothing; 0 to forbid large pictures.
        """
        if link_bps is None:
            return
        room = link_bps / target_bps
        if room < LEAST_ROOM and self.are_allowed:
            self.are_allowed = False
            self._patience_us = min(MOST_PATIENCE_US, self._patience_us * 2)
        if room < ENOUGH_ROOM:
            self._room_from_us = None
        elif self._room_from_us is None:
            self._room_from_us = now_us
        elif now_us - self._room_from_us >= self._patience_us:
            self.are_allowed = True
