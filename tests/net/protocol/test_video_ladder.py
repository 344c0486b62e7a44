"""Claims about net/protocol/video_ladder.py."""

from itertools import cycle, islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from net.protocol.video_ladder import (
    LEAST_CALM_US,
    MARGIN,
    MOST_CALM_US,
    SOON_US,
    Rung,
    VideoLadder,
    build_rungs,
)

TICK_US = 50_000
HD = (1280, 720)
HD_BPS = 800_000
BELOW_BPS = 700_000
ABOVE_BPS = 1_000_000


class Climber:
    """A ladder for 1280x720, asked 20 times a second."""

    def __init__(self) -> None:
        self.ladder = VideoLadder(HD, 30)
        self.now_us = 9_000_000

    def hold(self, target_bps: int, seconds: float) -> list[int]:
        """Return the lines of the pictures while the target stays the same."""
        return self.follow([target_bps] * round(seconds * 1e6 / TICK_US))

    def follow(self, targets_bps: list[int]) -> list[int]:
        """Return the lines of the pictures for each of some targets."""
        lines = []
        for target_bps in targets_bps:
            self.now_us += TICK_US
            lines.append(self.ladder.choose(target_bps, self.now_us).box_px[1])
        return lines

    def climb_us(self) -> int:
        """Come down from 720 lines and return how long the target must allow them again."""
        assert self.hold(BELOW_BPS, 0.1)[-1] == 540
        began_us = self.now_us
        while self.hold(ABOVE_BPS, TICK_US / 1e6) == [540]:
            assert self.now_us - began_us < 2 * MOST_CALM_US
        return self.now_us - began_us - TICK_US


def sizes(rungs: tuple[Rung, ...]) -> list[tuple[int, int, int]]:
    return [(*rung.box_px, rung.frame_rate_hz) for rung in rungs]


def changes(lines: list[int]) -> int:
    return sum(earlier != later for earlier, later in pairwise(lines))


SLOW = [(320, 180, 30), (320, 180, 15), (320, 180, 8), (320, 180, 2)]


@pytest.mark.parametrize(
    ("largest_px", "frame_rate_hz", "expected"),
    [
        (HD, 30, [(1280, 720, 30), (960, 540, 30), (640, 360, 30), *SLOW]),
        (
            (1920, 1080),
            60,
            [
                *[(1920, 1080, 60), (1920, 1080, 30), (1280, 720, 60), (1280, 720, 30)],
                *[
                    (960, 540, 60),
                    (960, 540, 30),
                    (640, 360, 60),
                    (640, 360, 30),
                    (320, 180, 60),
                    *SLOW,
                ],
            ],
        ),
        ((640, 480), 30, [(640, 480, 30), (640, 360, 30), *SLOW]),
        ((320, 180), 30, SLOW),
        (HD, 15, [(1280, 720, 15), (960, 540, 15), (640, 360, 15), *SLOW[1:]]),
        ((640, 360), 1, [(640, 360, 1), (320, 180, 1)]),
    ],
)
def test_rungs_go_down_in_size_and_then_in_frame_rate(
    largest_px: tuple[int, int], frame_rate_hz: int, expected: list[tuple[int, int, int]]
) -> None:
    assert sizes(build_rungs(largest_px, frame_rate_hz)) == expected


@pytest.mark.parametrize(
    ("largest_px", "frame_rate_hz", "expected"),
    [
        (
            HD,
            30,
            [
                *[(1280, 720, rate_hz) for rate_hz in (30, 15, 8, 4, 2)],
                *[(960, 540, 2), (640, 360, 2)],
            ],
        ),
        (
            (1920, 1080),
            60,
            [
                *[(1920, 1080, rate_hz) for rate_hz in (60, 30, 15, 8, 4, 2)],
                *[(1280, 720, 2), (960, 540, 2), (640, 360, 2)],
            ],
        ),
        ((640, 480), 10, [*[(640, 480, rate_hz) for rate_hz in (10, 8, 4, 2)], (640, 360, 2)]),
        ((320, 180), 30, [(320, 180, rate_hz) for rate_hz in (30, 15, 8, 4, 2)]),
        ((640, 360), 1, [(640, 360, 1)]),
    ],
)
def test_rungs_with_detail_go_down_in_frame_rate_and_then_in_size(
    largest_px: tuple[int, int], frame_rate_hz: int, expected: list[tuple[int, int, int]]
) -> None:
    assert sizes(build_rungs(largest_px, frame_rate_hz, keeps_detail=True)) == expected


@given(st.integers(16, 16_384), st.integers(16, 16_384), st.integers(1, 240), st.booleans())
def test_rungs_of_any_setting_fall_to_zero_and_exceed_nothing(
    width_px: int, height_px: int, frame_rate_hz: int, keeps_detail: bool
) -> None:
    rungs = build_rungs((width_px, height_px), frame_rate_hz, keeps_detail=keeps_detail)
    assert rungs[0].box_px == (width_px, height_px)
    assert rungs[0].frame_rate_hz == frame_rate_hz
    assert rungs[-1].from_bps == 0
    for higher, lower in pairwise(rungs):
        assert higher.from_bps > lower.from_bps
        assert higher.box_px[0] >= lower.box_px[0]
        assert higher.box_px[1] >= lower.box_px[1]
    assert all(rung.frame_rate_hz <= frame_rate_hz for rung in rungs)


def test_first_rung_is_the_highest_that_the_target_allows() -> None:
    assert Climber().hold(HD_BPS, 0.05) == [720]
    assert Climber().hold(HD_BPS - 1, 0.05) == [540]
    assert VideoLadder(HD, 30).choose(0, 0).frame_rate_hz == 2


