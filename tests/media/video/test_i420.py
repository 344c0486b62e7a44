import numpy as np
import pytest
from av import VideoFrame
from numpy.typing import NDArray

from media.video.i420 import frame_from_i420


def plane_of(picture: VideoFrame, number: int) -> NDArray[np.uint8]:
    plane = picture.planes[number]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    return rows[:, : plane.width]


@pytest.mark.parametrize("width", [64, 66, 70])
@pytest.mark.parametrize("height", [64, 66, 270, 2])
def test_every_even_size_keeps_every_pixel(width: int, height: int) -> None:
    rng = np.random.default_rng(0)
    block = rng.integers(0, 255, (height * 3 // 2, width), dtype=np.uint8)
    picture = frame_from_i420(block)
    assert (picture.width, picture.height, picture.format.name) == (width, height, "yuv420p")
    chroma = block[height:].reshape(2, height // 2, width // 2)
    assert (plane_of(picture, 0) == block[:height]).all()
    assert (plane_of(picture, 1) == chroma[0]).all()
    assert (plane_of(picture, 2) == chroma[1]).all()
    assert (picture.color_range, picture.colorspace, picture.pict_type) == (1, 6, 0)
