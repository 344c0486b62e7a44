"""media/video/display_scaler.py: size, shape and colours of the pictures in a window."""

import numpy as np
import pytest
from av import VideoFrame

from media.video.colour_range import FULL_RANGE, LIMITED_RANGE, mark_rgb, mark_yuv
from media.video.display_scaler import DisplayScaler
from media.video.pattern import TestCard

BLUE, GREEN, RED = COLOUR = (20, 40, 200)
CARD = TestCard(640, 360, 30).draw(0, "0")


def red_picture(pixels: str) -> VideoFrame:
    """Return a picture of 64x64 in one colour, marked as sources do."""
    block = np.full((64, 64, 4), (*COLOUR, 255), np.uint8)
    bgra = mark_rgb(VideoFrame.from_numpy_buffer(block, "bgra"))
    if pixels == "bgra":
        return bgra
    color_range = FULL_RANGE if pixels.startswith("yuvj") else LIMITED_RANGE
    return mark_yuv(bgra.reformat(format=pixels, dst_color_range=color_range), color_range)


@pytest.mark.parametrize("pixels", ["bgra", "yuv420p", "yuvj420p", "yuvj422p", "yuyv422"])
@pytest.mark.parametrize("size_px", [(64, 64), (32, 32), (48, 47), (100, 100), (2, 2)])
def test_colours_are_right_in_every_size(pixels: str, size_px: tuple[int, int]) -> None:
    shown = DisplayScaler().convert(red_picture(pixels), size_px)
    assert (shown.width, shown.height, shown.format.name) == (*size_px, "bgra")
    middle = shown.to_ndarray()[size_px[1] // 2, size_px[0] // 2].astype(int)
    assert np.abs(middle[:3] - COLOUR).max() <= 4


@pytest.mark.parametrize("size_px", [(640, 360), (480, 270), (320, 180), (321, 181), (1280, 720)])
def test_picture_is_where_it_was(size_px: tuple[int, int]) -> None:
    shown = DisplayScaler().convert(CARD, size_px).to_ndarray()[:, :, :3]
    whole = CARD.to_ndarray(format="bgr24").astype(float)
    rows = np.linspace(0, 359, 18).astype(int)
    columns = np.linspace(0, 639, 32).astype(int)
    there = shown[rows * size_px[1] // 360][:, columns * size_px[0] // 640]
    differences = np.abs(there - whole[rows][:, columns])
    # The edges of the card's figures differ, its areas do not.
    assert np.median(differences) <= 3


def test_marks_of_the_source_are_kept() -> None:
    picture = red_picture("yuvj420p")
    DisplayScaler().convert(picture, (32, 32))
    assert (picture.color_range, picture.colorspace) == (FULL_RANGE, 6)


def test_decoded_picture_without_marks_has_limited_range() -> None:
    white = VideoFrame.from_ndarray(np.full((96, 64), 235, np.uint8), "yuv420p")
    white.planes[1].update(bytes([128]) * white.planes[1].buffer_size)
    white.planes[2].update(bytes([128]) * white.planes[2].buffer_size)
    assert DisplayScaler().convert(white, (32, 32)).to_ndarray()[:, :, :3].min() >= 253
