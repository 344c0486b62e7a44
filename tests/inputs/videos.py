"""Video files of the kinds that people have: short, small, and encoded by FFmpeg."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from tests.inputs.quadrants import Pixels, quadrants

RATE_HZ = 10


def write_video(
    path: Path,
    *,
    codec: str = "libx264",
    pixel_format: str = "yuv420p",
    size_px: tuple[int, int] = (64, 48),
    times_ms: tuple[int, ...] = tuple(range(0, 1000, 100)),
    keyframe_interval: int = 5,
    skips_packets: int = 0,
) -> None:
    """Write a video of quadrants; a darker bar at its top grows with each picture.

    Args:
        times_ms: when each picture is shown.
        skips_packets: the number of packets left out at the start.
    """
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=RATE_HZ)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height = size_px
        stream.pix_fmt = pixel_format
        stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        stream.gop_size = keyframe_interval
        stream.codec_context.max_b_frames = 0
        packets = []
        for number, time_ms in enumerate(times_ms):
            picture = av.VideoFrame.from_ndarray(_numbered(number, size_px), "rgb24")
            picture = picture.reformat(format=pixel_format)
            picture.pts, picture.time_base = time_ms, Fraction(1, 1000)
            packets += stream.encode(picture)
        packets += stream.encode(None)
        for packet in packets[skips_packets:]:
            container.mux(packet)


def turn_video(path: Path, degrees: int) -> None:
    """Write into a video's header that a player turns it clockwise, as phones do."""
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4 + 40
    one = 1 << 16
    cosine, sine = {0: (one, 0), 90: (0, one), 180: (-one, 0), 270: (0, -one)}[degrees]
    values = (cosine, sine, 0, -sine, cosine, 0, 0, 0, 1 << 30)
    data[at : at + 36] = b"".join((value & 0xFFFFFFFF).to_bytes(4, "big") for value in values)
    path.write_bytes(data)


def write_sound(path: Path) -> None:
    """Write a file that holds sound alone."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=48_000)
        assert isinstance(stream, av.AudioStream)
        for number in range(10):
            block = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), "fltp", "stereo")
            block.rate, block.pts = 48_000, number * 1024
            container.mux(stream.encode(block))
        container.mux(stream.encode(None))


def _numbered(number: int, size_px: tuple[int, int]) -> Pixels:
    pixels = quadrants(*size_px)
    pixels[:4, : (number + 1) * 4] = 90
    return pixels
