"""media/sound/echo_filter.py: the echo path is learnt, and near speech is kept."""

import numpy as np
import pytest

import media.sound.echo_filter as echo_filter_module
from bench.echo import in_blocks, return_loss_db
from bench.speech import mix, noise, room, through
from media.sound.echo_filter import PARTITIONS, UNSURE_BLOCKS, EchoFilter
from media.sound.pcm import BLOCK_SAMPLES, SAMPLE_RATE_HZ, level_dbfs, silence

SECONDS = 6.0
FAR = noise(SECONDS, -26.0, seed=3)
NEAR = noise(SECONDS, -22.0, seed=4)


@pytest.mark.parametrize("delay_ms", [0, 5, 120, 300])
def test_echo_of_noise_is_learnt_at_any_delay(delay_ms: int) -> None:
    near = mix(through(room(delay_us=delay_ms * 1000, gain_db=-6.0), FAR))
    left = in_blocks(EchoFilter().process, near, FAR)
    # The filter ends at 12 kHz, and half of the power of white noise lies above.
    assert return_loss_db(near, left, 4.0, SECONDS) > 2.0
    assert _low_loss_db(near, left) > 15.0


def test_near_speech_over_the_echo_is_kept() -> None:
    echo = through(room(delay_us=50_000, gain_db=-6.0), FAR)
    late = NEAR.copy()
    late[: 3 * SAMPLE_RATE_HZ] = 0
    left = in_blocks(EchoFilter().process, mix(late, echo), FAR)
    changed = mix(left, -late.astype(np.float32))
    assert level_dbfs(changed[4 * SAMPLE_RATE_HZ :]) < level_dbfs(mix(echo)) - 1.0


def test_sound_without_an_echo_passes_almost_unchanged() -> None:
    left = in_blocks(EchoFilter().process, NEAR, FAR)
    changed = mix(left, -NEAR.astype(np.float32))
    assert level_dbfs(changed[SAMPLE_RATE_HZ:]) < level_dbfs(NEAR) - 15.0


def test_sound_is_unchanged_while_nothing_is_played() -> None:
    echo_filter = EchoFilter()
    left = in_blocks(echo_filter.process, NEAR, np.zeros_like(NEAR))
    assert left.tolist() == NEAR.tolist()
    assert echo_filter.is_idle


def test_long_call_computes_with_no_denormal_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    # Forgets in seconds what it otherwise forgets in minutes.
    monkeypatch.setattr(echo_filter_module, "FORGETTING", 0.9)
    near = mix(through(room(delay_us=5_000, gain_db=-6.0), FAR))
    with np.errstate(under="raise"):
        left = in_blocks(EchoFilter().process, near, FAR)
    assert _low_loss_db(near, left) > 3.0


def test_filter_is_idle_once_the_last_echo_has_passed() -> None:
    echo_filter = EchoFilter()
    echo_filter.process(NEAR[:480], FAR[:480])
    assert not echo_filter.is_idle
    for _ in range(PARTITIONS):
        echo_filter.process(NEAR[:480], silence())
    assert echo_filter.is_idle


def test_full_scale_does_not_overflow() -> None:
    square = np.where(np.arange(len(FAR)) % 96 < 48, 32767, -32768).astype(np.int16)
    left = in_blocks(EchoFilter().process, square, np.roll(square, -480))
    assert level_dbfs(left) < level_dbfs(square) + 1.0


def test_sudden_loss_of_the_echo_does_not_howl() -> None:
    echo = through(room(delay_us=50_000, gain_db=20.0), FAR)
    half = len(FAR) // 2
    near = mix(echo[:half], np.concatenate([silence(half), NEAR[half:] // 30]))
    left = in_blocks(EchoFilter().process, near, FAR)
    assert level_dbfs(left[half + 2 * SAMPLE_RATE_HZ :]) < level_dbfs(NEAR[half:] // 30) + 6.0


@pytest.mark.parametrize("shift_ms", [-50, 50, 150])
def test_changed_echo_path_restarts_the_filter(shift_ms: int) -> None:
    echo = through(room(delay_us=120_000, gain_db=-6.0), FAR)
    half = len(FAR) // 2
    moved = np.concatenate([echo[:half], np.roll(echo, shift_ms * 48)[half:]])
    echo_filter = EchoFilter()
    near = mix(moved)
    in_blocks(echo_filter.process, near[:half], FAR[:half])
    assert echo_filter.restarts == 0
    left = in_blocks(echo_filter.process, near[half:], FAR[half:])
    assert echo_filter.restarts >= 1
    assert _low_loss_db(near[half:], left) > 10.0


def test_disturbed_filter_learns_nothing() -> None:
    echo = mix(through(room(delay_us=50_000, gain_db=-6.0), FAR))
    half, end = len(FAR) // 2, len(FAR) // 2 + UNSURE_BLOCKS * BLOCK_SAMPLES
    echo_filter = EchoFilter()
    in_blocks(echo_filter.process, echo[:half], FAR[:half])
    in_blocks(
        lambda near, far: echo_filter.process(near, far, is_disturbed=True),
        *(NEAR[half:end], FAR[half:end]),
    )
    left = in_blocks(echo_filter.process, echo[end:], FAR[end:])
    assert echo_filter.restarts == 0
    assert return_loss_db(echo[end:], left, 0.0, 0.2) > 2.0


@pytest.mark.parametrize("near_dbfs", [-40.0, -22.0, -8.0])
def test_near_speech_is_not_a_change_of_the_echo_path(near_dbfs: float) -> None:
    echo = through(room(delay_us=50_000, gain_db=-6.0), FAR)
    late = noise(SECONDS, near_dbfs, seed=5)
    late[: 2 * SAMPLE_RATE_HZ] = 0
    echo_filter = EchoFilter()
    in_blocks(echo_filter.process, mix(late, echo), FAR)
    assert echo_filter.restarts == 0


def _low_loss_db(near: np.ndarray, left: np.ndarray) -> float:
    """Return the loss below 10 kHz in the last second but one."""
    powers = []
    for samples in (near, left):
        spectrum = np.fft.rfft(samples[-2 * SAMPLE_RATE_HZ : -SAMPLE_RATE_HZ])
        powers.append(float(np.sum(np.abs(spectrum[:10_000]) ** 2)))
    return float(10 * np.log10(powers[0] / powers[1]))
