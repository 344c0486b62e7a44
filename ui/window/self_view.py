"""Self-view: where our own picture lies, how large it is, and whether it is seen. Pure: no Qt.

The user drags it to any corner, drags its inner corner to resize it, or hides it.
"""

from ui.window.geometry import OWN_WIDTH_SHARE, Box, Corner, own_room, place_own

SMALLEST_SHARE = 0.12
LARGEST_SHARE = 0.42
STEP = 1.25
"""The factor between two sizes that keys and wheel choose."""
GRIP_PX = 18
"""Device pixels at 100 %: how close to the inner corner a drag resizes."""


class SelfView:
    """The place of our own picture."""

    def __init__(self) -> None:
        self.is_shown = True
        self.corner = Corner.BOTTOM_RIGHT
        self._share = OWN_WIDTH_SHARE
        self._drag: _Drag | None = None

    @property
    def is_dragged(self) -> bool:
        """True while the user drags or resizes it."""
        return self._drag is not None

    def room(self, canvas_px: tuple[int, int]) -> tuple[int, int]:
        """Return the largest size that our picture may have in a canvas of this size."""
        return own_room(canvas_px, self._share)

    def place(self, picture_px: tuple[int, int], canvas_px: tuple[int, int], margin_px: int) -> Box:
        """Return where our picture goes; during a drag below the pointer."""
        box = place_own(picture_px, canvas_px, margin_px, corner=self.corner, share=self._share)
        drag = self._drag
        if drag is None or drag.resizes:
            return box
        x = min(max(drag.at[0] - drag.grip[0], 0), canvas_px[0] - box.width)
        y = min(max(drag.at[1] - drag.grip[1], 0), canvas_px[1] - box.height)
        return Box(x, y, box.width, box.height)

    def is_grip(self, at: tuple[int, int], box: Box, unit: float) -> bool:
        """Return whether a point is at the corner that resizes the picture in this box."""
        left, top = self.corner.is_left, self.corner.is_top
        inner_x = box.x + box.width if left else box.x
        inner_y = box.y + box.height if top else box.y
        reach = GRIP_PX * unit
        return abs(at[0] - inner_x) <= reach and abs(at[1] - inner_y) <= reach

    def press(self, at: tuple[int, int], box: Box, unit: float) -> bool:
        """Begin to drag or resize; return whether the point is on the picture in this box."""
        resizes = self.is_grip(at, box, unit)
        if not (resizes or box.contains(at)):
            return False
        self._drag = _Drag(at, (at[0] - box.x, at[1] - box.y), resizes=resizes)
        return True

    def move(self, at: tuple[int, int], canvas_px: tuple[int, int], margin_px: int) -> None:
        """Follow the pointer."""
        if self._drag is None:
            return
        self._drag.at = at
        if self._drag.resizes:
            edge = margin_px if self.corner.is_left else canvas_px[0] - margin_px
            self._set_share(abs(at[0] - edge) / max(1, canvas_px[0]))

    def release(self, box: Box, canvas_px: tuple[int, int]) -> None:
        """End a drag; the picture goes into the corner next to the box where it was left."""
        if self._drag is not None and not self._drag.resizes:
            centre = box.x + box.width / 2, box.y + box.height / 2
            self.corner = Corner.at(
                is_left=centre[0] < canvas_px[0] / 2, is_top=centre[1] < canvas_px[1] / 2
            )
        self._drag = None

    def go_to_next_corner(self) -> None:
        """Move it to the next corner, clockwise."""
        corners = list(Corner)
        self.corner = corners[(corners.index(self.corner) + 1) % len(corners)]

    def grow(self) -> None:
        """Make it a step larger."""
        self._set_share(self._share * STEP)

    def shrink(self) -> None:
        """Make it a step smaller."""
        self._set_share(self._share / STEP)

    def _set_share(self, share: float) -> None:
        self._share = min(max(share, SMALLEST_SHARE), LARGEST_SHARE)


class _Drag:
    """A drag that goes on, in device pixels."""

    def __init__(self, at: tuple[int, int], grip: tuple[int, int], *, resizes: bool) -> None:
        self.at = at
        self.grip = grip
        self.resizes = resizes
