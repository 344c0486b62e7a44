"""Frame normalizer: turns pictures of files upright, with square pixels and BT.601. Capture thread.

A picture that already has this form passes unchanged. Otherwise a small FFmpeg filter graph turns,
stretches, scales and converts it in one step. The graph is kept while the pictures have one shape.
What may be transparent leaves the graph as rgba, and is laid on white.
"""

from fractions import Fraction

import av
import msgspec
from av.error import FFmpegError
from av.filter import Graph
from av.video.format import VideoFormat
from av.video.reformatter import Colorspace

from media.errors import SourceError
from media.video.colour_range import FULL_RANGE, LIMITED_RANGE, mark_rgb, mark_yuv
from media.video.transparency import can_be_transparent, lay_on_white

MAX_PIXELS = 100_000_000
"""More than a phone's photograph (50 megapixels); 400 MB when decoded as RGBA."""

_KEPT_FORMATS = {"yuv420p": LIMITED_RANGE, "yuvj420p": FULL_RANGE}
_WITH_ALPHA = "rgba"
_BT601 = Colorspace.ITU601
_JPEG_RANGE = 2
_BT709 = 1
_BT2020 = (9, 10)
UPRIGHT = 1
_TURNS: dict[int, tuple[tuple[str, str], ...]] = {
    UPRIGHT: (),
    2: (("hflip", ""),),
    3: (("hflip", ""), ("vflip", "")),
    4: (("vflip", ""),),
    5: (("transpose", "cclock_flip"),),
    6: (("transpose", "clock"),),
    7: (("transpose", "clock_flip"),),
    8: (("transpose", "cclock"),),
}
"""The filters that undo each orientation of EXIF."""
_TURNED_SIDEWAYS = frozenset({5, 6, 7, 8})
_OTHER_MATRICES = frozenset({_BT709, *_BT2020, 4, 7, 8, 0})


class _Shape(msgspec.Struct, frozen=True):
    """The properties of a picture on which a filter graph depends."""

    format: str
    width: int
    height: int
    orientation: int
    colorspace: int
    color_range: int
    pixel_aspect: Fraction


class FrameNormalizer:
    """Normalizes the pictures of one stream.

    Args:
        max_size: width and height to which larger pictures are scaled down, keeping their shape.
    """

    def __init__(self, max_size: tuple[int, int] | None = None) -> None:
        self._max_size = max_size
        self._shape: _Shape | None = None
        self._graph: Graph | None = None

    def convert(
        self,
        picture: av.VideoFrame,
        pixel_aspect: Fraction | None,
        orientation: int | None = None,
    ) -> av.VideoFrame:
        """Return the normalized picture. Raises SourceError.

        Args:
            pixel_aspect: width of a pixel by its height, from the file; None or 0 if unknown.
            orientation: of EXIF, 1 to 8; None to turn the picture as FFmpeg reports.
        """
        shape = _Shape(
            picture.format.name,
            picture.width,
            picture.height,
            orientation or _orientation(picture.rotation),
            picture.colorspace,
            picture.color_range,
            pixel_aspect or Fraction(1),
        )
        if shape != self._shape:
            self._graph = self._build(shape)
            self._shape = shape
        if self._graph is None:
            return mark_yuv(picture, _KEPT_FORMATS[shape.format])
        try:
            self._graph.vpush(picture)
            converted = self._graph.vpull()
            if converted.format.name == _WITH_ALPHA:
                return _to_yuv(lay_on_white(converted))
            return mark_yuv(converted, LIMITED_RANGE)
        except FFmpegError as error:
            raise SourceError("The file's pictures cannot be converted") from error

    def _build(self, shape: _Shape) -> Graph | None:
        steps: list[tuple[str, str]] = list(_TURNS[shape.orientation])
        is_turned = shape.orientation in _TURNED_SIDEWAYS
        shown = Fraction(shape.width) * shape.pixel_aspect, Fraction(shape.height)
        width, height = _fit(shown[::-1] if is_turned else shown, self._max_size)
        has_same_size = (width, height) == (
            (shape.height, shape.width) if is_turned else (shape.width, shape.height)
        )
        is_full = shape.format == "yuv420p" and shape.color_range == _JPEG_RANGE
        is_kept_format = shape.format in _KEPT_FORMATS and not is_full
        if (
            not steps
            and has_same_size
            and is_kept_format
            and shape.colorspace not in _OTHER_MATRICES
        ):
            return None
        if can_be_transparent(VideoFormat(shape.format)):
            steps += [("scale", f"{width}:{height}:flags=bilinear"), ("format", _WITH_ALPHA)]
            return _connect(shape, steps)
        steps += [
            ("scale", f"{width}:{height}:flags=bilinear:out_color_matrix=bt601:out_range=tv"),
            ("format", "yuv420p"),
        ]
        return _connect(shape, steps)


def _connect(shape: _Shape, steps: list[tuple[str, str]]) -> Graph:
    try:
        graph = Graph()
        graph.threads = 1
        source = graph.add(
            "buffer",
            f"video_size={shape.width}x{shape.height}:pix_fmt={shape.format}:time_base=1/1000000",
        )
        nodes = [source, *(graph.add(name, args) for name, args in steps), graph.add("buffersink")]
        graph.link_nodes(*nodes).configure()
    except (FFmpegError, ValueError) as error:
        raise SourceError("The file's pictures cannot be converted") from error
    return graph


def _orientation(rotation: int) -> int:
    """Return the orientation of EXIF for a rotation given in degrees counterclockwise."""
    return (UPRIGHT, 8, 3, 6)[round(rotation / 90) % 4]


def _to_yuv(picture: av.VideoFrame) -> av.VideoFrame:
    converted = mark_rgb(picture).reformat(
        format="yuv420p", dst_colorspace=_BT601, dst_color_range=LIMITED_RANGE
    )
    return mark_yuv(converted, LIMITED_RANGE)


def _fit(size: tuple[Fraction, Fraction], limit: tuple[int, int] | None) -> tuple[int, int]:
    """Return the size, scaled down to the limit, and even unless nothing has to change."""
    width, height = size
    if limit is not None:
        scale = min(Fraction(1), Fraction(limit[0]) / width, Fraction(limit[1]) / height)
        width, height = width * scale, height * scale
    if width.denominator == 1 and limit is None:
        return int(width), int(height)
    return max(2, round(width / 2) * 2), max(2, round(height / 2) * 2)
