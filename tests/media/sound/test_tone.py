"""media/sound/tone.py: a steady tone without seams between blocks."""

import numpy as np
import pytest

from media.sound.pcm import BLOCK_SAMPLES, SAMPLE_RATE_HZ, level_dbfs
from media.sound.tone import TONE_DBFS, TONE_HZ, tone_block


def test_blocks_join_to_a_steady_tone() -> None:
    sound = np.concatenate([tone_block(n * BLOCK_SAMPLES) for n in range(300)])
    spectrum = np.abs(np.fft.rfft(sound[:SAMPLE_RATE_HZ].astype(float)))
    assert spectrum.argmax() == TONE_HZ
    assert level_dbfs(sound) == pytest.approx(TONE_DBFS, abs=0.1)
    steps = np.abs(np.diff(sound.astype(int)))
    assert steps.max() <= 2 * np.pi * TONE_HZ / SAMPLE_RATE_HZ * sound.max() + 2


def test_block_may_start_at_any_sample() -> None:
    assert np.array_equal(tone_block(12_345)[100:], tone_block(12_445)[:-100])
    assert len(tone_block(10**12 + 7)) == BLOCK_SAMPLES
