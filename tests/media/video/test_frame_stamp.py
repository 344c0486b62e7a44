from fractions import Fraction

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from media.video.frame_stamp import draw_stamp, read_stamp
from media.video.pattern import TestCard


def luma_of(picture: av.VideoFrame) -> NDArray[np.uint8]:
    plane = picture.planes[0]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(picture.height, plane.line_size)
    return rows[:, : picture.width]


@given(st.integers(0, 2**24 - 1), st.sampled_from([(64, 64), (320, 180), (1280, 720), (426, 240)]))
def test_number_is_read_back(number: int, size: tuple[int, int]) -> None:
    luma = np.full((size[1], size[0]), 90, np.uint8)
    draw_stamp(luma, number)
    assert read_stamp(luma) == number


def test_numbers_wrap_after_24_bits() -> None:
    luma = np.zeros((90, 160), np.uint8)
    draw_stamp(luma, 2**24 + 5)
    assert read_stamp(luma) == 5


@pytest.mark.parametrize("shade", [0, 16, 128, 255])
def test_plain_picture_has_no_number(shade: int) -> None:
    assert read_stamp(np.full((720, 1280), shade, np.uint8)) is None


def test_tiny_and_random_pictures_have_no_number() -> None:
    assert read_stamp(np.zeros((4, 4), np.uint8)) is None
    noise = np.random.default_rng(1).integers(0, 255, (720, 1280), dtype=np.uint8)
    assert read_stamp(noise) is None


@pytest.mark.parametrize("size", [(1280, 720), (640, 360), (320, 180)])
@pytest.mark.parametrize("bitrate_bps", [100_000, 1_000_000])
def test_number_survives_h264_and_scaling(size: tuple[int, int], bitrate_bps: int) -> None:
    card = TestCard(1280, 720, 30)
    encoder = av.VideoCodecContext.create("libx264", "w")
    encoder.width, encoder.height = size
    encoder.pix_fmt = "yuv420p"
    encoder.framerate = Fraction(30)
    encoder.time_base = Fraction(1, 30)
    encoder.bit_rate = bitrate_bps
    encoder.options = {"preset": "ultrafast", "tune": "zerolatency"}
    decoder = av.VideoCodecContext.create("h264", "r")
    numbers = list(range(0x00FFF0, 0x010004))
    read = []
    for pts, number in enumerate(numbers):
        picture = card.draw(number, "12:34:56.789").reformat(*size)
        picture.pts = pts
        for packet in encoder.encode(picture):
            read += [read_stamp(luma_of(decoded)) for decoded in decoder.decode(packet)]
    for packet in encoder.encode(None):
        read += [read_stamp(luma_of(decoded)) for decoded in decoder.decode(packet)]
    read += [read_stamp(luma_of(decoded)) for decoded in decoder.decode(None)]
    assert read == numbers
