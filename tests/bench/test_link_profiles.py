"""bench/link_profiles.py and bench/link_conditions.py: named profiles, schedules and traces."""

from pathlib import Path

import msgspec
import pytest

from bench.link_conditions import (
    NEVER_US,
    Blackout,
    BlackoutKind,
    Conditions,
    Profile,
    Schedule,
    Step,
)
from bench.link_profiles import (
    PROFILES,
    invent_wifi_trace,
    read_trace,
    trace_schedule,
)


@pytest.mark.parametrize("profile", PROFILES.values(), ids=str)
def test_a_profile_survives_the_way_to_the_relay(profile: Profile) -> None:
    assert msgspec.json.decode(msgspec.json.encode(profile), type=Profile) == profile


@pytest.mark.parametrize("profile", PROFILES.values(), ids=str)
def test_a_profile_lets_packets_through_at_its_start(profile: Profile) -> None:
    for schedule in (profile.start.forward, profile.start.backward):
        conditions, blackout, _ = schedule.at(0)
        assert conditions.rate_bps != 0
        assert blackout is None


def test_the_start_of_a_profile_has_no_steps_and_no_single_blackout() -> None:
    assert PROFILES["4-0.5-4"].start.forward.at(30_000_000).until_us == NEVER_US
    assert PROFILES["blackout-5s"].start.forward.at(9_000_000).blackout is None
    assert PROFILES["blackout-5s"].forward.at(9_000_000).blackout is BlackoutKind.LOSE
    assert PROFILES["wifi-bursts"].start.forward.at(1_600_000).blackout is BlackoutKind.WAIT


def test_a_span_ends_at_the_next_edge_of_a_step_or_blackout() -> None:
    steps = (Step(0, Conditions(rate_bps=1)), Step(1000, Conditions(rate_bps=2)))
    blackout = Blackout(from_ms=300, lasts_ms=100, every_ms=500, kind=BlackoutKind.WAIT)
    schedule = Schedule(steps=steps, blackouts=(blackout,), repeats_ms=2000)
    at_us, edges = 0, []
    while at_us < 2_500_000:
        span = schedule.at(at_us)
        edges.append((at_us // 1000, span.conditions.rate_bps, span.blackout is not None))
        at_us = span.until_us
    assert edges == [
        *((0, 1, False), (300, 1, True), (400, 1, False), (800, 1, True), (900, 1, False)),
        *((1000, 2, False), (1300, 2, True), (1400, 2, False), (1800, 2, True), (1900, 2, False)),
        *((2000, 1, False), (2300, 1, True), (2400, 1, False)),
    ]


@pytest.mark.parametrize(
    "make",
    [
        lambda: Schedule(steps=()),
        lambda: Schedule(steps=(Step(5, Conditions()),)),
        lambda: Schedule(steps=(Step(0, Conditions()), Step(0, Conditions()))),
        lambda: Schedule(steps=(Step(0, Conditions()), Step(9, Conditions())), repeats_ms=9),
        lambda: trace_schedule([0, 0]),
        lambda: Schedule(
            steps=(Step(0, Conditions()),),
            blackouts=(Blackout(from_ms=0, lasts_ms=5, every_ms=5, kind=BlackoutKind.WAIT),),
        ),
    ],
)
def test_a_schedule_that_never_ends_or_begins_is_refused(make: object) -> None:
    assert callable(make)
    with pytest.raises(ValueError, match=r"step|blackout"):
        make()


def test_a_recorded_trace_becomes_rates(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    trace.write_text("0\n10\n99\n250\n")
    schedule = read_trace(trace)
    rates = [schedule.at(at_us).conditions.rate_bps for at_us in (0, 100_000, 299_999, 300_000)]
    assert rates == [360_000, 0, 120_000, 360_000]


@pytest.mark.parametrize("text", ["", "many\n", "-5\n"])
def test_a_file_that_is_no_trace_is_refused(tmp_path: Path, text: str) -> None:
    trace = tmp_path / "trace"
    trace.write_text(text)
    with pytest.raises(ValueError, match=r"trace|int"):
        read_trace(trace)


def test_the_invented_trace_is_the_same_for_a_seed_and_stalls_now_and_then() -> None:
    rates = invent_wifi_trace(seed=7, seconds=60)
    assert rates == invent_wifi_trace(seed=7, seconds=60)
    assert 3e6 < sum(rates) / len(rates) < 20e6
    assert 0 < rates.count(0) < 60


def test_the_mean_rate_of_a_schedule_leaves_blackouts_out() -> None:
    assert PROFILES["free"].forward.mean_rate_bps(20) is None
    assert PROFILES["4-0.5-4"].forward.mean_rate_bps(60) == pytest.approx(8.5e6 / 3)
    assert PROFILES["blackout-5s"].forward.mean_rate_bps(20) == pytest.approx(15e6)
    assert PROFILES["wifi-bursts"].forward.mean_rate_bps(30) == pytest.approx(20e6 * 14 / 15)
