"""media/sound/cross_fade.py: cross-fades, and the lag at which sound repeats."""

import numpy as np
import pytest

from bench.playout_simulation import roughness
from bench.sounds import noise, tone
from media.sound.cross_fade import (
    FADE_SAMPLES,
    MAX_LAG_SAMPLES,
    MIN_LAG_SAMPLES,
    best_lag,
    cross_fade,
    peak,
    silent_run,
)
from media.sound.pcm import silence


def test_cross_fade_starts_as_the_old_and_ends_as_the_new() -> None:
    old, new = np.full(240, 9000, np.int16), np.full(240, -9000, np.int16)
    mixed = cross_fade(old, new)
    assert (mixed[0], mixed[-1]) == (9000, -9000)
    assert roughness(mixed)[0] < 130
    assert roughness(mixed)[1] <= 3


def test_cross_fade_of_equal_sounds_changes_nothing() -> None:
    sound = noise(0.005)
    assert np.array_equal(cross_fade(sound, sound), sound)


@pytest.mark.parametrize("hz", [70, 100, 123.4, 220, 440, 1000, 3000])
def test_lag_is_a_multiple_of_a_tones_period(hz: float) -> None:
    lag = best_lag(
        tone(hz, 0.05), length=FADE_SAMPLES, min_lag=MIN_LAG_SAMPLES, max_lag=MAX_LAG_SAMPLES
    )
    periods = lag.samples * hz / 48_000
    assert abs(periods - round(periods)) < 0.04
    assert lag.likeness > 0.98


def test_longest_of_equally_good_lags_is_returned() -> None:
    sound = tone(400, 0.05)
    lag = best_lag(sound, length=240, min_lag=120, max_lag=720)
    assert lag.samples == 720


def test_lag_stays_in_its_range() -> None:
    sound = noise(0.05)
    for most in (120, 121, 123, 500, 719):
        assert 120 <= best_lag(sound, length=240, min_lag=120, max_lag=most).samples <= most


def test_noise_has_no_good_lag() -> None:
    assert best_lag(noise(0.05), length=240, min_lag=120, max_lag=720).likeness < 0.5


def test_silence_has_a_lag_without_likeness() -> None:
    assert best_lag(silence(960), length=240, min_lag=120, max_lag=720).likeness == 0


def test_peak_may_be_negative() -> None:
    assert peak(np.array([3, -32_768], np.int16)) == 32_768
    assert peak(silence(0)) == 0


def test_silent_run_ends_at_the_first_loud_sample() -> None:
    sound = silence(100)
    assert silent_run(sound) == 100
    sound[60] = -34
    assert silent_run(sound) == 60
    assert silent_run(sound, 34) == 100
