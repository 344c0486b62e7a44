"""media/sound/double_talk.py: near speech is told from echo and noise."""

import numpy as np
import pytest

from bench.speech import mix, noise, room, through
from media.sound.double_talk import HOLD_BLOCKS, DoubleTalkDetector
from media.sound.echo_filter import EchoFilter
from media.sound.pcm import BLOCK_SAMPLES, Samples, silence

BLOCKS = 600
SECONDS = BLOCKS / 100
# Gaps as in speech; without them it would be steady noise.
SYLLABLES = np.repeat(np.arange(BLOCKS) % 40 < 25, BLOCK_SAMPLES)
FAR = (noise(SECONDS, -20.0, seed=3) * SYLLABLES).astype(np.int16)
NEAR = (noise(SECONDS, -16.0, seed=4) * np.roll(SYLLABLES, 7_000)).astype(np.int16)
ECHO = through(room(delay_us=50_000, gain_db=-6.0), FAR)
ROOM = noise(SECONDS, -75.0)


def detect(near: Samples, far: Samples, webrtc_share: float = 1.0) -> list[bool]:
    """Return the result for each block, if WebRTC's canceller keeps this share of the sound."""
    echo_filter, double_talk = EchoFilter(), DoubleTalkDetector()
    detected = []
    for at in range(0, BLOCKS * BLOCK_SAMPLES, BLOCK_SAMPLES):
        left = echo_filter.process(near[at : at + BLOCK_SAMPLES], far[at : at + BLOCK_SAMPLES])
        by_webrtc = (left * webrtc_share).astype(np.int16)
        detected.append(double_talk.detect(echo_filter, by_webrtc, left))
    return detected


def test_echo_alone_is_not_speech() -> None:
    assert sum(detect(mix(ECHO, ROOM), FAR)[200:]) == 0


def test_speech_over_an_echo_is_detected() -> None:
    late = NEAR.copy()
    late[: 300 * BLOCK_SAMPLES] = 0
    detected = detect(mix(late, ECHO, ROOM), FAR)
    assert not any(detected[200:295])
    assert sum(detected[300:]) > 200


def test_speech_while_nothing_is_played_is_detected() -> None:
    assert sum(detect(mix(NEAR, ROOM), np.zeros_like(FAR))[100:]) > 300


def test_sound_that_webrtc_removes_is_not_speech() -> None:
    late = NEAR.copy()
    late[: 300 * BLOCK_SAMPLES] = 0
    assert sum(detect(mix(late, ECHO, ROOM), FAR, webrtc_share=0.05)) == 0


def test_steady_noise_is_not_speech() -> None:
    assert sum(detect(noise(SECONDS, -40.0), np.zeros_like(FAR))) == 0


def test_speech_is_held_through_its_soft_sounds() -> None:
    short = NEAR.copy()
    short[100 * BLOCK_SAMPLES :] = 0
    detected = detect(mix(short, ROOM), np.zeros_like(FAR))
    last_loud = int(np.flatnonzero(short)[-1]) // BLOCK_SAMPLES
    assert detected[last_loud + HOLD_BLOCKS // 2]
    assert not detected[last_loud + 4 * HOLD_BLOCKS]


def test_silence_is_not_speech() -> None:
    assert not any(detect(silence(BLOCKS * BLOCK_SAMPLES), np.zeros_like(FAR)))


@pytest.mark.parametrize("shift_ms", [-40, 60])
def test_changed_echo_path_is_soon_not_speech(shift_ms: int) -> None:
    half = BLOCKS // 2 * BLOCK_SAMPLES
    moved = np.concatenate([ECHO[:half], np.roll(ECHO, shift_ms * 48)[half:]])
    detected = detect(mix(moved, ROOM), FAR)
    assert sum(detected[BLOCKS // 2 + 60 :]) == 0
