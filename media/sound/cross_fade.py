"""Inaudible splices: cross-fades, and the lag at which sound repeats. Pure: no I/O, no clock.

Time stretching leaves out or repeats one period of the sound and cross-fades into the sound after
it (WSOLA, Verhelst and Roelands 1993, one splice at a time). The pitch does not change.
"""

from functools import lru_cache

import msgspec
import numpy as np
from numpy.typing import NDArray

from media.sound.pcm import Samples, us_to_samples

FADE_SAMPLES = us_to_samples(5_000)
MIN_LAG_SAMPLES = us_to_samples(2_500)
"""400 Hz: voices are lower. Higher tones also repeat at a multiple of their period."""
MAX_LAG_SAMPLES = us_to_samples(15_000)
"""67 Hz: the lowest voices."""

SILENT_PEAK = 33
"""A thousandth of full scale, -60 dBFS: a quiet room after noise suppression."""

_COARSE = 4
"""The first search runs at 12 kHz, which is enough to find the pitch."""


class Lag(msgspec.Struct, frozen=True):
    """The period after which sound repeats, and how exactly: 1 exactly, 0 not at all."""

    samples: int
    likeness: float


@lru_cache(maxsize=64)
def fade_in(samples: int) -> NDArray[np.float32]:
    """Return a raised cosine from 0 to 1, smooth at both ends."""
    phase = (np.arange(samples, dtype=np.float32) + 0.5) * (np.pi / samples)
    rising: NDArray[np.float32] = (0.5 - 0.5 * np.cos(phase)).astype(np.float32)
    rising.flags.writeable = False
    return rising


def cross_fade(old: Samples, new: Samples) -> Samples:
    """Return sound that begins as `old` and ends as `new`; both have the same length."""
    from_old = old.astype(np.float32)
    mixed = from_old + fade_in(len(old)) * (new.astype(np.float32) - from_old)
    return np.rint(mixed).astype(np.int16)


def peak(samples: Samples) -> int:
    """Return the largest absolute value; 0 without samples."""
    return max(int(samples.max()), -int(samples.min())) if len(samples) else 0


def silent_run(samples: Samples, silent_peak: int = SILENT_PEAK) -> int:
    """Return the number of samples at the start that do not exceed the peak of silence."""
    loud = (samples > silent_peak) | (samples < -silent_peak)
    return int(loud.argmax()) if loud.any() else len(samples)


def best_lag(sound: Samples, *, length: int, min_lag: int, max_lag: int) -> Lag:
    """Return the lag from min to max at which the first `length` samples repeat most exactly.

    `sound` has at least `length + max_lag` samples. Likeness is the normalized cross-correlation.
    Of equally good lags the longest is returned, because one splice then moves more.
    """
    coarse = sound[: length + max_lag : _COARSE].astype(np.float32)
    window = length // _COARSE
    first = min_lag // _COARSE
    likeness = _likeness(coarse[:window], coarse[first:])
    # The longest gets a hundredth more: a sine repeats at every multiple of its period.
    likeness += np.linspace(0, 0.01, len(likeness), dtype=np.float32)
    middle = (first + int(likeness.argmax())) * _COARSE
    low = max(min_lag, middle - _COARSE + 1)
    high = min(max_lag, middle + _COARSE - 1)
    if high < low:
        low = high = min(max(middle, min_lag), max_lag)
    fine = sound[: length + high].astype(np.float32)
    likeness = _likeness(fine[:length], fine[low:])
    best = int(likeness.argmax())
    return Lag(low + best, float(likeness[best]))


def _likeness(template: NDArray[np.float32], region: NDArray[np.float32]) -> NDArray[np.float32]:
    products = np.correlate(region, template, "valid")
    running = np.concatenate(([0.0], np.cumsum(np.square(region, dtype=np.float64))))
    energies = running[len(template) :] - running[: -len(template)]
    own = float(np.dot(template, template))
    # Plus one, so that silence has no likeness and nothing is divided by zero.
    alike: NDArray[np.float32] = (products / np.sqrt(energies * own + 1)).astype(np.float32)
    return alike
