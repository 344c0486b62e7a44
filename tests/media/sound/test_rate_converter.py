"""media/sound/rate_converter.py: sound keeps its pitch, level and length at other rates."""

import numpy as np
import pytest

from media.sound.pcm import SAMPLE_RATE_HZ, Samples
from media.sound.rate_converter import PlayedAtRate, RecordedAtRate

RATES_HZ = [44_100, 16_000, 8_000, 96_000, 192_000]
HZ = 440.0
AMPLITUDE = 8_000.0


def sine(first: int, samples: int, rate_hz: int) -> Samples:
    at = np.arange(first, first + samples)
    return np.rint(AMPLITUDE * np.sin(2 * np.pi * HZ * at / rate_hz)).astype(np.int16)


class Source:
    """A sine in buffers of any length."""

    def __init__(self, rate_hz: int) -> None:
        self.given = 0
        self._rate_hz = rate_hz

    def play(self, samples: int) -> bytes:
        self.given += samples
        return sine(self.given - samples, samples, self._rate_hz).tobytes()


def assert_is_sine(sound: Samples, rate_hz: int) -> None:
    """Fail unless a sound is the sine at its level, without a break."""
    at = 2 * np.pi * HZ * np.arange(len(sound)) / rate_hz
    waves = np.stack([np.sin(at), np.cos(at)], axis=1)
    weights, *_ = np.linalg.lstsq(waves, sound.astype(np.float64), rcond=None)
    assert np.hypot(*weights) == pytest.approx(AMPLITUDE, rel=0.01)
    assert np.abs(sound - waves @ weights).max() < 0.01 * AMPLITUDE


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_loudspeaker_gets_full_buffers_of_the_same_tone(rate_hz: int) -> None:
    source = Source(SAMPLE_RATE_HZ)
    device = PlayedAtRate(source.play, rate_hz)
    buffer = rate_hz * 3 // 400
    played = [np.frombuffer(device.play(buffer), np.int16) for _ in range(200)]
    assert {len(each) for each in played} == {buffer}
    assert_is_sine(np.concatenate(played)[rate_hz // 10 :], rate_hz)
    # What was taken was played, but for what the filter holds.
    assert abs(source.given / SAMPLE_RATE_HZ - 200 * buffer / rate_hz) < 0.005


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_microphone_yields_the_same_tone_at_48_khz(rate_hz: int) -> None:
    source = Source(rate_hz)
    recorded: list[bytes] = []
    device = RecordedAtRate(recorded.append, rate_hz)
    for _ in range(300):
        device.record(source.play(rate_hz // 200))
    sound = np.frombuffer(b"".join(recorded), np.int16)
    assert_is_sine(sound[SAMPLE_RATE_HZ // 10 :], SAMPLE_RATE_HZ)
    assert abs(len(sound) / SAMPLE_RATE_HZ - source.given / rate_hz) < 0.01
