"""media/sound/voice_processing.py: removed echo and noise, kept speech, and the delay."""

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from bench.echo import clean, in_blocks, return_loss_db, through_opus
from bench.speech import (
    VOICES,
    Impulse,
    at_level,
    lag_samples,
    mix,
    noise,
    room,
    speak,
    stoi,
    through,
)
from media.errors import SourceError
from media.sound.pcm import BLOCK_SAMPLES, SAMPLE_RATE_HZ, Samples, level_dbfs, silence
from media.sound.voice_processing import MAX_GAIN_DB, VoiceProcessor

SECONDS = 12.0
SETTLED_S = 5.0
TALK_S = 6.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("espeak-ng") is None:
        pytest.skip("needs espeak-ng: apt install espeak-ng")
    return tmp_path_factory.mktemp("speech")


@pytest.fixture(scope="module")
def far(folder: Path) -> Samples:
    return speak(folder, SECONDS, VOICES[1], 3)


@pytest.fixture(scope="module")
def speech(folder: Path) -> Samples:
    return speak(folder, SECONDS, VOICES[0])


@pytest.fixture(scope="module")
def echo_path() -> Impulse:
    return room(delay_us=120_000, gain_db=-6.0, length_us=40_000)


QUIET_ROOM = noise(SECONDS, -75.0)


def test_echo_is_30_db_down_after_5_s(far: Samples, echo_path: Impulse) -> None:
    near = mix(through(echo_path, far), QUIET_ROOM)
    cleaned = clean(near, far)
    assert return_loss_db(near, cleaned, SETTLED_S, SECONDS) > 30.0


def test_speech_10_db_above_the_echo_stays_intelligible(
    far: Samples, speech: Samples, echo_path: Impulse
) -> None:
    echo = through(echo_path, far)
    spoken = speech.copy()
    talk = slice(round(TALK_S * SAMPLE_RATE_HZ), None)
    spoken[: talk.start] = 0
    spoken = mix(spoken, gain_db=level_dbfs(mix(echo)) + 10.0 - level_dbfs(spoken[talk]))
    cleaned = clean(mix(spoken, echo, QUIET_ROOM), far)
    assert stoi(spoken[talk], cleaned[talk]) > 0.95


@pytest.mark.parametrize("jump_ms", [-10, 10])
def test_echo_is_not_heard_after_a_known_jump(
    far: Samples, echo_path: Impulse, jump_ms: int
) -> None:
    echo = mix(through(echo_path, far))
    at = round(TALK_S * 100) * BLOCK_SAMPLES
    near = mix(np.concatenate([echo[:at], np.roll(echo, jump_ms * 48)[at:]]), QUIET_ROOM)
    processor = VoiceProcessor(echo_cancellation=True, noise_suppression=True, gain_control=True)
    blocks = []
    for first in range(0, len(near) - BLOCK_SAMPLES + 1, BLOCK_SAMPLES):
        block = slice(first, first + BLOCK_SAMPLES)
        is_disturbed = at <= first < at + 60 * BLOCK_SAMPLES
        blocks.append(processor.process(near[block], far[block], is_disturbed=is_disturbed))
    assert return_loss_db(near, np.concatenate(blocks), TALK_S, TALK_S + 1.0) > 20.0


def test_jump_while_nothing_is_played_changes_no_speech(speech: Samples) -> None:
    near = mix(speech, QUIET_ROOM)
    processor = VoiceProcessor(echo_cancellation=True, noise_suppression=True, gain_control=True)
    far = np.zeros_like(near)
    cleaned = in_blocks(lambda n, f: processor.process(n, f, is_disturbed=True), near, far)
    assert np.array_equal(cleaned, clean(near, far))


def test_double_talk_from_the_first_second_is_intelligible(
    far: Samples, speech: Samples, echo_path: Impulse
) -> None:
    echo = through(echo_path, far)
    spoken = at_level(speech, level_dbfs(mix(echo)) + 10.0)
    assert stoi(spoken, clean(mix(spoken, echo, QUIET_ROOM), far)) > 0.85


def test_speech_into_a_headset_is_not_changed_by_the_far_end(far: Samples, speech: Samples) -> None:
    assert stoi(speech, clean(mix(speech, QUIET_ROOM), far)) > 0.95


