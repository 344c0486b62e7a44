"""Sound as samples: the one form that this whole package uses. Pure: values only.

Mono, 48,000 samples a second, 16-bit signed, as a one-dimensional numpy array. A block is 10 ms,
the unit of voice processing and of what passes between threads.
"""

import math
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE_HZ = 48_000
BLOCK_SAMPLES = 480
BLOCK_US = 10_000

Samples: TypeAlias = NDArray[np.int16]

FULL_SCALE = 32_768.0
SILENCE_DBFS = -96.0
"""The level given to digital silence; one step of 16 bits is -90 dBFS."""


def silence(samples: int = BLOCK_SAMPLES) -> Samples:
    """Return silence of a length."""
    return np.zeros(samples, np.int16)


def samples_to_us(samples: int) -> int:
    """Return the duration of samples, in microseconds."""
    return samples * 1_000_000 // SAMPLE_RATE_HZ


def us_to_samples(duration_us: int) -> int:
    """Return the number of whole samples in a duration."""
    return duration_us * SAMPLE_RATE_HZ // 1_000_000


def level_dbfs(samples: Samples) -> float:
    """Return the level: root mean square in dB below a square wave at full scale."""
    if not len(samples):
        return SILENCE_DBFS
    as_float = samples.astype(np.float32)
    mean_square = float(np.dot(as_float, as_float)) / len(samples)
    if mean_square <= 0:
        return SILENCE_DBFS
    return max(SILENCE_DBFS, 10 * math.log10(mean_square / FULL_SCALE**2))
