import numpy as np
import pytest

from media.video.placeholder import draw_placeholder
from tests.support.names import NAMES


@pytest.mark.parametrize("size", [(1280, 720), (64, 64), (640, 360), (1080, 1920), (1920, 66)])
@pytest.mark.parametrize("lines", [[], ["Alice"], ["Zoë", "x " * 200], ["", "long" * 60, "again"]])
def test_any_text_fits_any_size(size: tuple[int, int], lines: list[str]) -> None:
    picture = draw_placeholder(*size, lines)
    assert (picture.width, picture.height, picture.format.name) == (*size, "yuv420p")
    assert picture.color_range == 1


def test_text_is_bright_in_the_middle_of_a_dark_picture() -> None:
    picture = draw_placeholder(1280, 720, ["Alice", "Camera 0 is not there", "trying again"])
    luma = picture.to_ndarray()[:720]
    rows, columns = np.nonzero(luma > 120)
    assert luma.mean() < 60
    assert abs(columns.mean() - 640) < 20
    assert abs(rows.mean() - 360) < 40
    assert columns.min() > 100
    assert columns.max() < 1180


def test_each_name_has_its_own_placeholder() -> None:
    pictures = {
        draw_placeholder(640, 360, [name]).to_ndarray().tobytes() for name in NAMES.values()
    }
    assert len(pictures) == len(NAMES)
