"""Claims about net/protocol/arrival_history.py."""

import pytest

from net.protocol.arrival_history import (
    KEPT_US,
    MOST_ARRIVALS,
    STALL_US,
    Arrival,
    ArrivalHistory,
)

STEP_US = 50_000


def arrival(
    at_us: int, *, video_bytes: int = 0, queue_us: int = 0, newest_us: int = 0, wait_us: int = 0
) -> Arrival:
    return Arrival(at_us, video_bytes, queue_us, newest_us, wait_us)


def history(*arrivals: Arrival) -> ArrivalHistory:
    known = ArrivalHistory()
    for each in arrivals:
        known.add(each)
    return known


def test_history_without_reports_has_no_rate() -> None:
    known = ArrivalHistory()
    assert (known.video_bytes, known.span_us, known.rate_bps, known.stalled_us) == (0, 0, 0.0, 0)
    assert known.last(3) == []
    assert known.late_share(KEPT_US, 0) == known.waiting_share(KEPT_US, 0) == 0.0


def test_one_report_has_no_rate() -> None:
    known = history(arrival(5, video_bytes=900, queue_us=100))
    assert (known.video_bytes, known.rate_bps) == (900, 0.0)
    assert known.late_share(KEPT_US, 0) == 0.0


def test_rate_is_bytes_over_the_whole_time() -> None:
    known = history(*(arrival(n * STEP_US, video_bytes=n * n * 1_000) for n in range(1, 11)))
    assert known.span_us == 9 * STEP_US
    assert known.rate_bps == pytest.approx(99_000 * 8e6 / (9 * STEP_US))


def test_reports_older_than_a_second_and_a_half_are_forgotten() -> None:
    known = history(*(arrival(n * STEP_US, video_bytes=n) for n in range(1_000)))
    assert known.span_us == KEPT_US
    assert known.rate_bps == pytest.approx(8e6 / STEP_US)


def test_two_reports_are_kept_at_any_distance() -> None:
    known = history(arrival(0), arrival(10 * KEPT_US, video_bytes=1_000))
    assert known.span_us == 10 * KEPT_US


def test_pauses_count_as_stalls_beyond_the_slowest_reports() -> None:
    known = history(arrival(0), arrival(STALL_US), arrival(3 * STALL_US), arrival(5 * STALL_US))
    assert known.stalled_us == 2 * STALL_US


def test_last_reports_come_oldest_first() -> None:
    known = history(*(arrival(n) for n in range(5)))
    assert [each.at_us for each in known.last(3)] == [2, 3, 4]
    assert len(known.last(99)) == 5


def test_shares_are_of_time_and_not_of_reports() -> None:
    known = history(
        arrival(0),
        arrival(300_000, queue_us=30_000),
        *(arrival(300_000 + n * 10_000, wait_us=30_000) for n in range(1, 11)),
    )
    assert known.late_share(KEPT_US, 20_000) == pytest.approx(0.75)
    assert known.waiting_share(KEPT_US, 20_000) == pytest.approx(0.25)
    assert known.late_share(KEPT_US, 30_000) == 0.0


def test_share_covers_only_the_newest_part() -> None:
    known = history(*(arrival(n * STEP_US, queue_us=n * 1_000) for n in range(21)))
    assert known.late_share(4 * STEP_US, 16_000) == pytest.approx(4 / 5)
    assert known.late_share(KEPT_US, 16_000) == pytest.approx(4 / 20)


def test_number_of_reports_is_bounded_if_they_claim_one_time() -> None:
    known = history(*(arrival(7, video_bytes=n) for n in range(3_000)))
    assert len(known.last(3_000)) == MOST_ARRIVALS
    assert known.rate_bps == 0.0
