"""call/live/call_end.py: how long an end waits, with times of the test."""

import pytest

from call.endings import ending_of_bye
from call.live.call_end import END_LIMIT_US, STUCK_EXTRA_US, CallEnd
from net.protocol.states import Role


def leaving(began_us: int = 0) -> CallEnd:
    """Return the end of a call whose user hung up at a time."""
    end = CallEnd(Role.CALLER)
    end.hang_up(ending_of_bye("", "Bob"), "")
    end.wind_down(began_us)
    return end


def test_end_waits_a_second_for_the_other_peers_bye() -> None:
    end = leaving()
    assert not end.is_time_over(END_LIMIT_US - 1)
    assert end.is_time_over(END_LIMIT_US)


@pytest.mark.parametrize(
    ("stuck_us", "ends_us"),
    [
        (0, END_LIMIT_US),
        (300_000, 300_000 + END_LIMIT_US),
        (900_000, END_LIMIT_US + STUCK_EXTRA_US),
    ],
)
def test_another_link_has_a_second_for_a_bye_that_is_stuck_but_the_end_half_a_second_more(
    stuck_us: int, ends_us: int
) -> None:
    end = leaving()
    end.note_stuck_bye(stuck_us, can_resume=True)
    for later_us in range(stuck_us, ends_us, 50_000):
        end.note_stuck_bye(later_us, can_resume=True)
    assert not end.is_time_over(ends_us - 1)
    assert end.is_time_over(ends_us)


def test_bye_that_no_other_link_can_carry_gets_no_more_time() -> None:
    end = leaving()
    end.note_stuck_bye(900_000, can_resume=False)
    assert not end.is_bye_stuck
    assert end.is_time_over(END_LIMIT_US)
