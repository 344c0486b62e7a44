"""A raw picture with its time of capture. Pure: a value, no I/O, no clock.

    picture.format   encoders take yuv420p with limited range (`color_range` 1, BT.601 matrix), or
                     yuvj420p, with full range; a source may deliver any format that the encoder's
                     reformatter reads (bgr24, bgra, yuyv422, yuvj422p with full range)
    shape            picture.height rows of picture.width pixels, the first row at the top
    dtype            8 bits a sample

Nothing writes to a frame's pixels after it was handed over: several readers share it. Its `pts` and
picture type belong to the encode thread.
"""

from enum import Enum
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from av import VideoFrame


class FrameKind(Enum):
    """The kinds of frame: one of a stream, or one that stands."""

    LIVE = "live"
    """One of a stream; the next one follows."""
    STILL = "still"
    """A standing picture, sent again a few times a second until another one comes."""
    PLACEHOLDER = "placeholder"
    """Drawn in place of a source that delivers nothing; stands, as a still does."""


class Content(Enum):
    """The kind of content in a picture. It decides which loss hurts the picture least."""

    MOTION = "motion"
    """People and films: a coarser picture is better than fewer pictures."""
    DETAIL = "detail"
    """Text and slides: fewer pictures are better than a coarser one."""


class Frame(msgspec.Struct, frozen=True):
    """One raw picture and its time of capture.

    Attributes:
        picture: the pixels; see the top of this module.
        captured_us: when the source handed it over, this machine's monotonic clock, microseconds.
        kind: whether a newer frame will follow.
        content: which loss hurts it least.
    """

    picture: "VideoFrame"
    captured_us: int
    kind: FrameKind = FrameKind.LIVE
    content: Content = Content.MOTION
