"""bench/screen.py: a stamp is read from one row of pixels."""

import numpy as np

from bench.screen import read_row
from media.video.frame_stamp import draw_stamp


def test_one_row_of_pixels_is_enough_to_read_a_stamp() -> None:
    luma = np.full((540, 960), 128, np.uint8)
    draw_stamp(luma, 123456)
    row = np.repeat(luma[30][:, np.newaxis], 4, axis=1)
    assert read_row(row.tobytes()) == 123456


def test_row_without_a_stamp_has_no_number() -> None:
    assert read_row(bytes(4 * 960)) is None
