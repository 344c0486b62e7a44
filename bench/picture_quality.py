"""Picture quality at the bitrate of a call, compared with plain x264. No network.

The same pictures go through our encoder and decoder, and through libx264 with the preset
`ultrafast` and the tuning `zerolatency` at the same bitrate. PSNR is measured on luma, from the
mean squared error of all pictures.
"""

import math
import time
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from itertools import islice

import av
import msgspec
import numpy as np

from bench.figures import Subject
from bench.film import HEIGHT_PX, RATE_HZ, WIDTH_PX, Film, Picture, to_i420
from media.frame import Frame
from media.video.decoder import H264Decoder
from media.video.encoder import VideoEncoder
from media.video.i420 import frame_from_i420
from media.video.settings import VideoSettings

BITRATE_BPS = VideoSettings().bitrate_bps
PEAK = 255.0

Encode = Callable[[av.VideoFrame, int], bytes]


class Totals(msgspec.Struct):
    """Sums over the pictures of one film."""

    errors: list[float] = msgspec.field(default_factory=list)
    coded_bytes: int = 0
    encode_s: float = 0.0
    decode_s: float = 0.0

    def rows(self) -> dict[str, float | tuple[float, ...] | None]:
        """Return the rows of the table."""
        count = max(1, len(self.errors))
        return {
            "psnr_db": psnr_db(self.errors),
            "mbps": self.coded_bytes * 8 * RATE_HZ / count / 1e6,
            "encode_ms": self.encode_s / count * 1000,
            "decode_ms": self.decode_s / count * 1000,
        }


def psnr_db(errors: Sequence[float]) -> float | None:
    """Return the PSNR of mean squared errors, in dB; None without errors."""
    mean = sum(errors) / len(errors) if errors else 0.0
    return 10 * math.log10(PEAK * PEAK / mean) if mean else None


def measure_quality(film: Film) -> list[tuple[str, list[Subject]]]:
    """Return the name and the columns of each part of the film: ours, then plain x264."""
    pictures = film.pictures()
    measured = []
    for name, count in film.parts:
        blocks = list(islice(pictures, count))
        ours, plain = _run(blocks, _our_encode()), _run(blocks, _plain_encode())
        columns = [Subject("Vis-à-vis", ours.rows()), Subject("plain x264", plain.rows())]
        measured.append((name, columns))
    return measured


def _run(blocks: Iterable[Picture], encode: Encode) -> Totals:
    decoder = H264Decoder((WIDTH_PX, HEIGHT_PX))
    total = Totals()
    for number, block in enumerate(blocks):
        picture = frame_from_i420(block.copy())
        began_s = time.perf_counter()
        payload = encode(picture, number * 1_000_000 // RATE_HZ)
        encoded_s = time.perf_counter()
        decoded = decoder.decode(payload)
        total.decode_s += time.perf_counter() - encoded_s
        total.encode_s += encoded_s - began_s
        total.coded_bytes += len(payload)
        luma = to_i420(decoded)[:HEIGHT_PX].astype(np.float32)
        total.errors.append(float(np.mean((luma - block[:HEIGHT_PX]) ** 2)))
    return total


def _our_encode() -> Encode:
    encoder = VideoEncoder("h264", RATE_HZ, BITRATE_BPS)

    def encode(picture: av.VideoFrame, captured_us: int) -> bytes:
        frame = Frame(picture, captured_us)
        size_px = WIDTH_PX, HEIGHT_PX
        encoded = encoder.encode(frame, BITRATE_BPS, size_px, refines=True, keyframe=False)
        return bytes(encoded.payload)

    return encode


def _plain_encode() -> Encode:
    context = av.VideoCodecContext.create("libx264", "w")
    context.width, context.height, context.pix_fmt = WIDTH_PX, HEIGHT_PX, "yuv420p"
    context.time_base, context.framerate = Fraction(1, 1_000_000), Fraction(RATE_HZ)
    context.bit_rate = BITRATE_BPS
    context.thread_count = 1
    context.options = {"preset": "ultrafast", "tune": "zerolatency"}

    def encode(picture: av.VideoFrame, captured_us: int) -> bytes:
        picture.pts = captured_us
        return b"".join(map(bytes, context.encode(picture)))

    return encode
