"""Claims about net/protocol/rate_control.py, most of them in simulated calls.

Limits leave a margin of about a third above the worst of six seeds.
"""

import pickle
from collections.abc import Callable
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bench.link_conditions import Blackout, BlackoutKind, Conditions, Schedule, Step, steady
from bench.link_profiles import PROFILES, both_ways
from bench.simulated_call import CEILING_BPS, CallResult, SimulatedCall
from net.protocol.control import Feedback
from net.protocol.rate_control import (
    FIRST_TRAINS_US,
    FLOOR_BPS,
    START_BPS,
    RateControl,
)

SECOND_US = 1_000_000
AUDIO_WIRE_BPS = 60_000
"""Of sound in packets of 20 ms, headers included."""
FAST = Conditions(rate_bps=20 * SECOND_US)
SEEDS = (1, 2)


def conditions_call(schedule: Schedule, seconds: float, *, seed: int = 1) -> CallResult:
    """Simulate a call on a link with the same schedule both ways."""
    profile = both_ways("test", "", schedule)
    return SimulatedCall(profile, seed=seed).run_until(round(seconds * SECOND_US))


@cache
def named_call(name: str, seconds: int, seed: int) -> CallResult:
    """Simulate a call in a profile of the network laboratory; tests share the result."""
    return SimulatedCall(PROFILES[name], seed=seed).run_until(seconds * SECOND_US)


@cache
def step_call(seed: int) -> CallResult:
    """Simulate a link of 4 Mbit/s that carries 0.5 from 3 s to 9 s."""
    high, low = Conditions(rate_bps=4_000_000), Conditions(rate_bps=500_000)
    steps = (Step(0, high), Step(3_000, low), Step(9_000, high))
    return conditions_call(Schedule(steps=steps), 15, seed=seed)


# The start.


def test_target_starts_low_or_at_a_lower_setting() -> None:
    assert RateControl(CEILING_BPS).target_bps == START_BPS
    assert RateControl(START_BPS // 2).target_bps == START_BPS // 2


@pytest.mark.parametrize("name", ["free", "20mbit-400ms", "4mbit"])
def test_good_link_gets_the_full_target_within_3_seconds_and_keeps_it(name: str) -> None:
    result = named_call(name, 5, 1)
    assert set(result.targets_bps(3)) == {CEILING_BPS}
    assert result.skipped <= 2


def test_higher_setting_is_reached_within_3_seconds() -> None:
    profile = both_ways("test", "", steady(FAST))
    result = SimulatedCall(profile, ceiling_bps=6_000_000).run_until(4 * SECOND_US)
    assert set(result.targets_bps(3)) == {6_000_000}


def test_first_trains_lower_the_target_before_there_is_a_queue() -> None:
    rate = RateControl(CEILING_BPS)
    rate.on_train(1_500, 40_000, 500_000)
    assert rate.target_bps < 300_000


def test_first_train_that_was_late_is_forgotten_when_the_next_is_fast() -> None:
    rate = RateControl(CEILING_BPS)
    rate.on_train(1_500, 200_000, 500_000)
    assert rate.target_bps < 100_000
    rate.on_train(1_400, 3_000, 550_000)
    assert rate.target_bps == START_BPS


def test_start_on_the_slowest_link_shows_no_old_picture_and_drops_no_sound() -> None:
    result = named_call("0.1mbit", 5, 1)
    assert max(result.latencies_us()) < 400_000
    assert result.dropped_audio == 0


def test_late_trains_do_not_lower_the_target_after_the_start() -> None:
    rate = RateControl(CEILING_BPS)
    rate.on_train(1_400, 3_000, 500_000)
    rate.on_train(1_500, 200_000, 500_000 + FIRST_TRAINS_US + 1)
    assert rate.target_bps == START_BPS


def test_train_shorter_than_the_jitter_shows_a_rate_that_the_link_exceeds() -> None:
    rate = RateControl(CEILING_BPS)
    sent_bytes = 0
    for now_us in range(50_000, 5_000_000, 50_000):
        sent_bytes += 2_000
        rate.on_queued(2_000, 1, now_us)
        rate.on_departed(now_us)
        at_us = now_us + 5_000 + now_us * 7 % 83_000
        rate.on_arrived(sent_bytes, began_us=at_us, at_us=at_us, now_us=at_us)
    assert rate.least_link_bps(now_us) is None
    rate.on_train(12_000, 300, now_us)
    least_bps = rate.least_link_bps(now_us)
    assert rate.jitter_us > 300
    assert least_bps == pytest.approx(12_000 * 8e6 / (2 * rate.jitter_us))
    assert rate.trains.rate_bps(now_us) is None


@pytest.mark.parametrize("seed", SEEDS)
def test_jitter_of_a_long_path_does_not_hold_the_target_down(seed: int) -> None:
    assert max(named_call("250ms", 12, seed).targets_bps()) == CEILING_BPS


# Slow links.


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("name", "from_s", "queue_ms", "latency_ms"),
    [("1mbit", 1, 120, 150), ("0.3mbit", 1, 160, 200), ("0.1mbit", 3, 370, 370)],
)
def test_queue_of_a_slow_link_stays_short_after_the_start(
    name: str, from_s: int, queue_ms: int, latency_ms: int, seed: int
) -> None:
    """A picture takes up to 50 ms of the link, and sound at 0.1 Mbit/s a quarter of it."""
    result = named_call(name, 12, seed)
    assert max(each.link_queue_us for each in result.samples(from_s)) < queue_ms * 1000
    assert max(result.latencies_us(from_s)) < latency_ms * 1000


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", ["1mbit", "0.3mbit"])
def test_queue_delay_of_a_slow_link_is_below_100_ms_after_the_first_second(
    name: str, seed: int
) -> None:
    assert max(each.queue_us for each in named_call(name, 12, seed).samples(1)) < 100_000


