"""Claims about call/live/processor_limit.py, on a simulated clock."""

import random

import pytest

from call.live.processor_limit import (
    COARSE_QUANTIZER,
    FINE_QUANTIZER,
    LEAST_QUIET_US,
    MOST_STEPS,
    SETTLING_US,
    ProcessorLimit,
)

INTERVAL_US = 33_333
SECOND_US = 1_000_000


class Encoder:
    """An encoder whose time for a picture depends on the steps of the limit."""

    def __init__(self) -> None:
        self.limit = ProcessorLimit()
        self.now_us = SECOND_US
        self.history: list[int] = []
        self.quantizer: float | None = COARSE_QUANTIZER

    def run(self, seconds: float, *encode_ms: float) -> None:
        """Encode pictures; the time for each is given for each step of the limit, or for all."""
        end_us = self.now_us + int(seconds * SECOND_US)
        while self.now_us < end_us:
            self.now_us += INTERVAL_US
            cost_ms = encode_ms[min(self.limit.steps, len(encode_ms) - 1)]
            self.limit.on_encoded(int(cost_ms * 1000), INTERVAL_US, self.now_us, self.quantizer)
            self.history.append(self.limit.steps)

    def settle(self) -> None:
        """Pass the start of the call, which does not count."""
        self.run(SETTLING_US / SECOND_US + 0.2, 1.0)


def test_light_work_is_not_limited() -> None:
    encoder = Encoder()
    encoder.run(60, 14.0)
    assert set(encoder.history) == {0}


def test_heavy_work_for_a_second_is_one_step_down() -> None:
    encoder = Encoder()
    encoder.settle()
    encoder.run(1.2, 20.0, 14.0)
    assert encoder.limit.steps == 1


@pytest.mark.parametrize(("encode_ms", "refines"), [(3.0, True), (8.0, False)])
def test_pictures_are_refined_only_where_it_costs_little(encode_ms: float, refines: bool) -> None:
    encoder = Encoder()
    encoder.settle()
    assert not encoder.limit.refines
    encoder.run(LEAST_QUIET_US / SECOND_US + 2, encode_ms)
    assert encoder.limit.refines is refines


def test_refinement_ends_before_the_picture_becomes_smaller() -> None:
    encoder = Encoder()
    encoder.settle()
    encoder.run(LEAST_QUIET_US / SECOND_US + 2, 3.0)
    encoder.run(2, 10.0)
    assert not encoder.limit.refines
    assert set(encoder.history) == {0}


@pytest.mark.parametrize("quantizer", [COARSE_QUANTIZER - 1, 0.0, None])
def test_pictures_that_are_fine_are_not_refined(quantizer: float | None) -> None:
    encoder = Encoder()
    encoder.quantizer = quantizer
    encoder.run(60, 3.0)
    assert not encoder.limit.refines


def test_refinement_ends_once_nobody_can_see_it() -> None:
    encoder = Encoder()
    encoder.settle()
    encoder.run(LEAST_QUIET_US / SECOND_US + 2, 3.0)
    encoder.quantizer = FINE_QUANTIZER
    encoder.run(2, 3.0)
    assert encoder.limit.refines
    encoder.quantizer = FINE_QUANTIZER - 1
    encoder.run(2, 3.0)
    assert not encoder.limit.refines


def test_refinement_does_not_swing() -> None:
    """Each change costs a keyframe."""
    encoder = Encoder()
    changes = 0
    for _ in range(600 * 10):
        refined = encoder.limit.refines
        encoder.run(0.1, 10.0 if refined else 4.0)
        changes += encoder.limit.refines is not refined
    assert changes < 30


def test_work_that_stays_heavy_takes_one_size_after_the_other() -> None:
    encoder = Encoder()
    encoder.settle()
    encoder.run(30, 40.0)
    assert encoder.limit.steps == MOST_STEPS


def test_start_of_a_call_does_not_count() -> None:
    encoder = Encoder()
    encoder.run(SETTLING_US / SECOND_US, 40.0)
    encoder.run(5, 5.0)
    assert set(encoder.history) == {0}


def test_single_slow_pictures_do_not_count() -> None:
    encoder = Encoder()
    encoder.settle()
    for _ in range(20):
        encoder.run(0.5, 5.0)
        encoder.run(INTERVAL_US / SECOND_US, 150.0)
    assert set(encoder.history) == {0}


def test_step_is_taken_back_when_the_computer_is_quiet() -> None:
    encoder = Encoder()
    encoder.settle()
    encoder.run(1.2, 20.0, 14.0)
    encoder.run(LEAST_QUIET_US / SECOND_US + 2, 3.0)
    assert encoder.limit.steps == 0


def test_steps_that_help_only_below_do_not_swing() -> None:
    encoder = Encoder()
    encoder.settle()
    # With refinement too heavy, without it so light that the limit tries again.
    encoder.run(600, 20.0, 5.0)
    changes = sum(a != b for a, b in zip(encoder.history, encoder.history[1:], strict=False))
    assert changes < 30


def test_steps_stay_within_bounds_for_any_load() -> None:
    encoder = Encoder()
    dice = random.Random(3)
    for _ in range(200):
        encoder.run(dice.uniform(0.1, 4), dice.uniform(0.5, 80))
    assert 0 <= min(encoder.history) <= max(encoder.history) <= MOST_STEPS
