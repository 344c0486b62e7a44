from media.sound.device_buffer import (
    BUFFER_SAMPLES,
    MAX_BUFFER_SAMPLES,
    STALL_WINDOW_US,
    STALLS_BEFORE_GROWTH,
    DeviceBuffer,
)


def test_a_stall_now_and_then_changes_nothing() -> None:
    size = DeviceBuffer(BUFFER_SAMPLES)
    for number in range(100):
        assert not size.note(1, number * STALL_WINDOW_US)
    assert size.samples == BUFFER_SAMPLES


def test_stalls_soon_after_each_other_make_it_grow_up_to_a_bound() -> None:
    size = DeviceBuffer(BUFFER_SAMPLES)
    grown = 0
    for number in range(100):
        grown += size.note(1, number * STALL_WINDOW_US // (STALLS_BEFORE_GROWTH + 1))
        assert size.samples == BUFFER_SAMPLES * (1 + grown)
    assert size.samples == MAX_BUFFER_SAMPLES


def test_stalls_all_at_once_count_too_and_a_larger_one_is_judged_anew() -> None:
    size = DeviceBuffer(BUFFER_SAMPLES)
    assert size.note(50, 0)
    assert not size.note(STALLS_BEFORE_GROWTH - 1, 1)
    assert size.note(1, 2)