@pytest.mark.parametrize("seed", SEEDS)
def test_85_percent_of_1_mbit_beside_sound_is_used(seed: int) -> None:
    used_bps = named_call("1mbit", 12, seed).video_bps_between(5, 12)
    assert 0.85 * (1_000_000 - AUDIO_WIRE_BPS) < used_bps < 1_000_000 - AUDIO_WIRE_BPS


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("name", "share"), [("0.3mbit", 0.65), ("0.1mbit", 0.4)])
def test_most_of_a_slower_link_is_used(name: str, share: float, seed: int) -> None:
    capacity_bps = PROFILES[name].forward.steps[0].conditions.rate_bps
    assert capacity_bps is not None
    used_bps = named_call(name, 12, seed).video_bps_between(5, 12)
    assert used_bps > share * capacity_bps


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("name", "most"), [("1mbit", 1.6), ("0.3mbit", 1.6), ("0.1mbit", 1.9)])
def test_target_does_not_oscillate_on_a_steady_link(name: str, most: float, seed: int) -> None:
    targets_bps = named_call(name, 12, seed).targets_bps(5)
    assert max(targets_bps) < most * min(targets_bps)


@pytest.mark.parametrize("name", ["1mbit", "0.3mbit", "0.1mbit"])
def test_no_sound_is_dropped_on_a_slow_link(name: str) -> None:
    assert named_call(name, 12, 1).dropped_audio == 0


# A link that changes.


@pytest.mark.parametrize("seed", SEEDS)
def test_target_is_below_a_slower_link_within_a_second(seed: int) -> None:
    result = step_call(seed)
    assert max(result.targets_bps(3.5, 4)) < 500_000
    assert max(result.targets_bps(5, 9)) < 600_000
    assert min(result.targets_bps(5, 9)) > 200_000
    assert max(each.link_queue_us for each in result.samples(4.5, 9)) < 300_000


@pytest.mark.parametrize("seed", SEEDS)
def test_target_returns_within_a_few_seconds_of_the_link(seed: int) -> None:
    result = step_call(seed)
    assert max(result.targets_bps(9, 12)) > 1_500_000
    assert min(result.targets_bps(14)) > 2_000_000


