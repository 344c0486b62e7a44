"""A picture in the form that a window paints. Pure: a value."""

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from av import VideoFrame


class DisplayPicture(msgspec.Struct, frozen=True):
    """A picture ready to be painted.

    Attributes:
        bgra: the pixels, format bgra, in one plane with `planes[0].line_size` bytes a row, which
            may be more than four times the width.
        width: in pixels.
        height: in pixels.
        captured_us: when the source handed the picture over, this machine's monotonic clock.
        is_mirrorable: whether it may be shown as in a mirror, which makes text illegible.
    """

    bgra: "VideoFrame"
    width: int
    height: int
    captured_us: int
    is_mirrorable: bool = True
