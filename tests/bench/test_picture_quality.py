"""bench/picture_quality.py: PSNR from squared errors."""

import pytest

from bench.picture_quality import psnr_db


def test_psnr_uses_the_mean_error_of_all_pictures() -> None:
    assert psnr_db([65025 / 1000] * 3) == pytest.approx(30.0)
    assert psnr_db([0.0, 2 * 65025 / 1000]) == pytest.approx(30.0)


def test_pictures_without_an_error_have_no_psnr() -> None:
    assert psnr_db([0.0]) is None
    assert psnr_db([]) is None
