"""media/sound/ring_tone.py: the ring tone repeats, the test sound ends, and neither is too loud."""

import numpy as np

from media.sound.pcm import BLOCK_SAMPLES, level_dbfs
from media.sound.ring_tone import PEAK_DBFS, RING_PERIOD_S, chime_block, ring_block


def test_ring_tone_sounds_pauses_and_repeats() -> None:
    period = round(RING_PERIOD_S * 48_000)
    blocks = [ring_block(start) for start in range(0, period, BLOCK_SAMPLES)]
    assert {len(block) for block in blocks} == {BLOCK_SAMPLES}
    assert np.array_equal(ring_block(period), blocks[0])
    levels = [level_dbfs(block) for block in blocks]
    assert max(levels) > -25
    # A pause of half a second at least, in which a person can speak.
    assert max(levels[-50:]) < -50


def test_test_sound_ends() -> None:
    count = 0
    while (block := chime_block(count * BLOCK_SAMPLES)) is not None:
        assert len(block) == BLOCK_SAMPLES
        count += 1
    assert 100 < count < 300


def test_nothing_is_clipped_or_clicks() -> None:
    sound = np.concatenate([ring_block(n * BLOCK_SAMPLES) for n in range(640)]).astype(int)
    assert np.max(np.abs(sound)) <= 32_768 * 10 ** (PEAK_DBFS / 20) + 1
    assert np.max(np.abs(np.diff(sound))) < 6_000
