"""media/sound/device_buffer.py: buffers grow after frequent stalls."""

from media.sound.device_buffer import (
    BUFFER_SAMPLES,
    LOSS_WINDOW_US,
    LOSS_WINDOWS,
    MAX_BUFFER_SAMPLES,
    PUNCTUAL_US,
    SILENCE_FACTORS,
    STALL_WINDOW_US,
    STALLS_BEFORE_GROWTH,
    DeviceBuffer,
)
from media.sound.pcm import us_to_samples


def test_occasional_stalls_change_nothing() -> None:
    size = DeviceBuffer(BUFFER_SAMPLES)
    for number in range(100):
        assert not size.note(1, number * STALL_WINDOW_US)
    assert size.samples == BUFFER_SAMPLES


def test_frequent_stalls_grow_the_buffer_up_to_a_limit() -> None:
    size = DeviceBuffer(BUFFER_SAMPLES)
    grown = 0
    for number in range(100):
        grown += size.note(1, number * STALL_WINDOW_US // (STALLS_BEFORE_GROWTH + 1))
        assert size.samples == BUFFER_SAMPLES * (1 + grown)
    assert size.samples == MAX_BUFFER_SAMPLES


def test_stalls_at_once_count_and_a_larger_buffer_starts_without_stalls() -> None:
    size = DeviceBuffer(BUFFER_SAMPLES)
    assert size.note(50, 0)
    assert not size.note(STALLS_BEFORE_GROWTH - 1, 1)
    assert size.note(1, 2)


def lose_half(size: DeviceBuffer, step_us: int) -> int:
    """Let half of the sound pass, and look every so often; return after how long the size changes.

    After a minute without a change, the minute.
    """
    size.note_opened(0)
    now_us = 0
    while now_us < 60_000_000:
        now_us += step_us
        if size.note_passed(us_to_samples(now_us // 2), now_us):
            break
    return now_us


def test_device_that_loses_sound_gets_another_size() -> None:
    size = DeviceBuffer(BUFFER_SAMPLES)
    assert lose_half(size, 250_000) == LOSS_WINDOWS * LOSS_WINDOW_US
    assert size.samples == BUFFER_SAMPLES * SILENCE_FACTORS[1]


def test_sound_that_is_lost_while_nobody_looks_changes_nothing() -> None:
    size = DeviceBuffer(BUFFER_SAMPLES)
    assert lose_half(size, PUNCTUAL_US + 1) > 60_000_000
    assert size.samples == BUFFER_SAMPLES
