"""Picture files of the kinds that people have, written by the codecs of FFmpeg and by hand."""

import struct
import zlib
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from tests.inputs.cmyk_jpeg import encode_cmyk
from tests.inputs.quadrants import quadrants

_JPEG_BEGIN = 2
_EXIF_ORIENTATION = 0x0112


def write_jpeg(
    path: Path, *, progressive: bool = False, gray: bool = False, orientation: int = 1
) -> None:
    """Write a JPEG of quadrants; an orientation of EXIF, 1 to 8, says how to turn it."""
    pixels = quadrants()
    stored = pixels[..., 0] if gray else pixels[..., ::-1]
    options = [cv2.IMWRITE_JPEG_QUALITY, 95, cv2.IMWRITE_JPEG_PROGRESSIVE, int(progressive)]
    jpeg = cv2.imencode(".jpg", stored, options)[1].tobytes()
    path.write_bytes(jpeg[:_JPEG_BEGIN] + _exif(orientation) + jpeg[_JPEG_BEGIN:])


def write_cut_jpeg(path: Path) -> None:
    """Write the upper part of a JPEG, as an interrupted download leaves it."""
    noise = np.random.default_rng(1).integers(0, 255, (240, 320, 3), np.uint8)
    jpeg = cv2.imencode(".jpg", noise)[1].tobytes()
    path.write_bytes(jpeg[: len(jpeg) // 2])


def write_cmyk_jpeg(path: Path) -> None:
    """Write a JPEG with four inks, as print shops have it."""
    path.write_bytes(encode_cmyk(quadrants()))


def write_png(path: Path, pixel_format: str) -> None:
    """Write a PNG in a pixel format of FFmpeg, such as rgb48be."""
    _encode(
        path, "png", av.VideoFrame.from_ndarray(quadrants(), "rgb24").reformat(format=pixel_format)
    )


def write_alpha_png(path: Path) -> None:
    """Write a PNG whose lower half is transparent; its hidden pixels are black."""
    pixels = np.dstack([quadrants(), np.full((48, 64), 255, np.uint8)])
    pixels[24:] = 0
    _encode(path, "png", av.VideoFrame.from_ndarray(pixels, "rgba"))


def write_palette_png(path: Path, *, transparent: bool = False) -> None:
    """Write a PNG of four colours with a palette; with a transparent last one if requested."""
    palette = bytes((255, 255, 255, 255, 0, 0, 0, 255, 0, 0, 0, 255))
    rows = b"".join(
        bytes([0]) + bytes([upper_left] * 32 + [upper_left + 1] * 32)
        for upper_left in (0,) * 24 + (2,) * 24
    )
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", 64, 48, 8, 3, 0, 0, 0)),
        (b"PLTE", palette),
        *([(b"tRNS", bytes((255, 255, 255, 0)))] if transparent else []),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    ]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks))


def write_animation(path: Path, codec: str, pixel_format: str, count: int = 4) -> None:
    """Write an animated GIF or WebP, five pictures a second."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=5)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 48, pixel_format
        for number in range(count):
            pixels = quadrants()
            pixels[:2, : 8 * (number + 1)] = 0
            picture = av.VideoFrame.from_ndarray(pixels, "rgb24").reformat(format=pixel_format)
            picture.pts = number
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))


def write_svg(path: Path) -> None:
    """Write a drawing, for which FFmpeg has a format but no decoder."""
    path.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>')


def _encode(path: Path, codec: str, picture: av.VideoFrame) -> None:
    context = av.VideoCodecContext.create(codec, "w")
    assert isinstance(context, av.VideoCodecContext)
    context.width, context.height = picture.width, picture.height
    context.pix_fmt, context.framerate = picture.format.name, Fraction(1)
    path.write_bytes(b"".join(bytes(p) for p in [*context.encode(picture), *context.encode(None)]))


def _exif(orientation: int) -> bytes:
    entry = struct.pack(">HHIHH", _EXIF_ORIENTATION, 3, 1, orientation, 0)
    exif = b"Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01" + entry + bytes(4)
    return b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