@pytest.mark.parametrize("kind", BlackoutKind)
def test_blackout_does_not_lower_the_target(kind: BlackoutKind) -> None:
    blackout = Blackout(from_ms=2_000, lasts_ms=2_000, kind=kind)
    result = conditions_call(steady(FAST, blackout), 7)
    assert min(result.targets_bps(2)) > 0.5 * CEILING_BPS
    assert len(result.latencies_us(5.5, 6.5)) > 25


@pytest.mark.parametrize("seed", SEEDS)
def test_stalls_of_wifi_do_not_lower_the_target(seed: int) -> None:
    assert min(named_call("wifi-bursts", 8, seed).targets_bps(1)) > 0.5 * CEILING_BPS


# Losses and jitter.


@pytest.mark.parametrize("seed", SEEDS)
def test_1_percent_of_loss_does_not_drive_the_target_to_the_floor(seed: int) -> None:
    assert min(named_call("1-percent", 8, seed).targets_bps(1)) > 400_000


@pytest.mark.parametrize("seed", SEEDS)
def test_jitter_of_100_ms_does_not_drive_the_target_to_the_floor(seed: int) -> None:
    targets_bps = named_call("250ms", 16, seed).targets_bps(4)
    assert min(targets_bps) > 5 * FLOOR_BPS
    assert sum(targets_bps) / len(targets_bps) > 10 * FLOOR_BPS


# Feedback that lies. `SendBudget` has refused counts and times that are impossible.


class Liar:
    """A receiver whose reports claim other times, a train of its own, or both.

    Args:
        time_us: returns the time to claim instead of one on the receiver's clock.
        train: the bytes and microseconds to claim of the largest train; None claims the truth.
    """

    def __init__(self, time_us: Callable[[int], int], train: tuple[int, int] | None = None) -> None:
        self._time_us = time_us
        self._train = train

    def __call__(self, report: Feedback) -> Feedback:
        train_bytes, train_us = self._train or (report.train_bytes, report.train_us)
        return replace(
            report,
            arrived_us=self._time_us(report.arrived_us),
            began_us=self._time_us(report.began_us),
            bytes_us=self._time_us(report.bytes_us),
            train_bytes=train_bytes,
            train_us=train_us,
        )


def lied_to(liar: Liar, seconds: int) -> CallResult:
    call = SimulatedCall(PROFILES["1mbit"], forge=liar)
    return call.run_until(seconds * SECOND_US)


LARGEST = 2**63 - 1


