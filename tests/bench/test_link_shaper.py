"""bench/link_shaper.py: rate, queue, delay, jitter, loss, order, blackouts and steps."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import pytest

from bench.link_conditions import (
    Blackout,
    BlackoutKind,
    Conditions,
    LossBursts,
    Schedule,
    Step,
    steady,
)
from bench.link_shaper import LinkShaper

SECOND_US = 1_000_000
START_US = 777_000_000


class Arrival(NamedTuple):
    """A packet that came through: its number, when it was sent and when it was due."""

    number: int
    sent_us: int
    due_us: int

    @property
    def delay_us(self) -> int:
        """The time underway."""
        return self.due_us - self.sent_us


def run(
    schedule: Schedule,
    *,
    seconds: float,
    every_us: int,
    size_bytes: int = 1500,
    seed: int = 1,
) -> tuple[list[Arrival], LinkShaper[int]]:
    """Send packets at a steady rate, and wait until all have arrived.

    Times of the result count from the start.
    """
    shaper: LinkShaper[int] = LinkShaper(schedule, seed=seed, now_us=START_US)
    arrivals: list[Arrival] = []
    offers = [START_US + each for each in range(0, round(seconds * SECOND_US), every_us)]
    for number, sent_us in enumerate(offers):
        arrivals += drain(shaper, sent_us, offers)
        shaper.offer(number, size_bytes, sent_us)
    arrivals += drain(shaper, None, offers)
    assert shaper.counters.queued_bytes == 0
    return arrivals, shaper


def drain(shaper: LinkShaper[int], until_us: int | None, offers: Sequence[int]) -> list[Arrival]:
    """Wait as the relay does, until a time or until nothing is underway."""
    arrivals = []
    while (next_us := shaper.next_due_us()) is not None:
        if until_us is not None and next_us > until_us:
            break
        for due_us, number in shaper.pop_due(next_us):
            arrivals.append(Arrival(number, offers[number] - START_US, due_us - START_US))
    return arrivals


def rate_bps(arrivals: Sequence[Arrival], from_s: float, to_s: float, size_bytes: int) -> float:
    """Return the rate at which packets came through in a span of time."""
    count = sum(from_s * SECOND_US <= arrival.due_us < to_s * SECOND_US for arrival in arrivals)
    return count * size_bytes * 8 / (to_s - from_s)


@pytest.mark.parametrize(("mbps", "size_bytes"), [(0.1, 60), (0.1, 1500), (1, 60), (20, 1500)])
def test_rate_is_kept(mbps: float, size_bytes: int) -> None:
    schedule = steady(Conditions(rate_bps=round(mbps * 1e6)))
    # Offered 1.5 times what the rate lets through.
    every_us = math.ceil(size_bytes * 8 / mbps / 1.5)
    arrivals, _ = run(schedule, seconds=10, every_us=every_us, size_bytes=size_bytes)
    assert rate_bps(arrivals, 1, 9, size_bytes) == pytest.approx(mbps * 1e6, rel=0.02)


def test_a_packet_alone_takes_its_own_transmission_time() -> None:
    arrivals, _ = run(steady(Conditions(rate_bps=1_000_000)), seconds=1, every_us=100_000)
    assert {arrival.delay_us for arrival in arrivals} == {12_000}


def test_without_a_rate_packets_pass_at_once() -> None:
    arrivals, _ = run(steady(Conditions()), seconds=1, every_us=100)
    assert len(arrivals) == 10_000
    assert {arrival.delay_us for arrival in arrivals} == {0}


def test_queue_never_holds_more_than_its_time() -> None:
    schedule = steady(Conditions(rate_bps=1_000_000, queue_ms=400))
    arrivals, shaper = run(schedule, seconds=5, every_us=2_000)
    assert max(arrival.delay_us for arrival in arrivals) <= 400_000
    # Up to one packet below the bound, because the next one would not have fitted.
    assert 48_500 < shaper.counters.most_queued_bytes <= 50_000
    assert shaper.counters.dropped_queue_full == 2500 - len(arrivals)


def test_queue_holds_one_packet_of_any_size() -> None:
    arrivals, _ = run(
        steady(Conditions(rate_bps=100_000, queue_ms=10)), seconds=10, every_us=1_000_000
    )
    assert len(arrivals) == 10


def test_delay_is_added_to_transmission() -> None:
    schedule = steady(Conditions(rate_bps=12_000_000, delay_ms=50))
    arrivals, _ = run(schedule, seconds=1, every_us=10_000)
    assert {arrival.delay_us for arrival in arrivals} == {51_000}


def test_jitter_keeps_its_bounds_and_the_order() -> None:
    schedule = steady(Conditions(delay_ms=100, jitter_ms=25))
    arrivals, _ = run(schedule, seconds=20, every_us=10_000)
    delays = [arrival.delay_us for arrival in arrivals]
    assert min(delays) >= 75_000
    assert max(delays) <= 125_000
    assert max(delays) - min(delays) > 40_000
    assert [arrival.number for arrival in arrivals] == list(range(2000))
    assert all(before.due_us <= after.due_us for before, after in pairwise(arrivals))


def test_jitter_without_order_is_uniform() -> None:
    schedule = steady(Conditions(delay_ms=100, jitter_ms=25, keeps_order=False))
    arrivals, _ = run(schedule, seconds=20, every_us=10_000)
    assert [arrival.number for arrival in arrivals] != list(range(2000))
    delays = [arrival.delay_us for arrival in arrivals]
    assert sum(delays) / len(delays) == pytest.approx(100_000, rel=0.01)
    assert sum(delay < 87_500 for delay in delays) / len(delays) == pytest.approx(0.25, abs=0.03)


def test_late_packets_are_overtaken_and_others_keep_their_order() -> None:
    schedule = steady(Conditions(delay_ms=10, late=0.05, late_ms=30))
    arrivals, _ = run(schedule, seconds=20, every_us=5_000)
    late = [arrival for arrival in arrivals if arrival.delay_us == 40_000]
    assert len(late) / len(arrivals) == pytest.approx(0.05, abs=0.01)
    in_time = [arrival.number for arrival in arrivals if arrival.delay_us == 10_000]
    assert in_time == sorted(in_time)
    assert len(in_time) + len(late) == 4000


def test_random_loss_has_its_share() -> None:
    arrivals, shaper = run(steady(Conditions(loss=0.05)), seconds=20, every_us=1_000)
    assert shaper.counters.dropped_lost == 20_000 - len(arrivals)
    assert shaper.counters.dropped_lost / 20_000 == pytest.approx(0.05, abs=0.005)


def test_loss_in_bursts_has_its_share_and_length() -> None:
    bursts = LossBursts(enter=0.01, leave=0.2)
    arrivals, _ = run(steady(Conditions(loss_bursts=bursts)), seconds=50, every_us=1_000)
    gaps = [after.number - before.number - 1 for before, after in pairwise(arrivals)]
    lengths = [gap for gap in gaps if gap]
    # The share of time in a burst is enter/(enter+leave), its mean length 1/leave.
    assert 1 - len(arrivals) / 50_000 == pytest.approx(0.01 / 0.21, rel=0.2)
    assert sum(lengths) / len(lengths) == pytest.approx(5, rel=0.2)


def test_packets_above_the_largest_size_vanish() -> None:
    schedule = steady(Conditions(largest_packet_bytes=1200))
    assert len(run(schedule, seconds=1, every_us=10_000, size_bytes=1200)[0]) == 100
    arrivals, shaper = run(schedule, seconds=1, every_us=10_000, size_bytes=1201)
    assert not arrivals
    assert shaper.counters.dropped_too_large == 100


def test_packets_wait_in_a_periodic_blackout() -> None:
    blackout = Blackout(from_ms=1000, lasts_ms=200, every_ms=3000, kind=BlackoutKind.WAIT)
    schedule = steady(Conditions(rate_bps=20_000_000), blackout)
    arrivals, _ = run(schedule, seconds=9, every_us=2_000)
    assert len(arrivals) == 4500
    for begin_us in (1_000_000, 4_000_000, 7_000_000):
        assert not [a for a in arrivals if begin_us <= a.due_us < begin_us + 200_000]
    assert max(arrival.delay_us for arrival in arrivals) == pytest.approx(200_600, abs=2_000)


def test_packets_are_lost_in_a_blackout() -> None:
    blackout = Blackout(from_ms=1000, lasts_ms=500, kind=BlackoutKind.LOSE)
    arrivals, shaper = run(steady(Conditions(), blackout), seconds=3, every_us=10_000)
    assert [a.number for a in arrivals] == [*range(100), *range(150, 300)]
    assert shaper.counters.dropped_blackout == 50


def test_rate_follows_steps_even_for_packets_in_the_queue() -> None:
    fast, slow = Conditions(rate_bps=4_000_000), Conditions(rate_bps=500_000)
    schedule = Schedule(steps=(Step(0, fast), Step(4_000, slow), Step(8_000, fast)))
    arrivals, _ = run(schedule, seconds=12, every_us=2_500)
    for from_s, to_s, expected_bps in ((1, 4, 4e6), (4, 8, 0.5e6), (8, 12, 4e6)):
        assert rate_bps(arrivals, from_s, to_s, 1500) == pytest.approx(expected_bps, rel=0.03)


def test_steps_repeat() -> None:
    steps = (Step(0, Conditions(rate_bps=2_000_000)), Step(500, Conditions(rate_bps=0)))
    schedule = Schedule(steps=steps, repeats_ms=1000)
    arrivals, _ = run(schedule, seconds=10, every_us=4_000)
    assert not [a for a in arrivals if a.due_us % SECOND_US > 510_000]
    assert rate_bps(arrivals, 1, 10, 1500) == pytest.approx(1e6, rel=0.03)


def test_a_change_serves_the_head_of_the_queue_at_the_new_rate() -> None:
    shaper: LinkShaper[int] = LinkShaper(
        steady(Conditions(rate_bps=120_000)), seed=1, now_us=START_US
    )
    shaper.offer(0, 1500, START_US)  # takes 100 ms at this rate
    shaper.change(steady(Conditions(rate_bps=1_200_000)), seed=1, now_us=START_US + 50_000)
    # The other half takes 5 ms instead of 50.
    assert shaper.pop_due(START_US + 54_000) == []
    assert shaper.pop_due(START_US + 56_000) == [(START_US + 55_000, 0)]


@pytest.mark.parametrize(
    ("kind", "arrives"), [(BlackoutKind.WAIT, True), (BlackoutKind.LOSE, False)]
)
def test_a_blackout_told_live_begins_at_once(kind: BlackoutKind, arrives: bool) -> None:
    schedule = steady(Conditions(rate_bps=1_200_000))
    shaper: LinkShaper[int] = LinkShaper(schedule, seed=1, now_us=START_US)
    shaper.offer(0, 1500, START_US)  # takes 10 ms
    shaper.black_out(300, kind, START_US + 5_000)
    assert shaper.pop_due(START_US + 300_000) == []
    expected = [(START_US + 310_000, 0)] if arrives else []
    assert shaper.pop_due(START_US + 400_000) == expected
    shaper.offer(1, 1500, START_US + 500_000)
    assert shaper.pop_due(START_US + 600_000) == [(START_US + 510_000, 1)]


def test_the_same_seed_gives_the_same_decisions() -> None:
    schedule = steady(
        Conditions(rate_bps=8_000_000, delay_ms=50, jitter_ms=30, loss=0.1, late=0.1, late_ms=20)
    )
    first, again, other = (
        run(schedule, seconds=5, every_us=2_000, seed=seed)[0] for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_jitter_does_not_change_which_packets_are_lost() -> None:
    calm, shaky = (
        run(steady(Conditions(loss=0.1, jitter_ms=jitter_ms)), seconds=5, every_us=2_000)[0]
        for jitter_ms in (0, 20)
    )
    assert [a.number for a in calm] == [a.number for a in shaky]


def test_a_link_without_packets_has_nothing_to_wait_for() -> None:
    shaper: LinkShaper[int] = LinkShaper(steady(Conditions()), seed=1, now_us=START_US)
    assert shaper.next_due_us() is None
