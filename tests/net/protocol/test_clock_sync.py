"""Claims about net/protocol/clock_sync.py, on simulated paths."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from net.protocol.clock_sync import DRIFT_PPM, KEPT_SAMPLES, MAX_AGE_US, ClockSync

START_US = 1_000_000_000
OFFSET_US = 77_000_000_000


def exchange(
    clock: ClockSync, now_us: int, *, there_us: int, back_us: int, work_us: int = 0
) -> int:
    """Send a ping at `now_us`, and return when its pong arrives."""
    received_us = now_us + there_us + OFFSET_US
    replied_us = received_us + work_us
    came_us = now_us + there_us + work_us + back_us
    clock.add(now_us, received_us, replied_us, came_us)
    return came_us


def test_estimates_are_none_before_the_first_pong() -> None:
    clock = ClockSync()
    assert clock.rtt_us is None
    assert clock.base_rtt_us is None
    assert clock.error_us(START_US) is None
    assert clock.to_local_us(OFFSET_US, START_US) is None


def test_symmetric_path_yields_the_exact_offset() -> None:
    clock = ClockSync()
    now_us = exchange(clock, START_US, there_us=5_000, back_us=5_000, work_us=300)
    assert clock.to_local_us(START_US + OFFSET_US, now_us) == START_US
    assert clock.rtt_us == clock.base_rtt_us == 10_000
    assert clock.error_us(now_us) == 5_000


def test_peers_time_to_answer_is_not_part_of_the_round_trip() -> None:
    clock = ClockSync()
    now_us = exchange(clock, START_US, there_us=1_000, back_us=1_000, work_us=900_000)
    assert clock.rtt_us == 2_000
    assert clock.to_local_us(START_US + OFFSET_US, now_us) == START_US


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**9))
def test_error_bound_holds_on_asymmetric_paths(
    there_us: int, back_us: int, work_us: int, later_us: int
) -> None:
    clock = ClockSync()
    now_us = exchange(clock, START_US, there_us=there_us, back_us=back_us, work_us=work_us)
    now_us += later_us % MAX_AGE_US
    local_us = clock.to_local_us(START_US + OFFSET_US, now_us)
    error_us = clock.error_us(now_us)
    assert local_us is not None
    assert error_us is not None
    assert abs(local_us - START_US) <= error_us + 1


def test_shortest_round_trip_wins_over_the_newest() -> None:
    clock = ClockSync()
    now_us = exchange(clock, START_US, there_us=500, back_us=500)
    now_us = exchange(clock, now_us + 1_000_000, there_us=200_000, back_us=500)
    assert clock.to_local_us(START_US + OFFSET_US, now_us) == START_US
    assert clock.rtt_us == 200_500
    assert clock.base_rtt_us == 1_000


def test_old_sample_loses_once_drift_makes_it_worse() -> None:
    clock = ClockSync()
    now_us = exchange(clock, START_US, there_us=500, back_us=500)
    later_us = now_us + 30_000_000  # The drift, 100 ppm, is 3 ms by then.
    assert clock.error_us(later_us) == 500 + 30_000_000 * DRIFT_PPM // 1_000_000
    now_us = exchange(clock, later_us, there_us=1_000, back_us=1_000)
    assert clock.error_us(now_us) == 1_000


def test_estimate_follows_a_drifting_clock() -> None:
    clock = ClockSync()
    dice = random.Random(5)
    now_us, drift = START_US, 50 / 1_000_000
    error_us: int | None = None
    for _ in range(600):
        there_us, back_us = 1_000 + dice.randrange(20_000), 1_000 + dice.randrange(20_000)

        def remote_us(local_us: int) -> int:
            return local_us + OFFSET_US + int((local_us - START_US) * drift)

        came_us = now_us + there_us + back_us
        clock.add(now_us, remote_us(now_us + there_us), remote_us(now_us + there_us), came_us)
        now_us = came_us + 1_000_000
        local_us = clock.to_local_us(remote_us(now_us), now_us)
        error_us = clock.error_us(now_us)
        assert local_us is not None
        assert error_us is not None
        assert abs(local_us - now_us) <= error_us + 1
    assert error_us is not None
    assert error_us < 6_000


def test_estimates_expire_after_a_minute_without_a_pong() -> None:
    clock = ClockSync()
    now_us = exchange(clock, START_US, there_us=500, back_us=500)
    assert clock.to_local_us(OFFSET_US, now_us + MAX_AGE_US) is not None
    assert clock.to_local_us(OFFSET_US, now_us + MAX_AGE_US + 1) is None
    assert clock.error_us(now_us + MAX_AGE_US + 1) is None


def test_base_round_trip_forgets_old_samples() -> None:
    clock = ClockSync()
    now_us = exchange(clock, START_US, there_us=0, back_us=0)
    for _ in range(KEPT_SAMPLES):
        now_us = exchange(clock, now_us, there_us=5_000, back_us=5_000)
    assert clock.base_rtt_us == 10_000


@pytest.mark.parametrize(
    ("sent_us", "received_us", "replied_us"),
    [
        (START_US + 1, 5, 5),  # sent after its pong arrived
        (START_US - 10, 5, 16),  # answered more slowly than the whole round trip
        (START_US - 10, 5, 4),  # answered before it arrived
        (START_US - 10, 0, 2**63 - 1),
        (2**63 - 1, 0, 0),
    ],
)
def test_impossible_pong_is_ignored(sent_us: int, received_us: int, replied_us: int) -> None:
    clock = ClockSync()
    clock.add(sent_us, received_us, replied_us, START_US)
    assert clock.rtt_us is None
    assert clock.to_local_us(0, START_US) is None


@given(st.lists(st.tuples(*[st.integers(0, 2**63 - 1)] * 3), max_size=5), st.integers(0, 2**63 - 1))
def test_error_is_never_negative(pongs: list[tuple[int, ...]], remote_us: int) -> None:
    clock = ClockSync()
    for sent_us, received_us, replied_us in pongs:
        clock.add(sent_us, received_us, replied_us, START_US)
    error_us = clock.error_us(START_US)
    assert (error_us is None) == (clock.to_local_us(remote_us, START_US) is None)
    assert error_us is None or error_us >= 0


def test_pong_that_answers_no_ping_is_ignored() -> None:
    clock = ClockSync()
    round_trips: list[int | None] = []
    for is_pinged, sent_us, at_us in (
        (False, START_US, START_US + 1_000),
        (True, START_US + 1, START_US + 1_000),
        (False, START_US, START_US + 2_000),
        (False, START_US, START_US + 9_000),
    ):
        if is_pinged:
            clock.note_ping(START_US)
        clock.on_pong(sent_us, 1, 2, at_us)
        round_trips.append(clock.rtt_us)
    assert round_trips == [None, None, 1_999, 1_999]


class Interrupted(int):
    """A time whose use adds a pong, as another thread might during a look at the samples."""

    clock: ClockSync

    def __sub__(self, other: int) -> int:
        exchange(self.clock, START_US, there_us=500, back_us=500)
        return int(self) - other


def test_one_thread_may_add_a_pong_while_another_reads() -> None:
    clock = ClockSync()
    now_us = START_US
    for _ in range(3):
        now_us = exchange(clock, now_us, there_us=500, back_us=500)
    interrupted = Interrupted(now_us)
    interrupted.clock = clock
    assert clock.to_local_us(START_US + OFFSET_US, interrupted) == START_US


def test_restart_forgets_samples_and_pings() -> None:
    clock = ClockSync()
    clock.note_ping(1_000)
    clock.on_pong(1_000, 5_000, 5_000, 3_000)
    assert clock.to_local_us(5_000, 3_000) is not None
    clock.note_ping(4_000)
    clock.restart()
    clock.on_pong(4_000, 9_000, 9_000, 6_000)
    assert (clock.rtt_us, clock.to_local_us(9_000, 6_000)) == (None, None)
