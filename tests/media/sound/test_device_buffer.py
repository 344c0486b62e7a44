"""media/sound/device_buffer.py: buffers grow after frequent stalls."""

from media.sound.device_buffer import (
    BUFFER_SAMPLES,
    MAX_BUFFER_SAMPLES,
    STALL_WINDOW_US,
    STALLS_BEFORE_GROWTH,
    DeviceBuffer,
)


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
