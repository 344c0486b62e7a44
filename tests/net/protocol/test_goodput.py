"""net/protocol/goodput.py: the size and the end of filler, and the rate at which it arrived."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from net.errors import ProtocolError
from net.protocol.control import encode_control
from net.protocol.framing import MAX_PAYLOAD_BYTES
from net.protocol.goodput import (
    MAX_TOTAL_BYTES,
    SEND_US,
    FillerSchedule,
    GoodputMeter,
    goodput_bps,
    is_rate_of_slow_start,
)
from net.protocol.goodput_messages import (
    MAX_FILLER_BYTES,
    MIN_FILLER_BYTES,
    Filler,
    GoodputReport,
)

NOW_US = 5_000_000


def test_largest_filler_fits_a_message() -> None:
    assert len(encode_control(Filler(bytes(MAX_FILLER_BYTES)))) <= MAX_PAYLOAD_BYTES


def test_filler_grows_with_what_was_sent() -> None:
    schedule = FillerSchedule(NOW_US)
    sizes = [schedule.next_bytes(NOW_US) for _ in range(100)]
    assert sizes[:3] == [MIN_FILLER_BYTES] * 3
    assert sizes == sorted(sizes)
    assert sizes[-1] == MAX_FILLER_BYTES
    assert sum(sizes) == schedule.sent_bytes


def test_filler_of_a_slow_link_stays_small() -> None:
    """At 0.1 Mbit/s, no filler takes as long as a fifth of a second."""
    schedule = FillerSchedule(NOW_US)
    sizes = [schedule.next_bytes(NOW_US)]
    while size := schedule.next_bytes(NOW_US + schedule.sent_bytes * 8_000_000 // 100_000):
        sizes.append(size)
    assert max(sizes) * 8 / 100_000 < 0.2
    assert 10_000 < schedule.sent_bytes < 20_000


def test_filler_ends_after_a_second() -> None:
    schedule = FillerSchedule(NOW_US)
    assert schedule.next_bytes(NOW_US + SEND_US - 1)
    assert not schedule.next_bytes(NOW_US + SEND_US)


def test_filler_ends_at_its_most_bytes_on_a_fast_link() -> None:
    schedule = FillerSchedule(NOW_US)
    while schedule.next_bytes(NOW_US):
        pass
    assert MAX_TOTAL_BYTES - MAX_FILLER_BYTES < schedule.sent_bytes <= MAX_TOTAL_BYTES


def test_rate_counts_what_came_after_the_first_arrival() -> None:
    meter = GoodputMeter()
    for number in range(11):
        meter.add(12_500, NOW_US + number * 100_000)
    assert meter.report == GoodputReport(125_000, 1_000_000)
    assert goodput_bps(meter.report) == 1_000_000


@pytest.mark.parametrize("gap_us", [10, 3_000, 70_000])
def test_steady_rate_is_measured_whatever_the_gaps(gap_us: int) -> None:
    meter = GoodputMeter()
    for now_us in range(NOW_US, NOW_US + SEND_US + 1, gap_us):
        meter.add(gap_us // 10, now_us)
    rate_bps = goodput_bps(meter.report)
    assert rate_bps is not None
    assert abs(rate_bps - 800_000) < 8_000


@pytest.mark.parametrize("arrivals", [[], [1_200], [1_200, 1_200]])
def test_rate_is_unknown_without_a_second_arrival(arrivals: list[int]) -> None:
    meter = GoodputMeter()
    for size in arrivals:
        meter.add(size, NOW_US)
    assert goodput_bps(meter.report) is None


@pytest.mark.parametrize("round_trip_ms", [100, 240, 400])
def test_rate_of_an_unlimited_link_is_explained_by_slow_start(round_trip_ms: int) -> None:
    round_trip_us, meter = round_trip_ms * 1000, GoodputMeter()
    window_bytes = 14_600
    for now_us in range(NOW_US, NOW_US + SEND_US, round_trip_us):
        for part in range(10):
            meter.add(window_bytes // 10, now_us + part * round_trip_us // 10)
        window_bytes *= 2
    rate_bps = goodput_bps(meter.report)
    assert rate_bps is not None
    assert is_rate_of_slow_start(rate_bps, round_trip_us)


@pytest.mark.parametrize(
    ("rate_bps", "round_trip_ms"), [(100_000, 0), (100_000, 240), (2_500_000, 100), (10**9, 1)]
)
def test_rate_of_a_limited_link_is_not_explained_by_slow_start(
    rate_bps: int, round_trip_ms: int
) -> None:
    assert not is_rate_of_slow_start(rate_bps, round_trip_ms * 1000)


def test_more_than_the_most_bytes_are_a_protocol_error() -> None:
    meter = GoodputMeter()
    meter.add(MAX_TOTAL_BYTES, NOW_US)
    with pytest.raises(ProtocolError, match="more than a measurement takes"):
        meter.add(1, NOW_US)


@given(st.lists(st.integers(0, 300_000), max_size=40))
def test_whatever_the_pace_a_receiver_takes_all_that_a_sender_sends(waits_us: list[int]) -> None:
    schedule, meter, now_us = FillerSchedule(NOW_US), GoodputMeter(), NOW_US
    for wait_us in waits_us:
        size = schedule.next_bytes(now_us)
        if size:
            assert MIN_FILLER_BYTES <= size <= MAX_FILLER_BYTES
            meter.add(size, now_us)
        now_us += wait_us
    report = meter.report
    assert 0 <= report.received_bytes <= schedule.sent_bytes
    assert 0 <= report.time_us < SEND_US
