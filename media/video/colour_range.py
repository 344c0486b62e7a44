"""Colour marks of a picture: matrix, range, curve, primaries. Pure: changes marks, never pixels.

Two threads, self-view and encoder, may reformat the same frame at once. During a conversion, PyAV's
reformatter overwrites the marks of its *source* and restores them afterwards, with the
interpreter's lock released in between. That is harmless only if it writes the values that were
there before, so every source marks its pictures here before it hands them over: matrix BT.601 as
SMPTE 170M (value 6, which the reformatter keeps; it rewrites 5 to 6), no transfer curve, no
primaries.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from av import VideoFrame

LIMITED_RANGE = 1
FULL_RANGE = 2
_BT601 = 6
_UNSPECIFIED = 2
_NO_PICTURE_TYPE = 0


def mark_yuv(picture: "VideoFrame", color_range: int) -> "VideoFrame":
    """Mark a YUV picture as BT.601 with this range, and return it.

    Clears the picture type too: an encoder turns a picture of type "I" into a keyframe.
    """
    picture.colorspace = _BT601
    return _mark(picture, color_range)


def mark_rgb(picture: "VideoFrame") -> "VideoFrame":
    """Mark a BGR or BGRA picture as full range, and return it."""
    return _mark(picture, FULL_RANGE)


def _mark(picture: "VideoFrame", color_range: int) -> "VideoFrame":
    picture.color_range = color_range
    picture.color_trc = _UNSPECIFIED
    picture.color_primaries = _UNSPECIFIED
    picture.pict_type = _NO_PICTURE_TYPE
    return picture
