"""Packets' bytes to raw pictures, safely. Runs in the decode thread; knows no network.

What a packet says of its size and format is checked before a decoder sees it, so that a bad one is
refused before it costs memory.
"""

from typing import Protocol

import av
from av import VideoFrame
from av.video.codeccontext import VideoCodecContext

from media.errors import CodecError
from media.video.h264_header import parse_sequence_header, sequence_headers
from media.video.jpeg import JpegDecoder, jpeg_size

MAX_REFERENCE_FRAMES = 16
MAX_HEADERS = 4
"""Sequence headers of one packet; one is usual."""
MAX_UNSEEN_PX = 32
"""Coded and not seen: sizes are coded in blocks of 16, of interlaced pictures in pairs of them."""


class CodecDecoder(Protocol):
    """What a codec does: the bytes of a packet in, a picture of the announced size out."""

    def decode(self, payload: bytes | bytearray | memoryview) -> VideoFrame: ...


class H264Decoder:
    """Decodes H.264 of one size, one packet to one picture.

    Two threads for the slices of one picture; frame threads would hold pictures back.

    Args:
        size_px: width and height that every picture must have.
    """

    def __init__(self, size_px: tuple[int, int]) -> None:
        self._size_px = size_px
        self._has_header = False
        self._context = self._open()

    def _open(self) -> VideoCodecContext:
        context = VideoCodecContext.create("h264", "r")
        context.thread_count = 2
        context.thread_type = "SLICE"
        context.options = {"flags": "low_delay"}
        context.open()
        return context

    def decode(self, payload: bytes | bytearray | memoryview) -> VideoFrame:
        """Return the picture of a packet. Blocks for some milliseconds, without the lock.

        Raises:
            CodecError: it is not one picture of the size and format that was announced.
        """
        data = bytes(payload)
        if not data:
            raise CodecError("a packet is empty")
        for number, unit in enumerate(sequence_headers(data)):
            if number >= MAX_HEADERS:
                raise CodecError("a packet has more headers than it can need")
            header = parse_sequence_header(unit)
            if (header.width_px, header.height_px) != self._size_px:
                raise CodecError(
                    f"a picture of {header.width_px}x{header.height_px} came instead of "
                    f"{self._size_px[0]}x{self._size_px[1]}"
                )
            unseen_px = (
                header.coded_width_px - header.width_px,
                header.coded_height_px - header.height_px,
            )
            if max(unseen_px) >= MAX_UNSEEN_PX:
                raise CodecError("a picture is cut from one that is much larger")
            if header.chroma_format != 1 or header.bit_depth != 8:
                raise CodecError("a picture came in a format that was not agreed on")
            if header.reference_frames > MAX_REFERENCE_FRAMES:
                raise CodecError("a picture asks for more references than H.264 has")
            self._has_header = True
        if not self._has_header:
            raise CodecError("a picture came before its header")
        try:
            frames = self._context.decode(av.Packet(data))
        except av.FFmpegError as error:
            raise CodecError("a picture does not decode") from error
        if len(frames) != 1:
            raise CodecError(f"a packet gave {len(frames)} pictures")
        frame = frames[0]
        if (frame.width, frame.height) != self._size_px or frame.format.name != "yuv420p":
            raise CodecError("a picture decoded to another size or format than it said")
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
            CodecError: it is not a picture of the size that was announced.
        """
        data = bytes(payload)
        size = jpeg_size(data)
        if size != self._size_px:
            raise CodecError(
                f"a picture of {size[0]}x{size[1]} came instead of "
                f"{self._size_px[0]}x{self._size_px[1]}"
            )
        return self._decoder.decode(data)


def open_decoder(codec: str, size_px: tuple[int, int]) -> CodecDecoder:
    """Return a decoder for a codec that `DECODED_CODECS` names."""
    return H264Decoder(size_px) if codec == "h264" else MjpegDecoder(size_px)
