"""Concealment of missing sound: the last pitch period repeats and fades. Pure: no I/O, no clock.

It fades to silence within 60 ms, because a voice that does not change sounds like a machine.
"""

import numpy as np
from numpy.typing import NDArray

from media.sound.cross_fade import (
    FADE_SAMPLES,
    MAX_LAG_SAMPLES,
    MIN_LAG_SAMPLES,
    best_lag,
    fade_in,
)
from media.sound.pcm import Samples, us_to_samples

CONCEALED_SAMPLES = us_to_samples(60_000)
ENDED_SAMPLES = us_to_samples(10_000)
"""When no more sound is expected, it ends soon, but without a click."""

NEEDED_SAMPLES = FADE_SAMPLES + MAX_LAG_SAMPLES
"""The sound that the search for the period needs."""

_STEP_SAMPLES = us_to_samples(2_500)
_SLOPE_SAMPLES = us_to_samples(1_000)
_SLOPE_SHARE = 0.05
"""The slope is corrected by at most this share of the peak. Noise needs no correction."""


class Concealment:
    """Sound that continues the sound heard last and fades out.

    Args:
        heard: the last NEEDED_SAMPLES or more, the newest last.
        fade_samples: the length of the fade.
    """

    def __init__(self, heard: Samples, fade_samples: int = CONCEALED_SAMPLES) -> None:
        # Reversed, so that the newest sound is the template.
        lag = best_lag(
            heard[::-1][:NEEDED_SAMPLES],
            length=FADE_SAMPLES,
            min_lag=MIN_LAG_SAMPLES,
            max_lag=MAX_LAG_SAMPLES,
        ).samples
        self._period = _loopable_period(heard[-lag - 2 :].astype(np.float32))
        self._fade_samples = fade_samples
        self._position = 0

    @property
    def is_silent(self) -> bool:
        """True once only silence follows."""
        return self._position >= self._fade_samples

    def take(self, samples: int) -> Samples:
        """Return the samples that follow those returned last."""
        if self.is_silent:
            return np.zeros(samples, np.int16)
        positions = np.arange(self._position, self._position + samples)
        self._position += samples
        gain = np.clip(1 - positions / self._fade_samples, 0, 1)
        gain = gain * gain * (3 - 2 * gain)  # smooth at both ends
        faded = self._period[positions % len(self._period)] * gain
        return np.clip(np.rint(faded), -32_768, 32_767).astype(np.int16)


def _loopable_period(heard: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a period that repeats without a click, right after the sound it was taken from.

    A period's end differs from its beginning. That step is added to the first sample, and less and
    less to the samples after it; the change of slope is corrected in the same manner.

    Args:
        heard: the period, and the two samples before it.
    """
    period = heard[2:].copy()
    step = heard[-1] - heard[1]
    slope_change = (heard[-1] - heard[-2]) - (heard[1] - heard[0])
    most = _SLOPE_SHARE * float(np.abs(period).max())
    slope_change = min(max(float(slope_change), -most), most)
    period[:_STEP_SAMPLES] += step * (1 - fade_in(_STEP_SAMPLES))
    positions = np.arange(1, _SLOPE_SAMPLES + 1, dtype=np.float32)
    period[:_SLOPE_SAMPLES] += slope_change * positions * (1 - fade_in(_SLOPE_SAMPLES))
    return period
