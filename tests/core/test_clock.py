"""Claims about core/clock.py."""

import pytest

from core.clock import Deadline, now_us


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.at_us = 5_000_000

    def __call__(self) -> int:
        return self.at_us


@pytest.fixture(name="clock")
def _clock() -> Clock:
    return Clock()


def test_time_left_falls_to_zero_and_stays_zero(clock: Clock) -> None:
    deadline = Deadline(2.0, clock)
    assert (deadline.left_s, deadline.has_passed) == (2.0, False)
    clock.at_us += 1_500_000
    assert (deadline.left_s, deadline.has_passed) == (0.5, False)
    clock.at_us += 500_000
    assert (deadline.left_s, deadline.has_passed) == (0.0, True)
    clock.at_us += 1
    assert (deadline.left_s, deadline.has_passed) == (0.0, True)


def test_shorten_never_postpones_a_deadline(clock: Clock) -> None:
    deadline = Deadline(2.0, clock)
    deadline.shorten(3.0)
    assert deadline.left_s == 2.0
    deadline.shorten(1.0)
    assert deadline.left_s == 1.0


def test_extend_postpones_a_passed_deadline(clock: Clock) -> None:
    deadline = Deadline(2.0, clock)
    clock.at_us += 2_500_000
    deadline.extend(1.0)
    assert (deadline.left_s, deadline.has_passed) == (0.5, False)


def test_clock_never_goes_back() -> None:
    times = [now_us() for _ in range(1_000)]
    assert times == sorted(times)