def test_lower_rung_comes_at_once_and_over_several_steps() -> None:
    climber = Climber()
    climber.hold(HD_BPS, 1)
    assert climber.follow([BELOW_BPS, 210_000, 50_000]) == [540, 360, 180]


def test_higher_rung_comes_after_a_while_and_over_several_steps() -> None:
    climber = Climber()
    climber.hold(50_000, 1)
    lines = climber.hold(ABOVE_BPS, LEAST_CALM_US / 1e6 + 0.1)
    assert set(lines[:-2]) == {180}
    assert lines[-1] == 720


def test_target_within_the_margin_does_not_climb() -> None:
    climber = Climber()
    climber.hold(BELOW_BPS, 1)
    assert set(climber.hold(int(HD_BPS * MARGIN) - 1, 60)) == {540}
    assert climber.hold(int(HD_BPS * MARGIN) + 1, 1)[-1] == 720


@pytest.mark.parametrize(
    "targets_bps",
    [
        [HD_BPS - 1, HD_BPS + 1],
        [HD_BPS * 95 // 100, HD_BPS * 115 // 100],
        [HD_BPS * 9 // 10, HD_BPS * 2],
        [HD_BPS * 9 // 10, *[HD_BPS * 2] * (LEAST_CALM_US // TICK_US - 1)],
    ],
)
def test_target_that_flutters_around_a_threshold_causes_one_switch(targets_bps: list[int]) -> None:
    climber = Climber()
    climber.hold(ABOVE_BPS, 1)
    assert changes([720, *climber.follow(list(islice(cycle(targets_bps), 2_000)))]) == 1


def test_target_that_swings_every_few_seconds_causes_ever_fewer_switches() -> None:
    climber = Climber()
    lines = []
    for _ in range(20):
        lines += climber.hold(ABOVE_BPS, 5) + climber.hold(BELOW_BPS, 5)
    assert changes(lines[: len(lines) // 2]) < 10
    assert changes(lines[len(lines) // 2 :]) == 0


def test_climbing_takes_twice_as_long_each_time_that_it_fails_soon() -> None:
    climber = Climber()
    climber.hold(ABOVE_BPS, 1)
    waits_us = [climber.climb_us() for _ in range(8)]
    assert waits_us[0] == LEAST_CALM_US
    for earlier_us, later_us in pairwise(waits_us):
        assert later_us == min(MOST_CALM_US, 2 * earlier_us)


def test_rung_that_lasted_makes_climbing_quick_again() -> None:
    climber = Climber()
    climber.hold(ABOVE_BPS, 1)
    for _ in range(4):
        climber.climb_us()
    climber.hold(ABOVE_BPS, SOON_US / 1e6)
    assert climber.climb_us() == LEAST_CALM_US


def test_another_content_takes_its_own_rung_at_once() -> None:
    ladder = VideoLadder(HD, 30)
    rungs = [ladder.choose(100_000, 0, keeps_detail=detail) for detail in (False, True, False)]
    assert sizes(tuple(rungs)) == [(320, 180, 30), (1280, 720, 4), (320, 180, 30)]


def test_detail_climbs_and_comes_down_as_other_pictures_do() -> None:
    ladder = VideoLadder(HD, 30)

    def rate_hz(target_bps: int, now_us: int) -> int:
        return ladder.choose(target_bps, now_us, keeps_detail=True).frame_rate_hz

    assert rate_hz(200_000, 0) == 8
    assert rate_hz(2_000_000, 1) == 8
    assert rate_hz(2_000_000, LEAST_CALM_US + 1) == 30
    assert rate_hz(90_000, LEAST_CALM_US + 2) == 4


@pytest.mark.parametrize("keeps_detail", [False, True])
def test_less_work_means_smaller_pictures_or_with_detail_fewer(keeps_detail: bool) -> None:
    ladder = VideoLadder(HD, 30)
    rungs = [
        ladder.choose(2_500_000, 0, steps_down=steps, keeps_detail=keeps_detail)
        for steps in (0, 1, 3, 99)
    ]
    fewer = [(1280, 720, 30), (1280, 720, 15), (1280, 720, 4), (640, 360, 2)]
    smaller = [(1280, 720, 30), (960, 540, 30), (320, 180, 30), (320, 180, 30)]
    assert sizes(tuple(rungs)) == (fewer if keeps_detail else smaller)


def test_less_work_than_60_pictures_a_second_is_30_before_a_smaller_size() -> None:
    ladder = VideoLadder((1920, 1080), 60)
    rungs = [ladder.choose(8_000_000, 0, steps_down=steps) for steps in range(4)]
    assert sizes(tuple(rungs)) == [
        (1920, 1080, 60),
        (1920, 1080, 30),
        (1280, 720, 30),
        (960, 540, 30),
    ]


@given(
    st.tuples(st.integers(16, 4_000), st.integers(16, 4_000)),
    st.sampled_from((1, 15, 30, 60)),
    st.lists(
        st.tuples(st.integers(0, 20_000_000), st.integers(0, 20_000_000), st.booleans()),
        max_size=60,
    ),
)
def test_rung_never_needs_more_than_the_target(
    largest_px: tuple[int, int], frame_rate_hz: int, steps: list[tuple[int, int, bool]]
) -> None:
    ladder = VideoLadder(largest_px, frame_rate_hz)
    now_us = 0
    for target_bps, step_us, keeps_detail in steps:
        now_us += step_us
        rung = ladder.choose(target_bps, now_us, keeps_detail=keeps_detail)
        assert rung.from_bps <= target_bps
        assert rung.box_px[0] <= largest_px[0]
        assert rung.box_px[1] <= largest_px[1]
