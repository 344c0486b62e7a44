"""JPEG decoder: one file to one picture. Capture or decode thread; knows no network.

The bytes may come from a stranger: the picture's size is read and bounded before anything is
decoded, and each error of FFmpeg becomes a CodecError.

    FF C0 | length 2 | precision 1 | height 2 | width 2 | components 1 | ...      frame header, SOF
"""

import platform
import re
from itertools import islice

import av
from av.error import FFmpegError

from media.errors import CodecError
from media.video.colour_range import FULL_RANGE, mark_yuv

MAX_SIDE_PX = 4096
"""Enough for the largest stream of a phone (4K, 3840x2160, upright or not): 25 MB decoded."""

_MAX_SCANS = 64
"""Baseline has one, progressive about ten. Each costs a pass over all blocks, however few bytes it
has, so a small file with thousands of scans would keep a processor busy for minutes."""

_BEGIN = b"\xff\xd8"
_END = b"\xff\xd9"
_SCAN = b"\xff\xda"
_SCANS = re.compile(re.escape(_SCAN))
"""Takes half of the time of `bytes.count`."""
_FRAME_HEADERS = frozenset({0xC0, 0xC1, 0xC2})
_OTHER_FRAME_HEADERS = frozenset({0xC3, *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0)})
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD8)})
_DECODED_FORMATS = frozenset({"yuvj420p", "yuvj422p", "yuvj444p", "yuvj440p", "yuvj411p", "gray"})


def jpeg_size(data: bytes) -> tuple[int, int]:
    """Return width and height from the frame header, each 1 to 4096 pixels. Pure.

    Raises CodecError if there is no such header, if the picture is larger, or if it is not
    baseline, extended or progressive with 8 bits.
    """
    if data[:2] != _BEGIN:
        raise CodecError("a picture is not a JPEG")
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            raise CodecError("a JPEG is damaged")
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
        elif marker in _WITHOUT_LENGTH:
            at += 2
        elif marker in _FRAME_HEADERS:
            return _read_frame_header(data[at + 4 : at + 10])
        elif marker in _OTHER_FRAME_HEADERS:
            raise CodecError("a JPEG is of an unsupported kind")
        elif marker in (0x00, 0xD8, 0xD9, 0xDA):
            raise CodecError("a JPEG is damaged")
        else:
            length = int.from_bytes(data[at + 2 : at + 4], "big")
            if length < 2:
                raise CodecError("a JPEG is damaged")
            at += 2 + length
    raise CodecError("a JPEG is cut off")


def _read_frame_header(header: bytes) -> tuple[int, int]:
    if len(header) < 6:
        raise CodecError("a JPEG is cut off")
    height = int.from_bytes(header[1:3], "big")
    width = int.from_bytes(header[3:5], "big")
    if header[0] != 8:
        raise CodecError("a JPEG is of an unsupported kind")
    if not (1 <= width <= MAX_SIDE_PX and 1 <= height <= MAX_SIDE_PX):
        raise CodecError(f"a JPEG of {width}x{height} exceeds {MAX_SIDE_PX} pixels")
    return width, height


class JpegDecoder:
    """Decodes one JPEG after another. One thread; starts none."""

    def __init__(self) -> None:
        self._codec = _open_codec()

    def decode(self, data: bytes) -> av.VideoFrame:
        """Return the picture in the file's own format, planar YUV (mostly yuvj420p) or gray.

        The picture has full range. Blocks for about 2 ms for 1280x720, with the interpreter's lock
        released. Raises CodecError if the bytes are not one complete JPEG of an allowed size.
        """
        size = jpeg_size(data)
        end = data.rfind(_END)
        if end < 0 or data.find(_SCAN, 0, end) < 0:  # near the beginning: found at once
            raise CodecError("a JPEG is cut off")
        if sum(1 for _ in islice(_SCANS.finditer(data), _MAX_SCANS + 1)) > _MAX_SCANS:
            raise CodecError("a JPEG has too many scans")
        try:
            pictures = self._codec.decode(av.Packet(data))
        except FFmpegError as error:
            self._codec = _open_codec()  # after some errors, the old one stays at "end of file"
            raise CodecError("a JPEG is damaged") from error
        if len(pictures) != 1:
            self._codec = _open_codec()
            raise CodecError("a JPEG is damaged")
        picture = pictures[0]
        if (picture.width, picture.height) != size:
            raise CodecError("a JPEG decoded to another size than its header says")
        if picture.format.name not in _DECODED_FORMATS:
            raise CodecError("a JPEG is of an unsupported kind")
        return mark_yuv(picture, FULL_RANGE)


def _open_codec() -> av.VideoCodecContext:
    codec = av.VideoCodecContext.create("mjpeg", "r")
    codec.thread_count = 1
    codec.options = {"max_pixels": str(MAX_SIDE_PX * MAX_SIDE_PX), **_fast_transform()}
    return codec


def _fast_transform() -> dict[str, str]:
    """Return FFmpeg's option for the fastest inverse transform of this processor.

    Measured on films at 1280x720: xvid's takes 3.1 instead of 3.5 ms a picture on x86-64, and
    differs from a transform in floating point in 2.0 instead of 1.4 % of the samples, by 1. It has
    no fast code for other processors.
    """
    return {"idct": "xvid"} if platform.machine().lower() in ("x86_64", "amd64") else {}
