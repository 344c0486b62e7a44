"""media/sound/jitter_estimator.py: from the needs of arrivals to a target."""

import numpy as np
import pytest

from media.sound.jitter_estimator import (
    BASE_SLOTS,
    MARGIN_SAMPLES,
    MAX_SPREAD_SAMPLES,
    SLOT_US,
    SLOTS,
    JitterEstimator,
)

START_SPREAD = 960


def fed(needs: list[int], *, every_us: int = 10_000) -> JitterEstimator:
    arrivals = JitterEstimator(START_SPREAD)
    for number, need in enumerate(needs):
        arrivals.add(need, number * every_us)
    return arrivals


def test_first_arrival_sets_the_start_spread() -> None:
    assert fed([5000]).target == 5000 + START_SPREAD + MARGIN_SAMPLES


def test_even_arrivals_need_only_the_margin() -> None:
    assert fed([700] * 300).target == 700 + MARGIN_SAMPLES


def test_one_late_arrival_in_half_a_minute_is_ignored() -> None:
    needs = [0] * 1000
    needs[500] = 3000
    assert fed(needs).target == MARGIN_SAMPLES


@pytest.mark.parametrize("at", range(490, 560, 7))
def test_arrivals_that_are_late_together_are_one_accident(at: int) -> None:
    needs = [0] * 1000
    needs[at : at + 40] = range(4000, 0, -100)
    assert fed(needs).target == MARGIN_SAMPLES


def test_late_arrivals_of_the_first_second_are_soon_forgotten() -> None:
    needs = [0] * 1000
    needs[10] = needs[40] = needs[90] = 6000
    needs[500] = 5000
    assert fed(needs[:10]).target == START_SPREAD + MARGIN_SAMPLES
    assert fed(needs).target == MARGIN_SAMPLES


def test_second_late_arrival_raises_the_target_at_once() -> None:
    needs = [0] * 501
    needs[300] = 3000
    needs[500] = 2500
    assert fed(needs).target == 2500 + MARGIN_SAMPLES


def test_jitter_is_forgotten_after_half_a_minute() -> None:
    jitter = [3000 if number % 50 == 0 else 0 for number in range(500)]
    calm_slots = SLOTS * SLOT_US // 10_000
    assert fed(jitter + [0] * (calm_slots - 200)).target == 3000 + MARGIN_SAMPLES
    assert fed(jitter + [0] * (calm_slots + 100)).target == MARGIN_SAMPLES


def test_spread_is_bounded() -> None:
    needs = [100_000 if number % 50 == 0 else 0 for number in range(500)]
    assert fed(needs).target == MAX_SPREAD_SAMPLES + MARGIN_SAMPLES


def test_moved_zero_is_detected_within_two_slots() -> None:
    arrivals = fed([0] * 500 + [240_000] * 101)
    assert arrivals.target == 240_000 + MARGIN_SAMPLES
    assert arrivals.mean == 240_000


def test_drift_is_followed_in_both_directions() -> None:
    slower = fed(list(range(6000)))  # 1 sample in 10 ms: 2083 ppm
    assert 0 <= 5999 + MARGIN_SAMPLES - slower.target <= 100
    faster = fed([-number for number in range(6000)])
    assert 0 <= faster.target - MARGIN_SAMPLES + 5999 <= BASE_SLOTS * SLOT_US // 10_000


def test_restart_keeps_the_spread_but_not_the_zero() -> None:
    rng = np.random.default_rng(1)
    arrivals = fed([int(rng.integers(0, 1500)) for _ in range(1000)])
    before = arrivals.spread
    arrivals.restart()
    arrivals.add(70_000, 10_000_000)
    assert arrivals.target == 70_000 + before + MARGIN_SAMPLES
    assert arrivals.mean == 70_000


def test_restarts_without_end_do_not_grow_the_target() -> None:
    arrivals = JitterEstimator(START_SPREAD)
    for number in range(1000):
        arrivals.restart()
        arrivals.add(0, number)
    assert arrivals.target == START_SPREAD + MARGIN_SAMPLES
