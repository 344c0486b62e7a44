"""media/sound/pcm.py: durations and levels of samples."""

import numpy as np
import pytest

from media.sound.pcm import (
    BLOCK_SAMPLES,
    BLOCK_US,
    SILENCE_DBFS,
    level_dbfs,
    samples_to_us,
    silence,
    us_to_samples,
)


def test_block_lasts_ten_milliseconds() -> None:
    assert samples_to_us(BLOCK_SAMPLES) == BLOCK_US
    assert us_to_samples(BLOCK_US) == BLOCK_SAMPLES


def test_silence_has_the_lowest_level() -> None:
    assert level_dbfs(silence()) == SILENCE_DBFS
    assert level_dbfs(silence(0)) == SILENCE_DBFS


def test_full_square_wave_is_the_reference() -> None:
    assert level_dbfs(np.full(480, -32_768, np.int16)) == pytest.approx(0.0, abs=1e-6)


def test_sine_is_three_decibels_below_its_peak() -> None:
    sine = (16_384 * np.sin(np.arange(480) * 2 * np.pi / 48)).astype(np.int16)
    assert level_dbfs(sine) == pytest.approx(-6.02 - 3.01, abs=0.01)
