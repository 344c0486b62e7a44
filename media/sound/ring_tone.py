"""Sounds of the program itself: the ring tone and the test sound. Pure: no I/O, no clock.

Both are generated: soft notes of a struck bar, whose partials fade faster the higher they are, so
that they are heard on small loudspeakers and disturb nobody.
"""

from functools import cache
from typing import NamedTuple

import numpy as np

from media.sound.pcm import BLOCK_SAMPLES, FULL_SCALE, SAMPLE_RATE_HZ, Samples, silence

PEAK_DBFS = -12.0
NOTE_S = 1.2
"""A note is inaudible by then."""
DECAY_S = 0.28
"""The time in which the lowest partial falls to 1/e."""
PARTIALS = ((1.0, 1.0), (3.98, 0.25), (9.1, 0.06))
"""Frequency and level of each partial against the lowest: those of a marimba's bar."""
ATTACK_S = 0.004


class Note(NamedTuple):
    """A note of a melody."""

    starts_s: float
    frequency_hz: float


E5, G5, A5, C6 = 659.26, 783.99, 880.0, 1046.5
RING_PERIOD_S = 3.2
RING = (
    Note(0.0, E5),
    Note(0.16, A5),
    Note(0.32, C6),
    Note(0.64, E5),
    Note(0.80, A5),
    Note(0.96, C6),
)
TEST_SOUND_S = 1.6
TEST_SOUND = (Note(0.0, E5), Note(0.2, G5), Note(0.4, C6))


def ring_block(first_sample: int) -> Samples:
    """Return the block of the ring tone that begins at a sample; it repeats for ever."""
    wave = _melody(RING, RING_PERIOD_S)
    start = first_sample % len(wave)
    block: Samples = wave[start : start + BLOCK_SAMPLES]
    return block


def chime_block(first_sample: int) -> Samples | None:
    """Return the block of the test sound that begins at a sample; None after its end."""
    wave = _melody(TEST_SOUND, TEST_SOUND_S)
    if first_sample >= len(wave):
        return None
    block: Samples = wave[first_sample : first_sample + BLOCK_SAMPLES]
    return block


@cache
def _melody(notes: tuple[Note, ...], duration_s: float) -> Samples:
    """Return a melody of whole blocks."""
    blocks = round(duration_s * SAMPLE_RATE_HZ) // BLOCK_SAMPLES
    sound = np.zeros(blocks * BLOCK_SAMPLES)
    for note in notes:
        start = round(note.starts_s * SAMPLE_RATE_HZ)
        wave = _strike(note.frequency_hz)[: len(sound) - start]
        sound[start : start + len(wave)] += wave
    peak = float(np.max(np.abs(sound))) if notes else 0.0
    if peak <= 0:
        return silence(len(sound))
    scaled: Samples = np.rint(sound / peak * FULL_SCALE * 10 ** (PEAK_DBFS / 20)).astype(np.int16)
    return scaled


def _strike(frequency_hz: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    time_s = np.arange(round(NOTE_S * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    wave = np.zeros(len(time_s))
    for ratio, level in PARTIALS:
        decay = np.exp(-time_s * ratio**0.5 / DECAY_S)
        wave += level * decay * np.sin(2 * np.pi * frequency_hz * ratio * time_s)
    wave *= np.minimum(time_s / ATTACK_S, 1.0)
    wave *= np.minimum((NOTE_S - time_s) / 0.05, 1.0)
    return wave
