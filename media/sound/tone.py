"""The test tone, so that a call has sound on any machine. Pure: no I/O, no clock."""

import numpy as np

from media.sound.pcm import BLOCK_SAMPLES, FULL_SCALE, SAMPLE_RATE_HZ, Samples

TONE_HZ = 440
TONE_DBFS = -26.0
"""Root mean square: soft, but well above a microphone's noise."""

_AMPLITUDE = FULL_SCALE * 10 ** (TONE_DBFS / 20) * 2**0.5
_PERIOD_SAMPLES = 12_000
"""Whole periods of the tone, so that any block can be cut from it."""
_WAVE = np.rint(
    _AMPLITUDE
    * np.sin(2 * np.pi * TONE_HZ / SAMPLE_RATE_HZ * np.arange(_PERIOD_SAMPLES + BLOCK_SAMPLES))
).astype(np.int16)


def tone_block(first_sample: int) -> Samples:
    """Return the block that begins at a sample."""
    start = first_sample % _PERIOD_SAMPLES
    block: Samples = _WAVE[start : start + BLOCK_SAMPLES]
    return block