@pytest.mark.parametrize(
    "liar",
    [
        Liar(lambda at_us: 1),
        Liar(lambda at_us: LARGEST),
        Liar(lambda at_us: at_us and at_us + 2**61),
        Liar(lambda at_us: at_us and at_us * 1_000),
        Liar(lambda at_us: at_us // 1_000_000),
        Liar(lambda at_us: at_us, train=(LARGEST, 0)),
        Liar(lambda at_us: 1, train=(LARGEST, 0)),
        Liar(lambda at_us: at_us, train=(0, LARGEST)),
        Liar(lambda at_us: at_us, train=(LARGEST, LARGEST)),
    ],
)
def test_claimed_times_never_raise_the_target_above_the_setting(liar: Liar) -> None:
    targets_bps = lied_to(liar, 4).targets_bps()
    assert min(targets_bps) >= FLOOR_BPS
    assert max(targets_bps) <= CEILING_BPS


def ever_later() -> Liar:
    """Return a liar whose claimed delays grow by a third of a second each second."""
    began_us: list[int] = []

    def later(at_us: int) -> int:
        began_us.append(at_us)
        return at_us + (at_us - began_us[0]) // 3

    return Liar(later)


def test_claims_of_ever_longer_delays_never_raise_the_target() -> None:
    profile = PROFILES["20mbit-400ms"]
    lied = SimulatedCall(profile, forge=ever_later()).run_until(5 * SECOND_US)
    honest = named_call("20mbit-400ms", 5, 1)
    pairs = zip(lied.targets_bps(), honest.targets_bps(), strict=True)
    assert all(forged_bps <= honest_bps for forged_bps, honest_bps in pairs)


def test_claims_of_ever_longer_delays_count_only_where_the_round_trip_is_unknown() -> None:
    targets_bps = []
    for tells_round_trip in (True, False):
        call = SimulatedCall(
            PROFILES["20mbit-400ms"], forge=ever_later(), tells_round_trip=tells_round_trip
        )
        targets_bps.append(call.run_until(5 * SECOND_US).targets_bps()[-1])
    assert targets_bps[0] == CEILING_BPS
    assert targets_bps[1] < 0.8 * CEILING_BPS


numbers = st.integers(0, LARGEST)
events = st.lists(
    st.one_of(
        st.tuples(st.just("queued"), st.integers(1, 4_000_000), numbers),
        st.tuples(st.just("departed"), numbers, numbers),
        st.tuples(st.just("arrived"), numbers, numbers),
        st.tuples(st.just("train"), numbers, numbers),
    ),
    max_size=30,
)


@given(events, st.integers(FLOOR_BPS, 20_000_000), st.integers(0, 1_000_000))
def test_target_stays_between_floor_and_setting_at_any_claim(
    steps: list[tuple[str, int, int]], ceiling_bps: int, step_us: int
) -> None:
    rate = RateControl(ceiling_bps)
    now_us = 0
    for kind, one, other in steps:
        now_us += step_us
        if kind == "queued":
            rate.on_queued(one, 1, now_us)
        elif kind == "departed":
            rate.on_departed(now_us)
        elif kind == "train":
            rate.on_train(one, other, now_us)
        else:
            rate.on_arrived(one, began_us=min(one, other), at_us=other, now_us=now_us)
        assert FLOOR_BPS <= rate.target_bps <= ceiling_bps


# Reports that mean nothing new.


def reported(rate: RateControl, seconds: float, *, every_us: int, delay_us: int = 5_000) -> int:
    """Send and report packets at a steady rate; return the bytes sent."""
    sent_bytes = 0
    for now_us in range(every_us, round(seconds * SECOND_US), every_us):
        sent_bytes += 2_000
        rate.on_queued(2_000, 1, now_us)
        rate.on_departed(now_us)
        at_us = now_us + delay_us
        rate.on_arrived(sent_bytes, began_us=at_us, at_us=at_us, now_us=at_us)
    return sent_bytes


def test_repeated_and_older_reports_change_nothing() -> None:
    rate = RateControl(CEILING_BPS)
    sent_bytes = reported(rate, 1, every_us=33_333)
    before = pickle.dumps(rate)
    for video_bytes in (sent_bytes, sent_bytes - 1, 0):
        rate.on_arrived(video_bytes, began_us=1, at_us=LARGEST, now_us=9 * SECOND_US)
    assert pickle.dumps(rate) == before


def test_report_on_a_packet_that_has_not_left_changes_nothing() -> None:
    rate = RateControl(CEILING_BPS)
    rate.on_queued(2_000, 1, 0)
    rate.on_arrived(1_000, began_us=5, at_us=5, now_us=5)
    assert (rate.target_bps, rate.queue_us) == (START_BPS, 0)


def test_state_does_not_grow_over_an_hour() -> None:
    grown: dict[int, int] = {}
    for seconds in (60, 3_600):
        rate = RateControl(CEILING_BPS)
        reported(rate, seconds, every_us=500_000)
        grown[seconds] = len(pickle.dumps(rate))
    assert grown[3_600] < grown[60] + 1_000


def test_state_does_not_grow_if_the_peer_claims_one_time() -> None:
    rate = RateControl(CEILING_BPS)
    for number in range(1, 2_000):
        rate.on_queued(10, 1, number)
        rate.on_departed(number)
        rate.on_arrived(number * 10, began_us=7, at_us=7, now_us=number)
    assert len(pickle.dumps(rate)) < 20_000
