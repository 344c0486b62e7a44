"""bench/speech.py: speech, rooms, and the measure of intelligibility."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from bench.children import BenchError
from bench.speech import (
    VOICES,
    align,
    at_level,
    lag_samples,
    mix,
    noise,
    room,
    speak,
    stoi,
    through,
    with_drift,
)
from media.sound.pcm import SAMPLE_RATE_HZ, Samples, level_dbfs, silence

NOISE = noise(2.0, -30.0)


@pytest.fixture(scope="module")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Samples:
    # espeak-ng is a program of the system, which not every machine has.
    if shutil.which("espeak-ng") is None:
        pytest.skip("needs espeak-ng: apt install espeak-ng")
    return speak(tmp_path_factory.mktemp("speech"), 5.0)


def test_speech_has_the_requested_length_and_level(speech: Samples) -> None:
    assert speech.dtype == np.int16
    assert len(speech) == 5 * SAMPLE_RATE_HZ
    assert level_dbfs(speech) == pytest.approx(-26.0, abs=0.1)


def test_sentence_is_synthesized_once_per_folder(speech: Samples, tmp_path: Path) -> None:
    first = speak(tmp_path, 2.0, VOICES[1])
    written = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert speak(tmp_path, 2.0, VOICES[1]).tolist() == first.tolist()
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == written


def test_missing_espeak_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BenchError, match=r"espeak-ng is missing.*make setup-test"):
        speak(tmp_path, 1.0)


def test_unknown_voice_is_an_error(speech: Samples, tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="does not speak as nobody"):
        speak(tmp_path, 1.0, "nobody")


@pytest.mark.parametrize("lag", [-4800, -7, 0, 1, 5760])
def test_lag_is_found(lag: int) -> None:
    late = np.concatenate([silence(max(0, lag)), NOISE[max(0, -lag) :]])
    assert lag_samples(NOISE, late) == lag
    first, second = align(NOISE, late)
    assert first.tolist() == second.tolist()


def test_lag_beyond_the_limit_is_not_found() -> None:
    late = np.concatenate([silence(9600), NOISE])
    assert abs(lag_samples(NOISE, late, max_lag_us=100_000)) <= 4800


def test_late_and_softer_speech_is_as_intelligible(speech: Samples) -> None:
    late = np.concatenate([silence(12_345), at_level(speech, -40.0)])
    assert stoi(speech, late) > 0.99


def test_speech_in_loud_noise_is_less_intelligible(speech: Samples) -> None:
    noisy = mix(speech, noise(5.0, -26.0))
    assert stoi(speech, noisy) < stoi(speech, mix(speech, noise(5.0, -40.0))) - 0.05


def test_too_little_speech_is_an_error(speech: Samples) -> None:
    with pytest.raises(BenchError, match="too little"):
        stoi(speech[:1000], speech[:1000])


def test_mix_is_clipped_to_full_scale() -> None:
    full = np.full(10, 30_000, np.int16)
    assert mix(full, full).tolist() == [32_767] * 10


def test_room_delays_and_attenuates() -> None:
    echo = mix(through(room(delay_us=100_000, gain_db=-6.0), NOISE))
    assert not echo[:4799].any()
    assert level_dbfs(echo[SAMPLE_RATE_HZ:]) == pytest.approx(level_dbfs(NOISE) - 6.0, abs=0.5)
    assert lag_samples(NOISE, echo) == 4800


def test_slower_clock_records_later_sound_at_each_sample() -> None:
    ramp = np.arange(10_000, dtype=np.float32)
    assert with_drift(ramp, 1000.0)[5000] == pytest.approx(5005.0)
