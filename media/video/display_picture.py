"""A small picture that is ready to be painted. Pure: a value."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from av import VideoFrame


@dataclass(frozen=True, slots=True)
class DisplayPicture:
    """Pixels as a window paints them.

    Attributes:
        bgra: format bgra; its one plane is the buffer, `planes[0].line_size` bytes a row, which
            may be more than four times the width.
        width: in pixels.
        height: in pixels.
        captured_us: when the source handed the picture over, this machine's monotonic clock.
    """

    bgra: "VideoFrame"
    width: int
    height: int
    captured_us: int
