"""One JPEG to one picture. Runs in whichever thread has the bytes; knows no network.

The bytes may come from a stranger: their size is read and bounded before anything is decoded, and
whatever FFmpeg says against them is a CodecError.

    FF C0 | length 2 | precision 1 | height 2 | width 2 | components 1 | ...      frame header, SOF
"""

import av
from av.error import FFmpegError

from media.errors import CodecError
from media.video.colour_range import FULL_RANGE, mark_yuv

MAX_SIDE_PX = 4096
"""Holds the largest that phone cameras stream (4K, 3840x2160, either way up); decoded 25 MB."""

_MAX_SCANS = 64
"""Baseline has one, progressive about ten. Each costs a pass over all blocks, however few its bytes
are, so a small file with thousands would keep a processor busy for minutes."""

_BEGIN = b"\xff\xd8"
_END = b"\xff\xd9"
_SCAN = b"\xff\xda"
_FRAME_HEADERS = frozenset({0xC0, 0xC1, 0xC2})
_OTHER_FRAME_HEADERS = frozenset({0xC3, *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0)})
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD8)})
_DECODED_FORMATS = frozenset({"yuvj420p", "yuvj422p", "yuvj444p", "yuvj440p", "yuvj411p", "gray"})


def jpeg_size(data: bytes) -> tuple[int, int]:
    """Return width and height as the frame header says, each 1 to 4096. Pure.

    Raises CodecError for what has no such header, for other kinds than baseline, extended and
    progressive of 8 bits, and for larger pictures.
    """
    if data[:2] != _BEGIN:
        raise CodecError("A picture is not a JPEG")
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            raise CodecError("A JPEG is damaged")
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
        elif marker in _WITHOUT_LENGTH:
            at += 2
        elif marker in _FRAME_HEADERS:
            return _read_frame_header(data[at + 4 : at + 10])
        elif marker in _OTHER_FRAME_HEADERS:
            raise CodecError("A JPEG is of a kind that is not decoded")
        elif marker in (0x00, 0xD8, 0xD9, 0xDA):
            raise CodecError("A JPEG is damaged")
        else:
            length = int.from_bytes(data[at + 2 : at + 4], "big")
            if length < 2:
                raise CodecError("A JPEG is damaged")
            at += 2 + length
    raise CodecError("A JPEG is cut off")


def _read_frame_header(header: bytes) -> tuple[int, int]:
    if len(header) < 6:
        raise CodecError("A JPEG is cut off")
    height = int.from_bytes(header[1:3], "big")
    width = int.from_bytes(header[3:5], "big")
    if header[0] != 8:
        raise CodecError("A JPEG is of a kind that is not decoded")
    if not (1 <= width <= MAX_SIDE_PX and 1 <= height <= MAX_SIDE_PX):
        raise CodecError(f"A JPEG of {width}x{height} is not decoded: {MAX_SIDE_PX} is the limit")
    return width, height


class JpegDecoder:
    """Decodes one JPEG after another. Used by one thread; never starts one."""

    def __init__(self) -> None:
        self._codec = _open_codec()

    def decode(self, data: bytes) -> av.VideoFrame:
        """Return the picture: planar YUV as the file has it (yuvj420p mostly), or gray; full range.

        Raises CodecError on anything that is not one whole JPEG of an allowed size. Blocks for the
        decoding, about 2 ms for 1280x720, with the interpreter's lock released.
        """
        size = jpeg_size(data)
        end = data.rfind(_END)
        if end < 0 or data.rfind(_SCAN, 0, end) < 0:
            raise CodecError("A JPEG is cut off")
        if data.count(_SCAN) > _MAX_SCANS:
            raise CodecError("A JPEG has too many scans")
        try:
            pictures = self._codec.decode(av.Packet(data))
        except FFmpegError as error:
            self._codec = _open_codec()  # some errors leave the decoder at "end of file" for good
            raise CodecError("A JPEG is damaged") from error
        if len(pictures) != 1:
            self._codec = _open_codec()
            raise CodecError("A JPEG is damaged")
        picture = pictures[0]
        if (picture.width, picture.height) != size:
            raise CodecError("A JPEG has another size than it says")
        if picture.format.name not in _DECODED_FORMATS:
            raise CodecError("A JPEG is of a kind that is not decoded")
        return mark_yuv(picture, FULL_RANGE)


def _open_codec() -> av.VideoCodecContext:
    codec = av.VideoCodecContext.create("mjpeg", "r")
    codec.thread_count = 1
    codec.options = {"max_pixels": str(MAX_SIDE_PX * MAX_SIDE_PX)}
    return codec
