"""media/video/arrival_pace.py: what counts as live, by the packets' own times."""

from collections.abc import Sequence

import pytest

from media.video.arrival_pace import ArrivalPace

STEP_US = 33_333
LONG_PAST_US = 5_000_000


def waits(arrivals: Sequence[tuple[int | None, int]], pace: ArrivalPace | None = None) -> list[int]:
    pace = pace or ArrivalPace()
    return [pace.wait_us(media_us, came_us) for media_us, came_us in arrivals]


def live(count: int, *, from_us: int = 0) -> list[tuple[int, int]]:
    """Return arrivals at their rate, which begin at this media time."""
    return [(from_us + n * STEP_US, LONG_PAST_US + from_us + n * STEP_US) for n in range(count)]


@pytest.fixture
def pace() -> ArrivalPace:
    """A stream that is live, with 30 packets so far."""
    pace = ArrivalPace()
    waits(live(30), pace)
    return pace


def test_first_packet_may_be_followed_by_others() -> None:
    assert waits(live(1)) == [100_000]


@pytest.mark.parametrize("lost_us", [50, 2_000, 12_000])
def test_every_packet_of_a_backlog_may_be_followed_by_others(lost_us: int) -> None:
    backlog = [(n * STEP_US, LONG_PAST_US + n * lost_us) for n in range(30)]
    assert all(waits(backlog))


def test_packet_after_a_backlog_is_live() -> None:
    backlog = [(n * STEP_US, LONG_PAST_US + n * 50) for n in range(30)]
    next_one = (30 * STEP_US, LONG_PAST_US + 29 * 50 + STEP_US)
    assert waits([*backlog, next_one])[-1] == 0


def test_jitter_is_live(pace: ArrivalPace) -> None:
    late_us = [0, 30_000, 5_000, 45_000, 14_000, 0, 60_000, 27_000, 0]
    arrivals = [
        (media_us, came_us + late_us[n])
        for n, (media_us, came_us) in enumerate(live(len(late_us), from_us=30 * STEP_US))
    ]
    assert not any(waits(arrivals, pace))


def test_burst_after_a_break_may_be_followed_by_others_until_it_is_nearly_live(
    pace: ArrivalPace,
) -> None:
    broken_us = 10 * STEP_US
    arrivals = live(10, from_us=30 * STEP_US)
    came_us = LONG_PAST_US + 29 * STEP_US + broken_us
    burst = [(media_us, came_us + 100 * n) for n, (media_us, _) in enumerate(arrivals)]
    found = waits(burst, pace)
    assert found[0] == 0  # it was waited for
    assert all(found[1:6])
    assert not any(found[7:])


def test_clocks_that_drift_apart_stay_live() -> None:
    slow = [(n * STEP_US, LONG_PAST_US + n * (STEP_US + 20)) for n in range(20_000)]
    assert not any(waits(slow)[1:])


@pytest.mark.parametrize("jump_us", [-3_600_000_000, 3_600_000_000])
def test_camera_whose_clock_jumps_is_live_again_at_the_next_packet(
    pace: ArrivalPace, jump_us: int
) -> None:
    arrivals = [(m + jump_us, c) for m, c in live(10, from_us=30 * STEP_US)]
    found = waits(arrivals, pace)
    assert found[0] <= 100_000
    assert not any(found[1:])


def test_packet_without_a_time_is_live(pace: ArrivalPace) -> None:
    assert waits([(None, LONG_PAST_US)], pace) == [0]


def test_wait_is_bounded_for_a_slow_camera() -> None:
    pace = ArrivalPace()
    assert max(waits([(n * 2_000_000, LONG_PAST_US + n) for n in range(5)], pace)) == 100_000
