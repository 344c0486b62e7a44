"""A raw picture on its way. Pure: a value, no I/O, no clock.

Everybody who says `Frame` means this, and nothing else about its pixels:

    picture.format   yuv420p with limited range (`color_range` 1, BT.601 matrix) is what encoders
                     take; a source may hand over any format that the encoder's reformatter reads
                     (bgr24, bgra, yuyv422, yuvj420p and yuvj422p with full range)
    shape            picture.height rows of picture.width pixels, the first row at the top
    dtype            8 bits a sample

A frame's pixels are never written to after it was handed over: several readers share it. Its `pts`
and picture type belong to the encode thread.
"""

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from av import VideoFrame


class FrameKind(Enum):
    """Whether a newer frame is to be expected."""

    LIVE = "live"
    """One of a stream: the next one comes by itself."""
    STILL = "still"
    """A picture that stands: it is sent again a few times a second until another comes."""
    PLACEHOLDER = "placeholder"
    """Drawn in place of a source that gives nothing; stands, as a still does."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One raw picture and when it was seen.

    Attributes:
        picture: the pixels; see the module.
        captured_us: when the source handed it over, this machine's monotonic clock, microseconds.
        kind: whether a newer frame is to be expected.
    """

    picture: "VideoFrame"
    captured_us: int
    kind: FrameKind = FrameKind.LIVE
