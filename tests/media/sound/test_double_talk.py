"""media/sound/double_talk.py: who is heard while the loudspeaker plays."""

import numpy as np
import pytest

from bench.speech import mix, noise, room, through
from media.sound.double_talk import HOLD_BLOCKS, DoubleTalkDetector
from media.sound.echo_filter import EchoFilter
from media.sound.pcm import BLOCK_SAMPLES, Samples, silence

BLOCKS = 600
SECONDS = BLOCKS / 100
# As in speech there are gaps: without any, it would be a noise.
SYLLABLES = np.repeat(np.arange(BLOCKS) % 40 < 25, BLOCK_SAMPLES)
FAR = (noise(SECONDS, -20.0, seed=3) * SYLLABLES).astype(np.int16)
NEAR = (noise(SECONDS, -16.0, seed=4) * np.roll(SYLLABLES, 7_000)).astype(np.int16)
ECHO = through(room(delay_us=50_000, gain_db=-6.0), FAR)
ROOM = noise(SECONDS, -75.0)


def judge(near: Samples, far: Samples, webrtc_share: float = 1.0) -> list[bool]:
    """Return the judgement on each block; WebRTC's canceller leaves that share of it."""
    echo_filter, double_talk = EchoFilter(), DoubleTalkDetector()
    judged = []
    for at in range(0, BLOCKS * BLOCK_SAMPLES, BLOCK_SAMPLES):
        left = echo_filter.process(near[at : at + BLOCK_SAMPLES], far[at : at + BLOCK_SAMPLES])
        by_webrtc = (left * webrtc_share).astype(np.int16)
        judged.append(double_talk.detect(echo_filter, by_webrtc, left))
    return judged


def test_an_echo_alone_is_not_speech() -> None:
    assert sum(judge(mix(ECHO, ROOM), FAR)[200:]) == 0


def test_speech_over_an_echo_is_noticed() -> None:
    late = NEAR.copy()
    late[: 300 * BLOCK_SAMPLES] = 0
    judged = judge(mix(late, ECHO, ROOM), FAR)
    assert not any(judged[200:295])
    assert sum(judged[300:]) > 200


def test_speech_while_nothing_is_played_is_noticed() -> None:
    assert sum(judge(mix(NEAR, ROOM), np.zeros_like(FAR))[100:]) > 300


def test_what_webrtc_takes_away_wholly_was_an_echo() -> None:
    late = NEAR.copy()
    late[: 300 * BLOCK_SAMPLES] = 0
    assert sum(judge(mix(late, ECHO, ROOM), FAR, webrtc_share=0.05)) == 0


def test_steady_noise_is_not_speech() -> None:
    assert sum(judge(noise(SECONDS, -40.0), np.zeros_like(FAR))) == 0


def test_speech_is_held_through_its_soft_sounds() -> None:
    short = NEAR.copy()
    short[100 * BLOCK_SAMPLES :] = 0
    judged = judge(mix(short, ROOM), np.zeros_like(FAR))
    last_loud = int(np.flatnonzero(short)[-1]) // BLOCK_SAMPLES
    assert judged[last_loud + HOLD_BLOCKS // 2]
    assert not judged[last_loud + 4 * HOLD_BLOCKS]


def test_silence_is_not_speech() -> None:
    assert not any(judge(silence(BLOCKS * BLOCK_SAMPLES), np.zeros_like(FAR)))


@pytest.mark.parametrize("shift_ms", [-40, 60])
def test_an_echo_that_takes_another_way_is_soon_no_speech(shift_ms: int) -> None:
    half = BLOCKS // 2 * BLOCK_SAMPLES
    moved = np.concatenate([ECHO[:half], np.roll(ECHO, shift_ms * 48)[half:]])
    judged = judge(mix(moved, ROOM), FAR)
    assert sum(judged[BLOCKS // 2 + 60 :]) == 0
