"""bench/film.py: films are found, and cropped to the picture."""

from pathlib import Path

import av
import numpy as np
import pytest

from bench.children import BenchError
from bench.film import fill, find_films


def test_film_of_another_aspect_ratio_is_cropped_to_its_middle() -> None:
    pixels = np.zeros((272, 640, 3), np.uint8)
    pixels[:, 300:340] = 255
    block = fill(av.VideoFrame.from_ndarray(pixels, format="bgr24"))
    assert block.shape == (1080, 1280)
    assert block[360, 640] > 200
    assert block[360, 100] < 40


def test_missing_film_is_named() -> None:
    with pytest.raises(BenchError, match=r"nowhere\.mp4"):
        find_films(Path("nowhere.mp4"))
