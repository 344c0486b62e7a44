"""How the colours of a picture are marked. Pure: touches the marks of a frame, never its pixels.

Two threads may reformat the same frame at once (self-view and encoder). PyAV's reformatter writes
the marks of its *source* for the time of the conversion and puts them back afterwards, with the
interpreter's lock released in between. It is harmless only where what it writes is what stood
there already, so every source marks its pictures here before it hands them over: matrix BT.601 as
SMPTE 170M (value 6, which the reformatter leaves alone; it rewrites 5 to 6), no transfer curve, no
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
    """Mark a YUV picture as BT.601 of this range and return it.

    The picture type is cleared too: an encoder that finds "I" there makes a keyframe of it.
    """
    picture.colorspace = _BT601
    return _mark(picture, color_range)


def mark_rgb(picture: "VideoFrame") -> "VideoFrame":
    """Mark a BGR or BGRA picture as full range and return it."""
    return _mark(picture, FULL_RANGE)


def _mark(picture: "VideoFrame", color_range: int) -> "VideoFrame":
    picture.color_range = color_range
    picture.color_trc = _UNSPECIFIED
    picture.color_primaries = _UNSPECIFIED
    picture.pict_type = _NO_PICTURE_TYPE
    return picture
