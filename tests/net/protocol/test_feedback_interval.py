"""Claims about net/protocol/feedback_interval.py."""

from itertools import pairwise

import pytest

from net.protocol.feedback_interval import REPORT_WIRE_BYTES, SHARE, SLOWEST_US, FeedbackInterval

START_US = 1_000_000_000
PICTURE_US = 33_333


def reports_of(
    own_rate_bps: int, *, seconds: int, has_packets: bool = True, tick_us: int = 1_000
) -> list[int]:
    """Ask at every tick, with a packet every 33 ms, and return when reports were due."""
    pace = FeedbackInterval()
    due: list[int] = []
    next_packet_us = START_US
    for now_us in range(START_US, START_US + seconds * 1_000_000, tick_us):
        if has_packets and now_us >= next_packet_us:
            next_packet_us += PICTURE_US
            pace.on_packet()
        if pace.is_due(now_us, own_rate_bps):
            due.append(now_us)
    return due


def test_first_report_is_due_at_once() -> None:
    assert FeedbackInterval().is_due(START_US, 2_500_000)


def test_report_is_due_4_times_a_second_without_packets() -> None:
    due = reports_of(2_500_000, seconds=10, has_packets=False)
    assert {later - earlier for earlier, later in pairwise(due)} == {SLOWEST_US}


def test_every_packet_is_reported_at_once_at_a_usual_bitrate() -> None:
    pace = FeedbackInterval()
    pace.is_due(START_US, 2_500_000)
    for number in range(1, 300):
        now_us = START_US + number * PICTURE_US
        assert not pace.is_due(now_us - 1, 2_500_000)
        pace.on_packet()
        assert pace.is_due(now_us, 2_500_000)
        assert not pace.is_due(now_us + 1, 2_500_000)


@pytest.mark.parametrize("own_rate_bps", [200_000, 500_000, 1_000_000, 2_500_000])
def test_reports_take_at_most_their_share_of_the_bitrate(own_rate_bps: int) -> None:
    due = reports_of(own_rate_bps, seconds=20)
    assert len(due) * REPORT_WIRE_BYTES * 8 / 20 <= own_rate_bps * SHARE + REPORT_WIRE_BYTES * 8


@pytest.mark.parametrize("own_rate_bps", [1, 1_000, 100_000])
def test_low_bitrate_still_gets_4_reports_a_second(own_rate_bps: int) -> None:
    due = reports_of(own_rate_bps, seconds=10)
    assert all(later - earlier <= SLOWEST_US for earlier, later in pairwise(due))
    assert len(due) >= 40


def test_packet_that_came_too_soon_is_reported_later() -> None:
    pace = FeedbackInterval()
    pace.is_due(START_US, 1_000_000)
    pace.on_packet()
    shortest_us = REPORT_WIRE_BYTES * 8_000_000 // 50_000
    assert not pace.is_due(START_US + shortest_us - 1, 1_000_000)
    assert pace.is_due(START_US + shortest_us, 1_000_000)
    assert not pace.is_due(START_US + 2 * shortest_us, 1_000_000)
