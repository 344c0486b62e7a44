"""media/sound/sample_buffer.py: order, history and positions of samples."""

import numpy as np

from media.sound.pcm import Samples
from media.sound.sample_buffer import HISTORY_SAMPLES, SampleBuffer


def ramp(first: int, count: int) -> Samples:
    return np.arange(first, first + count, dtype=np.int16)


def filled() -> SampleBuffer:
    buffer = SampleBuffer()
    buffer.append(ramp(0, 4000))
    buffer.take(3000)
    return buffer


def test_samples_are_taken_in_order() -> None:
    buffer = SampleBuffer()
    buffer.append(ramp(0, 100))
    buffer.append(ramp(100, 100))
    assert list(buffer.take(150)) == list(range(150))
    assert buffer.level == 50


def test_history_holds_the_samples_taken_last() -> None:
    buffer = filled()
    assert list(buffer.history(3)) == [2997, 2998, 2999]
    assert list(buffer.around(2, 2)) == [2998, 2999, 3000, 3001]


def test_cut_keeps_the_history_as_heard() -> None:
    buffer = filled()
    buffer.cut(500)
    assert list(buffer.history(2)) == [2998, 2999]
    assert buffer.waiting(1)[0] == 3500
    assert buffer.level == 500


def test_going_back_repeats_the_newest_history() -> None:
    buffer = filled()
    buffer.go_back(600)
    assert list(buffer.history(2)) == [2998, 2999]
    assert list(buffer.waiting(2)) == [2400, 2401]
    assert buffer.level == 1600


def test_going_back_works_at_the_beginning_of_the_array() -> None:
    buffer = SampleBuffer()
    buffer.append(ramp(7, 100))
    buffer.take(50)
    for _ in range(5):
        buffer.go_back(HISTORY_SAMPLES // 2)
    assert buffer.level == 50 + 5 * (HISTORY_SAMPLES // 2)
    assert list(buffer.newest(2)) == [105, 106]


def test_sample_keeps_its_position_whatever_happens_before_it() -> None:
    buffer = filled()
    position = buffer.tail_position
    buffer.append(ramp(9000, 10))
    buffer.cut(100)
    buffer.go_back(700)
    for number in range(300):  # far more than the array holds, so that it is moved
        buffer.append(ramp(number, 480))
        taken_at = buffer.head_position
        taken = buffer.take(480)
        if taken_at <= position < taken_at + 480:
            assert taken[position - taken_at] == 9000
            return
    raise AssertionError("never played")


def test_moving_the_array_changes_no_sample() -> None:
    buffer = SampleBuffer()
    buffer.append(ramp(0, 1000))
    played = [buffer.take(480)]
    for number in range(1000, 32_000, 500):
        buffer.append(ramp(number, 500))
        played.append(buffer.take(500))
    assert np.array_equal(np.concatenate(played), ramp(0, 480 + 500 * 62))
