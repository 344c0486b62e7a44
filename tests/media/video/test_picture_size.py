"""media/video/picture_size.py: sizes are even, keep the shape and never grow."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from media.video.picture_size import fit_size

HD = (1280, 720)


@pytest.mark.parametrize(
    ("size", "within", "fitted"),
    [
        ((1280, 720), HD, (1280, 720)),
        ((1920, 1080), HD, (1280, 720)),
        ((3840, 2160), HD, (1280, 720)),
        ((640, 480), HD, (640, 480)),
        ((1600, 1200), HD, (960, 720)),
        ((720, 1280), HD, (404, 720)),
        ((4096, 16), HD, (1280, 4)),
        ((16, 4096), HD, (2, 720)),
        ((641, 481), HD, (640, 480)),
        ((1, 1), HD, (2, 2)),
        ((100_000, 1), (16, 16), (16, 2)),
    ],
)
def test_size_fits_the_box(
    size: tuple[int, int], within: tuple[int, int], fitted: tuple[int, int]
) -> None:
    assert fit_size(*size, within) == fitted


sides = st.integers(1, 16_384)
even_sides = st.integers(1, 2_000).map(lambda half: 2 * half)


@given(sides, sides, even_sides, even_sides)
@example(3, 3, 1280, 720)
@example(1279, 719, 1280, 720)
@example(1283, 700, 1280, 720)
def test_size_is_even_fits_and_is_no_larger_than_the_picture(
    width: int, height: int, box_width: int, box_height: int
) -> None:
    fitted = fit_size(width, height, (box_width, box_height))
    for side, own, box in zip(fitted, (width, height), (box_width, box_height), strict=True):
        assert side % 2 == 0
        assert 2 <= side <= box
        assert side <= max(2, own)


@given(st.integers(64, 8_000), st.integers(64, 8_000), even_sides, even_sides)
def test_shape_is_kept_within_two_pixels(
    width: int, height: int, box_width: int, box_height: int
) -> None:
    fitted = fit_size(width, height, (box_width, box_height))
    scale = min(1.0, box_width / width, box_height / height)
    assert abs(fitted[0] - width * scale) <= 2
    assert abs(fitted[1] - height * scale) <= 2


@given(st.integers(1, 1_000), st.integers(1, 1_000), even_sides, even_sides)
def test_picture_that_fits_keeps_its_size(
    half_width: int, half_height: int, box_width: int, box_height: int
) -> None:
    size = (2 * half_width, 2 * half_height)
    box = (max(box_width, size[0]), max(box_height, size[1]))
    assert fit_size(*size, box) == size
