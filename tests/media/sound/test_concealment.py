"""media/sound/concealment.py: no click, the same pitch, then silence."""

import numpy as np
import pytest

from bench.playout_simulation import roughness
from bench.sounds import chord, noise, tone, voice
from media.sound.concealment import CONCEALED_SAMPLES, ENDED_SAMPLES, Concealment
from media.sound.pcm import Samples, level_dbfs, silence

SOUNDS = {
    "70 Hz": tone(70, 0.5),
    "100 Hz": tone(100, 0.5),
    "441.3 Hz": tone(441.3, 0.5),
    "3 kHz": tone(3000, 0.5),
    "voice": voice(0.5),
    "chord": chord(0.5),
    "noise": noise(0.5),
}


@pytest.mark.parametrize("name", SOUNDS)
@pytest.mark.parametrize("end", [9600, 9683, 9771, 10_001])
def test_start_of_concealment_does_not_click(name: str, end: int) -> None:
    clean = SOUNDS[name]
    heard = clean[:end]
    sound = np.concatenate([heard, Concealment(heard).take(4800)])
    step, slope_change = roughness(clean)
    # Small changes of slope are rounded to whole numbers three times.
    assert roughness(sound)[0] <= 1.4 * step
    assert roughness(sound)[1] <= 1.6 * slope_change + 4


def test_concealed_tone_keeps_its_pitch() -> None:
    heard = tone(440, 0.2)
    concealed = Concealment(heard).take(1200).astype(float)
    spectrum = np.abs(np.fft.rfft(concealed * np.hanning(1200), 48_000))
    assert abs(int(spectrum.argmax()) - 440) <= 4


def test_concealment_fades_to_silence_in_its_time() -> None:
    concealment = Concealment(tone(440, 0.2))
    levels = [level_dbfs(concealment.take(480)) for _ in range(CONCEALED_SAMPLES // 480)]
    assert levels == sorted(levels, reverse=True)
    assert levels[0] > -14
    assert concealment.is_silent
    assert not concealment.take(480).any()


def test_concealment_can_end_sooner() -> None:
    concealment = Concealment(tone(440, 0.2), ENDED_SAMPLES)
    assert concealment.take(ENDED_SAMPLES).any()
    assert concealment.is_silent


def test_pieces_of_any_length_join() -> None:
    heard: Samples = voice(0.3)
    whole, parts = Concealment(heard), Concealment(heard)
    pieces = [parts.take(length) for length in (1, 239, 480, 77, 480)]
    assert np.array_equal(np.concatenate(pieces), whole.take(1277))


def test_concealed_silence_is_silence() -> None:
    assert not Concealment(silence(2000)).take(4800).any()


def test_full_scale_does_not_overflow() -> None:
    heard = (np.sign(np.sin(np.arange(4000) / 37)) * 32_767).astype(np.int16)
    heard[-3:] = -32_768
    concealed = Concealment(heard).take(2880)
    assert concealed.dtype == np.int16
    assert roughness(np.concatenate([heard, concealed]))[0] <= 65_535
    assert abs(int(concealed[0]) - int(heard[-1])) < 33_000
