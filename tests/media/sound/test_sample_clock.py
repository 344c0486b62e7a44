"""media/sound/sample_clock.py: times from late and bursty buffers."""

import random

import pytest

from media.sound.sample_clock import SampleClock

BUFFER = 240
BUFFER_US = 5_000


def test_regular_buffers_give_regular_times() -> None:
    clock = SampleClock()
    for number in range(1, 400):
        clock.note(number * BUFFER, 1_000_000 + number * BUFFER_US)
        assert clock.time_us(number * BUFFER) == 1_000_000 + number * BUFFER_US


def test_late_and_bursty_buffers_do_not_move_the_times() -> None:
    dice = random.Random(1)
    clock = SampleClock()
    errors = []
    for number in range(1, 4_000):
        # Three at a time, like PulseAudio, and late by up to 8 ms.
        arrived_us = -(-number // 3) * 3 * BUFFER_US + dice.randrange(8_000)
        clock.note(number * BUFFER, arrived_us)
        if number > 400:
            errors.append(clock.time_us(number * BUFFER) - number * BUFFER_US)
    assert max(errors) - min(errors) < 1_000


@pytest.mark.parametrize("ppm", [-300, 300, 1_000])
def test_drifting_clock_is_followed(ppm: int) -> None:
    dice = random.Random(2)
    clock = SampleClock()
    last_error = 0
    for number in range(1, 12_000):
        true_us = int(number * BUFFER_US * (1 + ppm / 1e6))
        clock.note(number * BUFFER, true_us + dice.randrange(3_000))
        last_error = clock.time_us(number * BUFFER) - true_us
    assert abs(last_error) < 4_000


def test_times_are_right_at_once_after_a_stall() -> None:
    clock = SampleClock()
    for number in range(1, 400):
        clock.note(number * BUFFER, number * BUFFER_US)
    clock.note(400 * BUFFER, 400 * BUFFER_US + 700_000)
    for number in range(401, 900):
        clock.note(number * BUFFER, number * BUFFER_US + 700_000)
    assert clock.time_us(900 * BUFFER) == pytest.approx(900 * BUFFER_US + 700_000, abs=100)