def test_changed_echo_path_is_learnt(far: Samples, echo_path: Impulse) -> None:
    moved = room(delay_us=120_000, gain_db=-6.0, length_us=40_000, seed=2)
    half = round(SECONDS / 2 * SAMPLE_RATE_HZ)
    echo = np.concatenate([through(echo_path, far)[:half], through(moved, far)[half:]])
    near = mix(echo, QUIET_ROOM)
    cleaned = clean(near, far)
    assert return_loss_db(near, cleaned, SECONDS / 2 + 1, SECONDS) > 30.0


@pytest.mark.parametrize("dbfs", [-46.0, -26.0, -8.0])
def test_speech_alone_is_intelligible_after_processing_and_codec(
    speech: Samples, dbfs: float
) -> None:
    spoken = at_level(speech, dbfs)
    assert stoi(spoken, through_opus(clean(spoken))) > 0.93


def test_noise_becomes_softer_and_soft_speech_louder(speech: Samples) -> None:
    hiss = noise(SECONDS, -50.0)
    settled = slice(round(SETTLED_S * SAMPLE_RATE_HZ), None)
    suppressor = VoiceProcessor(echo_cancellation=False, noise_suppression=True, gain_control=False)
    left = in_blocks(suppressor.process, hiss, np.zeros_like(hiss))
    assert level_dbfs(left[settled]) < -58.0
    gain = VoiceProcessor(echo_cancellation=False, noise_suppression=False, gain_control=True)
    soft = at_level(speech, -45.0)
    raised = in_blocks(gain.process, soft, np.zeros_like(soft))
    raised_db = level_dbfs(raised[settled]) - level_dbfs(soft[settled])
    assert MAX_GAIN_DB - 4.0 < raised_db <= MAX_GAIN_DB + 0.5


def test_loud_speech_is_not_made_louder(speech: Samples) -> None:
    loud = at_level(speech, -14.0)
    settled = slice(round(SETTLED_S * SAMPLE_RATE_HZ), None)
    assert level_dbfs(clean(loud)[settled]) < level_dbfs(loud[settled]) + 1.0


def test_silence_stays_silence() -> None:
    blocks = silence(3 * SAMPLE_RATE_HZ)
    assert level_dbfs(clean(blocks)) < -80.0


@pytest.mark.parametrize("echo", [False, True])
@pytest.mark.parametrize("suppression", [False, True])
@pytest.mark.parametrize("gain", [False, True])
def test_delay_matches_delay_us(
    speech: Samples, *, echo: bool, suppression: bool, gain: bool
) -> None:
    processor = VoiceProcessor(
        echo_cancellation=echo, noise_suppression=suppression, gain_control=gain
    )
    cleaned = in_blocks(processor.process, speech, np.zeros_like(speech))
    lag_us = lag_samples(speech, cleaned) * 1_000_000 / SAMPLE_RATE_HZ
    assert processor.delay_us == pytest.approx(lag_us, abs=200)


def test_sound_with_all_stages_off_is_unchanged_and_needs_no_library(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pywebrtc_audio", None)
    processor = VoiceProcessor(echo_cancellation=False, noise_suppression=False, gain_control=False)
    block = noise(0.01, -20.0)
    assert processor.process(block, silence()).tolist() == block.tolist()
    assert processor.delay_us == 0
    assert processor.is_double_talk is None


def test_missing_library_is_an_error_with_a_next_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pywebrtc_audio", None)
    with pytest.raises(SourceError) as raised:
        VoiceProcessor(echo_cancellation=False, noise_suppression=True, gain_control=False)
    assert "pywebrtc-audio is not installed" in raised.value.sentence
    assert "make setup" in raised.value.next_step


@pytest.mark.parametrize("samples", [0, 100, 441, BLOCK_SAMPLES + 1])
def test_only_whole_blocks_are_accepted(samples: int) -> None:
    processor = VoiceProcessor(echo_cancellation=True, noise_suppression=True, gain_control=True)
    with pytest.raises(ValueError, match="instead of 480"):
        processor.process(silence(samples), silence())
    with pytest.raises(ValueError, match="instead of 480"):
        processor.process(silence(), silence(samples))
