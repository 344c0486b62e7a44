"""Claims about net/protocol/packet_train.py."""

import tracemalloc

import pytest

from net.protocol.packet_train import (
    KEPT_TRAINS,
    LEAST_BYTES,
    LEAST_US,
    MAX_AGE_US,
    PacketTrains,
    TrainMeter,
)

NOW_US = 3_000_000


def span_us(size_bytes: int, rate_bps: int) -> int:
    """Return the time that a link needs for some bytes."""
    return size_bytes * 8_000_000 // rate_bps


def trains(*rates_bps: int, size_bytes: int = 5_000) -> PacketTrains:
    """Return trains that arrived at some rates, one after the other."""
    known = PacketTrains()
    for rate_bps in rates_bps:
        assert known.add(size_bytes, span_us(size_bytes, rate_bps), NOW_US)
    return known


class Meter:
    """A meter to which packets of some fragments arrive."""

    def __init__(self) -> None:
        self.meter = TrainMeter()
        self._now_us = 0

    def add_packet(self, *fragments_bytes: int, every_us: int = 1_000) -> None:
        for number, size_bytes in enumerate(fragments_bytes):
            self._now_us += every_us
            self.meter.add(size_bytes, self._now_us, is_first=number == 0)


def test_train_is_what_follows_the_first_fragment() -> None:
    arriving = Meter()
    arriving.add_packet(1_000, 1_100, 1_200, every_us=3_000)
    assert arriving.meter.take_largest() == (2_300, 6_000)


def test_largest_train_since_the_last_report_is_reported() -> None:
    arriving = Meter()
    arriving.add_packet(1_000, 500)
    arriving.add_packet(1_000, 900, 900)
    arriving.add_packet(1_000, 700)
    assert arriving.meter.take_largest() == (1_800, 2_000)


def test_packet_of_one_fragment_has_no_train() -> None:
    arriving = Meter()
    arriving.add_packet(1_000)
    assert arriving.meter.take_largest() == (0, 0)


def test_packet_that_still_arrives_counts_so_far_and_later_as_a_whole() -> None:
    arriving = Meter()
    arriving.add_packet(1_000, 800)
    assert arriving.meter.take_largest() == (800, 1_000)
    arriving.meter.add(800, 3_000, is_first=False)
    assert arriving.meter.take_largest() == (1_600, 2_000)


@pytest.mark.parametrize("rate_bps", [100_000, 1_000_000, 20_000_000])
def test_train_shows_the_rate_of_the_slowest_link(rate_bps: int) -> None:
    assert trains(rate_bps).rate_bps(NOW_US) == pytest.approx(rate_bps, rel=0.01)


def test_few_bytes_show_nothing() -> None:
    known = PacketTrains()
    assert not known.add(LEAST_BYTES - 1, 10_000, NOW_US)
    assert (known.count, known.rate_bps(NOW_US), known.newest_bps) == (0, None, None)


def test_small_parts_show_the_rate_too() -> None:
    known = PacketTrains()
    assert known.add(LEAST_BYTES, span_us(LEAST_BYTES, 100_000), NOW_US)
    assert known.rate_bps(NOW_US) == pytest.approx(100_000, rel=0.01)


def test_train_without_any_time_shows_a_finite_rate() -> None:
    known = PacketTrains()
    assert known.add(5_000, 0, NOW_US)
    assert known.rate_bps(NOW_US) == 5_000 * 8e6 / LEAST_US


def test_one_lucky_train_does_not_raise_the_rate() -> None:
    rates_bps = [1_000_000] * 6 + [50_000_000]
    assert trains(*rates_bps).rate_bps(NOW_US) == pytest.approx(1_000_000, rel=0.01)


def test_delayed_trains_do_not_lower_the_rate() -> None:
    rates_bps = [1_000_000, 200_000] * 4
    assert trains(*rates_bps).rate_bps(NOW_US) == pytest.approx(1_000_000, rel=0.01)


def test_newest_rate_is_the_higher_of_the_last_two() -> None:
    assert trains(9_000_000, 400_000, 300_000).newest_bps == pytest.approx(400_000, rel=0.01)
    assert trains(9_000_000, 100_000, 400_000).newest_bps == pytest.approx(400_000, rel=0.01)


def test_repeated_train_counts_once() -> None:
    known = PacketTrains()
    for following_bytes in (5_000, 5_000, 6_000):
        known.add(following_bytes, 40_000, NOW_US)
    assert known.count == 2


def test_old_trains_show_nothing_and_do_not_come_back() -> None:
    known = trains(9_000_000, 9_000_000)
    later_us = NOW_US + MAX_AGE_US + 1
    assert known.rate_bps(later_us) is None
    known.add(5_000, span_us(5_000, 1_000_000), later_us)
    assert known.rate_bps(later_us) == pytest.approx(1_000_000, rel=0.01)


def test_rate_follows_a_link_that_became_slower() -> None:
    rates_bps = [9_000_000] * KEPT_TRAINS + [1_000_000] * (KEPT_TRAINS * 3 // 4 + 1)
    assert trains(*rates_bps).rate_bps(NOW_US) == pytest.approx(1_000_000, rel=0.01)


def test_memory_is_bounded() -> None:
    known = PacketTrains()
    tracemalloc.start()
    try:
        for number in range(2_000):
            known.add(2**62, number, NOW_US)
        grown_bytes, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert grown_bytes < 10_000
