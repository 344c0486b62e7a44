"""Measure: the sizes from which everything in the window is laid out. Pure: values only."""

import msgspec

DESIGN_PX = (960, 540)
"""The logical size of a window in which text and margins have their nominal size."""
SMALLEST_UNIT = 0.6
LARGEST_UNIT = 1.6
SMALLEST_TEXT_UNIT = 0.8
"""Text of 14 pixels becomes no smaller than 11."""


class Measure(msgspec.Struct, frozen=True):
    """The sizes of a canvas.

    Attributes:
        size: logical pixels.
        ratio: device pixels in a logical pixel.
        text_scale: how large this user wants text; 1 is usual.
    """

    size: tuple[int, int]
    ratio: float = 1.0
    text_scale: float = 1.0

    @property
    def canvas_px(self) -> tuple[int, int]:
        """The size in device pixels."""
        return round(self.size[0] * self.ratio), round(self.size[1] * self.ratio)

    @property
    def logical_unit(self) -> float:
        """How many logical pixels one of the design takes here."""
        share = min(self.size[0] / DESIGN_PX[0], self.size[1] / DESIGN_PX[1])
        return min(max(share, SMALLEST_UNIT), LARGEST_UNIT)

    @property
    def logical_text_unit(self) -> float:
        """How many logical pixels one of the design takes in text here."""
        return max(self.logical_unit, SMALLEST_TEXT_UNIT) * self.text_scale

    @property
    def unit(self) -> float:
        """How many device pixels a logical pixel of the design takes here."""
        return self.logical_unit * self.ratio

    @property
    def text_unit(self) -> float:
        """How many device pixels a logical pixel of the design takes in text here."""
        return self.logical_text_unit * self.ratio
