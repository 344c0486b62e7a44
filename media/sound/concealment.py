"""What is heard where sound is missing: the last period again, fading. Pure: no I/O, no clock.

After 60 ms there is silence: a voice that stands still sounds like a machine.
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
"""When no sound is expected any more, it ends without a click but soon."""

NEEDED_SAMPLES = FADE_SAMPLES + MAX_LAG_SAMPLES
"""How much of what was heard last the search looks at."""

_STEP_SAMPLES = us_to_samples(2_500)
_BEND_SAMPLES = us_to_samples(1_000)
_BEND_SHARE = 0.05
"""Of the peak: so much slope is corrected. In noise there is no slope that would be missed."""


class Concealment:
    """Goes on from the sound heard last until it has faded out.

    Args:
        heard: the last NEEDED_SAMPLES or more, the newest last.
        fade_samples: how long until silence.
    """

    def __init__(self, heard: Samples, fade_samples: int = CONCEALED_SAMPLES) -> None:
        # Backwards in time, so that the template is the newest sound.
        lag = best_lag(
            heard[::-1][:NEEDED_SAMPLES],
            length=FADE_SAMPLES,
            min_lag=MIN_LAG_SAMPLES,
            max_lag=MAX_LAG_SAMPLES,
        ).samples
        self._period = _round(heard[-lag - 2 :].astype(np.float32))
        self._fade_samples = fade_samples
        self._position = 0

    @property
    def is_silent(self) -> bool:
        """Whether nothing but silence follows."""
        return self._position >= self._fade_samples

    def take(self, samples: int) -> Samples:
        """Return the samples that follow on those returned last."""
        if self.is_silent:
            return np.zeros(samples, np.int16)
        places = np.arange(self._position, self._position + samples)
        self._position += samples
        gain = np.clip(1 - places / self._fade_samples, 0, 1)
        gain = gain * gain * (3 - 2 * gain)  # without a bend at either end
        faded = self._period[places % len(self._period)] * gain
        return np.clip(np.rint(faded), -32_768, 32_767).astype(np.int16)


def _round(heard: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a period that can be said again and again, after the sound that it was taken from.

    It does not end where it begins. The step between the two is added to its beginning, and less
    and less to what follows; and so is the bend, which is a step of the slope.

    Args:
        heard: the period, and the two samples before it.
    """
    period = heard[2:].copy()
    step = heard[-1] - heard[1]
    bend = (heard[-1] - heard[-2]) - (heard[1] - heard[0])
    most = _BEND_SHARE * float(np.abs(period).max())
    bend = min(max(float(bend), -most), most)
    period[:_STEP_SAMPLES] += step * (1 - fade_in(_STEP_SAMPLES))
    places = np.arange(1, _BEND_SAMPLES + 1, dtype=np.float32)
    period[:_BEND_SAMPLES] += bend * places * (1 - fade_in(_BEND_SAMPLES))
    return period
