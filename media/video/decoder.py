"""Video decoders: an encoded picture to a raw one. Decode thread; knows no network.

The size and format in a packet's header are checked before FFmpeg reads it, so that a bad packet is
refused before it takes memory.
"""

from typing import Protocol

import av
from av import VideoFrame
from av.video.codeccontext import VideoCodecContext

from core.memory import CodecMemory
from media.errors import MORE_MEMORY, CodecError
from media.video.h264_header import SequenceHeader, parse_sequence_header, sequence_headers
from media.video.jpeg import JpegDecoder, jpeg_size

MAX_REFERENCE_FRAMES = 16
MAX_HEADERS = 4
"""The most sequence headers in one packet; usually there is one."""
DECODED_FORMATS = frozenset({"yuv420p", "yuvj420p"})
"""FFmpeg's names for limited and full range. A decoder keeps the first one; `color_range` follows
the stream."""
MAX_CROPPED_PX = 32
"""Fewer than this are coded but not shown, since sizes are coded in blocks of 16, and in pairs of
blocks for interlaced pictures."""


class CodecDecoder(Protocol):
    """The decoder of one codec: an encoded picture in, a raw one of the announced size out."""

    def decode(self, payload: bytes | bytearray | memoryview) -> VideoFrame: ...


class H264Decoder:
    """Decodes H.264 pictures of one size, one packet to one picture.

    One thread: a picture is one slice, and frame threads would hold pictures back.

    Args:
        size_px: width and height that every picture must have.
    """

    def __init__(self, size_px: tuple[int, int]) -> None:
        self._size_px = size_px
        self._has_header = False
        self._memory = CodecMemory()
        with self._memory:
            self._context = _open_h264()

    def decode(self, payload: bytes | bytearray | memoryview) -> VideoFrame:
        """Return the picture of a packet.

        Blocks for some milliseconds, with the interpreter's lock released.

        Raises:
            CodecError: the packet is not one picture of the announced size and format.
        """
        data = bytes(payload)
        if not data:
            raise CodecError("a packet is empty")
        for number, unit in enumerate(sequence_headers(data)):
            if number >= MAX_HEADERS:
                raise CodecError("a packet has too many headers")
            _check_header(parse_sequence_header(unit), self._size_px)
            self._has_header = True
        if not self._has_header:
            raise CodecError("a picture came before its header")
        try:
            with self._memory:
                frames = self._context.decode(av.Packet(data))
        except av.FFmpegError as error:
            raise CodecError("a picture cannot be decoded") from error
        if len(frames) != 1:
            raise CodecError(f"a packet decoded to {len(frames)} pictures")
        frame = frames[0]
        if (frame.width, frame.height) != self._size_px:
            raise CodecError("a picture decoded to another size than its header says")
        if frame.format.name not in DECODED_FORMATS:
            raise CodecError("a picture decoded to another format than its header says")
        return frame


class MjpegDecoder:
    """Decodes JPEG pictures of one size.

    Args:
        size_px: width and height that every picture must have.
    """

    def __init__(self, size_px: tuple[int, int]) -> None:
        self._size_px = size_px
        self._decoder = JpegDecoder()

    def decode(self, payload: bytes | bytearray | memoryview) -> VideoFrame:
        """Return the picture of a packet.

        Raises:
            CodecError: the packet is not one picture of the announced size.
        """
        data = bytes(payload)
        size = jpeg_size(data)
        if size != self._size_px:
            raise CodecError(_word_wrong_size(size, self._size_px))
        return self._decoder.decode(data)


def open_decoder(codec: str, size_px: tuple[int, int]) -> CodecDecoder:
    """Return a decoder for a codec of `DECODED_CODECS`."""
    return H264Decoder(size_px) if codec == "h264" else MjpegDecoder(size_px)


def _open_h264() -> VideoCodecContext:
    context = VideoCodecContext.create("h264", "r")
    context.thread_count = 1
    context.options = {"flags": "low_delay"}
    try:
        context.open()
    except (av.FFmpegError, MemoryError) as error:
        raise CodecError(
            "Their pictures cannot be decoded, most likely for lack of memory", MORE_MEMORY
        ) from error
    return context


def _check_header(header: SequenceHeader, size_px: tuple[int, int]) -> None:
    """Raise CodecError if a header announces another size or an unsupported format."""
    shown_px = (header.width_px, header.height_px)
    if shown_px != size_px:
        raise CodecError(_word_wrong_size(shown_px, size_px))
    cropped_px = (
        header.coded_width_px - header.width_px,
        header.coded_height_px - header.height_px,
    )
    if max(cropped_px) >= MAX_CROPPED_PX:
        raise CodecError("a picture is cropped from a much larger one")
    if header.chroma_format != 1 or header.bit_depth != 8:
        raise CodecError("a picture has a format that was not announced")
    if header.reference_frames > MAX_REFERENCE_FRAMES:
        raise CodecError("a picture needs more reference frames than H.264 allows")


def _word_wrong_size(size_px: tuple[int, int], announced_px: tuple[int, int]) -> str:
    width, height = announced_px
    return f"a picture of {size_px[0]}x{size_px[1]} came instead of {width}x{height}"
