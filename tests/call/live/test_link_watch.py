"""Claims about call/live/link_watch.py."""

import pytest

from call.live.link_watch import (
    END_HOLD_US,
    OPENING_SILENCE_US,
    SHORT_SILENCE_US,
    SILENCE_US,
    TAKE_OVER_PAUSE_US,
    CallLoss,
    LinkWatch,
)

START_US = 5_000_000
LIMIT_US = 60_000_000


def watch_of(limit_us: int = LIMIT_US, *, can_resume: bool = True) -> LinkWatch:
    watch = LinkWatch(limit_us, START_US)
    watch.can_resume = can_resume
    return watch


def test_link_is_lost_after_a_second_of_silence_and_back_with_a_message() -> None:
    watch = watch_of()
    watch.on_tick(START_US + SILENCE_US, START_US)
    assert watch.lost_us is None
    lost_us = START_US + SILENCE_US + 1
    for later_us in (0, 700_000):
        watch.on_tick(lost_us + later_us, START_US)
        assert watch.lost_us == lost_us
    watch.on_tick(lost_us + 800_000, lost_us + 750_000)
    assert watch.lost_us is None


def test_dead_link_is_lost_at_once_and_stays_lost() -> None:
    for kill in (lambda watch: watch.end(START_US), LinkWatch.break_link):
        watch = watch_of()
        kill(watch)
        watch.on_tick(START_US + 1, START_US)
        assert watch.lost_us == START_US + 1
        assert watch.take_over(START_US + 1, START_US)


def test_silent_link_is_taken_over_at_most_once_a_second() -> None:
    watch = watch_of()
    silent_us = START_US + SILENCE_US + 1
    assert not watch.take_over(silent_us - 1, START_US)
    assert not watch.take_over(silent_us, START_US + 1)
    assert watch.take_over(silent_us, START_US)
    assert not watch.take_over(silent_us + TAKE_OVER_PAUSE_US - 1, START_US)
    assert watch.take_over(silent_us + TAKE_OVER_PAUSE_US, START_US)


def test_call_is_lost_after_the_limit_of_silence() -> None:
    watch = watch_of()
    watch.on_tick(START_US + LIMIT_US, START_US)
    assert watch.loss(START_US + LIMIT_US) is None
    assert watch.loss(START_US + LIMIT_US + 1) is CallLoss.SILENCE


@pytest.mark.parametrize(("limit_us", "hold_us"), [(LIMIT_US, END_HOLD_US), (2_000_000, 2_000_000)])
def test_end_of_the_stream_holds_the_call_for_ten_seconds_or_the_limit_if_that_is_shorter(
    limit_us: int, hold_us: int
) -> None:
    watch = watch_of(limit_us)
    watch.end(START_US)
    watch.end(START_US + 1)
    watch.on_tick(START_US, START_US)
    assert watch.loss(START_US + hold_us - 1) is None
    assert watch.loss(START_US + hold_us) is CallLoss.ENDED


def test_broken_socket_holds_the_call_as_long_as_silence() -> None:
    watch = watch_of()
    watch.break_link()
    assert watch.loss(START_US + LIMIT_US) is None
    assert watch.loss(START_US + LIMIT_US + 1) is CallLoss.SILENCE


def test_call_that_cannot_resume_ends_with_its_link() -> None:
    ended, broken, silent = (watch_of(can_resume=False) for _ in range(3))
    ended.end(START_US)
    broken.break_link()
    assert ended.loss(START_US) is broken.loss(START_US) is CallLoss.ENDED
    silent_us = START_US + 1
    silent.on_tick(silent_us + SHORT_SILENCE_US, silent_us)
    assert silent.lost_us is None
    assert silent.loss(silent_us + SHORT_SILENCE_US) is None
    assert silent.loss(silent_us + SHORT_SILENCE_US + 1) is CallLoss.SILENCE


@pytest.mark.parametrize(
    ("limit_us", "held_us"), [(LIMIT_US, OPENING_SILENCE_US), (2_000_000, 2_000_000)]
)
def test_peer_that_opens_the_call_slowly_is_waited_for(limit_us: int, held_us: int) -> None:
    watch = watch_of(limit_us, can_resume=False)
    watch.on_tick(START_US + held_us, START_US)
    assert watch.loss(START_US + held_us) is None
    assert watch.loss(START_US + held_us + 1) is CallLoss.SILENCE


def test_new_link_begins_with_a_clean_slate() -> None:
    watch = watch_of()
    watch.end(START_US)
    watch.on_tick(START_US + 1, START_US)
    resumed_us = START_US + 3_000_000
    watch.restart(resumed_us)
    assert watch.lost_us is None
    assert not watch.is_dead
    assert not watch.take_over(resumed_us + SILENCE_US, resumed_us)
    assert watch.loss(resumed_us + END_HOLD_US) is None
