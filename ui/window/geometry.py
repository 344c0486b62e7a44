"""Geometry: where pictures and windows go. Pure: whole numbers in and out; knows no Qt.

+--------------------------------+   canvas, device pixels
|######|                  |######|
|######|  remote picture  |######|   # letterbox
|######|           +-----+|######|
|######|           | own |  <-------- in any corner; at first `OWN_WIDTH_SHARE` of the canvas
|######|           +-----+|######|
+--------------------------------+
"""

from enum import Enum
from typing import NamedTuple

from ui.window.settings import Placement

OWN_WIDTH_SHARE = 0.22
"""Large enough to see whether you are in the picture, small enough to hide nobody."""
OWN_HEIGHT_SHARE = 0.36
"""Limits only the picture of an upright phone."""
ROUNDING_PX = 2
"""The largest difference from the wanted size: encoders and scalers round to even sizes."""
WINDOW_SIZE_PX = (960, 540)
"""Logical. Two of them stand side by side on a 1920 pixel screen."""
EDGE_PX = 8
"""Logical. Left free around a window for its frame and its shadow."""
TITLE_PX = 32
"""Logical. Left free above a window for its title bar, which is measured only once it is shown."""


class Box(NamedTuple):
    """A rectangle: left, top, width and height in pixels."""

    x: int
    y: int
    width: int
    height: int

    def contains(self, at: tuple[int, int]) -> bool:
        """Return whether a point lies in it."""
        return self.x <= at[0] < self.x + self.width and self.y <= at[1] < self.y + self.height

    def lifted_above(self, obstacle: "Box | None", gap_px: int) -> "Box":
        """Return this box, or where it goes if it would touch an obstacle below."""
        if obstacle is None:
            return self
        is_clear = (
            self.x >= obstacle.x + obstacle.width + gap_px
            or self.x + self.width + gap_px <= obstacle.x
            or self.y + self.height + gap_px <= obstacle.y
        )
        return self if is_clear else self._replace(y=obstacle.y - gap_px - self.height)


class Corner(Enum):
    """A corner of the canvas; clockwise."""

    BOTTOM_RIGHT = "bottom right"
    BOTTOM_LEFT = "bottom left"
    TOP_LEFT = "top left"
    TOP_RIGHT = "top right"

    @staticmethod
    def at(*, is_left: bool, is_top: bool) -> "Corner":
        """Return the corner on these sides."""
        if is_top:
            return Corner.TOP_LEFT if is_left else Corner.TOP_RIGHT
        return Corner.BOTTOM_LEFT if is_left else Corner.BOTTOM_RIGHT

    @property
    def is_left(self) -> bool:
        """True at the left."""
        return self in (Corner.BOTTOM_LEFT, Corner.TOP_LEFT)

    @property
    def is_top(self) -> bool:
        """True at the top."""
        return self in (Corner.TOP_LEFT, Corner.TOP_RIGHT)


def fit_into(picture_px: tuple[int, int], room_px: tuple[int, int]) -> tuple[int, int]:
    """Return the largest size with the shape of `picture_px` that fits into `room_px`.

    A picture that was made for this room already, give or take `ROUNDING_PX`, keeps its size, so
    that it is copied and not scaled again.
    """
    width, height = picture_px
    room_width, room_height = room_px
    if min(width, height, room_width, room_height) <= 0:
        return 0, 0
    spare_width, spare_height = room_width - width, room_height - height
    if spare_width >= 0 and spare_height >= 0 and min(spare_width, spare_height) <= ROUNDING_PX:
        return picture_px
    if width * room_height >= height * room_width:
        return room_width, max(1, round(height * room_width / width))
    return max(1, round(width * room_height / height)), room_height


def place_remote(picture_px: tuple[int, int], canvas_px: tuple[int, int]) -> Box:
    """Return where the other side's picture goes: as large as it fits, in the middle."""
    width, height = fit_into(picture_px, canvas_px)
    return Box((canvas_px[0] - width) // 2, (canvas_px[1] - height) // 2, width, height)


def own_room(canvas_px: tuple[int, int], share: float = OWN_WIDTH_SHARE) -> tuple[int, int]:
    """Return the room for our own picture in a canvas of this size.

    Args:
        share: how much of the canvas's width it may take.
    """
    high = share * OWN_HEIGHT_SHARE / OWN_WIDTH_SHARE
    return round(canvas_px[0] * share), round(canvas_px[1] * high)


def place_own(
    picture_px: tuple[int, int],
    canvas_px: tuple[int, int],
    margin_px: int,
    *,
    corner: Corner = Corner.BOTTOM_RIGHT,
    share: float = OWN_WIDTH_SHARE,
) -> Box:
    """Return where our own picture goes: into a corner, `margin_px` from it."""
    width, height = fit_into(picture_px, own_room(canvas_px, share))
    return Box(
        margin_px if corner.is_left else canvas_px[0] - margin_px - width,
        margin_px if corner.is_top else canvas_px[1] - margin_px - height,
        width,
        height,
    )


def place_badge(
    badge_px: tuple[int, int], own: Box | None, canvas_px: tuple[int, int], *, gap_px: int
) -> tuple[int, int]:
    """Return the badge's left upper corner: in our own picture, at the left of its lower edge.

    Args:
        badge_px: its size; where it is wider than the picture, both end at the right.
        own: where our own picture is; without one, the badge takes the canvas's corner.
        canvas_px: the size of the canvas.
        gap_px: between the badge and the edges of the picture or canvas that it lies on.
    """
    width, height = badge_px
    if own is None:
        return canvas_px[0] - gap_px - width, canvas_px[1] - gap_px - height
    x = min(own.x + gap_px, own.x + own.width - gap_px - width)
    return x, own.y + own.height - gap_px - height


def place_window(placement: Placement, screen: Box) -> Box:
    """Return where a new window goes, without its frame, on a screen with this free area.

    Args:
        placement: which half of the screen, or the middle of the whole.
        screen: the area without panels, logical pixels.
    """
    left, width = screen.x, screen.width
    if placement != "auto":
        width //= 2
        left += width if placement == "right" else 0
    room = (max(1, width - 2 * EDGE_PX), max(1, screen.height - 2 * EDGE_PX - TITLE_PX))
    wanted_width, wanted_height = WINDOW_SIZE_PX
    if wanted_width > room[0] or wanted_height > room[1]:
        wanted_width, wanted_height = fit_into(WINDOW_SIZE_PX, room)
    return Box(
        left + (width - wanted_width) // 2,
        screen.y + (screen.height - wanted_height) // 2,
        wanted_width,
        wanted_height,
    )
