"""Claims about media/sound/limited_call.py, with real threads."""

import threading

import pytest

from media.sound.limited_call import LimitedCall
from tests.support.peer_process import wait_until

LIMIT_S = 30.0


def test_result_is_returned() -> None:
    assert LimitedCall("call", lambda: 7).wait(LIMIT_S) == 7


def test_error_is_raised_where_the_call_is_waited_for() -> None:
    def fail() -> None:
        raise OSError("no device")

    with pytest.raises(OSError, match="no device"):
        LimitedCall("call", fail).wait(LIMIT_S)


def test_call_that_does_not_return_is_left_alone_and_its_result_passed_on() -> None:
    may_return, late = threading.Event(), list[int]()

    def block() -> int:
        may_return.wait()
        return 7

    call = LimitedCall("call", block, late.append)
    with pytest.raises(TimeoutError):
        call.wait(0.01)
    assert call.is_running
    may_return.set()
    wait_until(lambda: not call.is_running, "the call returns", LIMIT_S)
    assert late == [7]


def test_result_that_was_waited_for_is_not_passed_on() -> None:
    late: list[int] = []
    call = LimitedCall("call", lambda: 7, late.append)
    call.wait(LIMIT_S)
    wait_until(lambda: not call.is_running, "the thread ends", LIMIT_S)
    assert late == []
