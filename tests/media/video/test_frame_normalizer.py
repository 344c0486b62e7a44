from fractions import Fraction

import numpy as np
import pytest
from av import VideoFrame

from media.video.frame_normalizer import FrameNormalizer


def corner_picture(width: int, height: int, format_name: str = "yuv420p") -> VideoFrame:
    """Return a picture with a white upper left quarter, black elsewhere."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[: height // 2, : width // 2] = 255
    picture = VideoFrame.from_ndarray(pixels, "rgb24")
    return picture.reformat(format=format_name, dst_colorspace=5, dst_color_range=1)


def test_normal_picture_passes_unchanged() -> None:
    picture = corner_picture(64, 48)
    assert FrameNormalizer().convert(picture, None) is picture
    assert FrameNormalizer().convert(picture, Fraction(1)) is picture
    assert (picture.color_range, picture.color_trc, picture.color_primaries) == (1, 2, 2)


def test_pixels_become_square() -> None:
    picture = FrameNormalizer().convert(corner_picture(64, 48), Fraction(4, 3))
    assert (picture.width, picture.height) == (86, 48)


@pytest.mark.parametrize(
    ("size", "fitted"), [((640, 480), (160, 120)), ((100, 400), (30, 120)), ((64, 48), (64, 48))]
)
def test_large_picture_is_scaled_down_and_keeps_its_shape(
    size: tuple[int, int], fitted: tuple[int, int]
) -> None:
    picture = FrameNormalizer((160, 120)).convert(corner_picture(*size), None)
    assert (picture.width, picture.height) == fitted


@pytest.mark.parametrize("format_name", ["rgb24", "rgba", "yuv422p", "yuv420p10le", "gray", "nv12"])
def test_every_format_becomes_limited_yuv420p(format_name: str) -> None:
    picture = FrameNormalizer().convert(corner_picture(64, 48, format_name), None)
    luma = picture.to_ndarray()[:48]
    assert (picture.format.name, picture.color_range) == ("yuv420p", 1)
    assert abs(int(luma[5, 5]) - 235) <= 1
    assert abs(int(luma[40, 50]) - 16) <= 1


def test_bt709_colours_become_bt601() -> None:
    pixels = np.full((48, 64, 3), (0, 200, 0), np.uint8)
    rgb = VideoFrame.from_ndarray(pixels, "rgb24")
    high = rgb.reformat(format="yuv420p", dst_colorspace=1, dst_color_range=1)
    high.colorspace, high.color_range = 1, 1
    expected = rgb.reformat(format="yuv420p", dst_colorspace=5, dst_color_range=1).to_ndarray()
    converted = FrameNormalizer().convert(high, None).to_ndarray()
    assert np.abs(converted.astype(int) - expected).max() <= 2


def test_size_may_change_within_a_file() -> None:
    normalizer = FrameNormalizer((100, 100))
    assert normalizer.convert(corner_picture(200, 200), None).width == 100
    assert normalizer.convert(corner_picture(200, 100), None).height == 50
