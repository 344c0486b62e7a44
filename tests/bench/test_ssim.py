"""bench/ssim.py: structural similarity."""

import numpy as np
import pytest

from bench.ssim import C1, ssim

NOISE = np.random.default_rng(5).integers(0, 256, (64, 80)).astype(np.uint8)


def test_equal_pictures_have_one() -> None:
    assert ssim(NOISE, NOISE) == pytest.approx(1.0)


def test_even_planes_differ_by_their_luminance_alone() -> None:
    dark, light = np.full((32, 32), 100.0), np.full((32, 32), 120.0)
    expected = (2 * 100 * 120 + C1) / (100**2 + 120**2 + C1)
    assert ssim(dark, light) == pytest.approx(expected, abs=1e-4)


def test_inverted_structure_is_negative() -> None:
    assert ssim(NOISE, 255 - NOISE) < -0.5


def test_more_noise_is_less_similar() -> None:
    smooth = np.tile(np.linspace(40, 200, 80), (64, 1))
    noise = np.random.default_rng(6).normal(size=smooth.shape)
    likenesses = [ssim(smooth, smooth + noise * strength) for strength in (2, 8, 24)]
    assert 1 > likenesses[0] > likenesses[1] > likenesses[2]


def test_errors_that_keep_the_structure_count_less() -> None:
    """The example of the paper: equal squared errors, of which only one is structural."""
    picture = np.clip(NOISE, 30, 220).astype(float)
    noise = np.random.default_rng(7).choice((-15.0, 15.0), picture.shape)
    assert ssim(picture, picture + 15) > ssim(picture, picture + noise)
