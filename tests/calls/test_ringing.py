"""What happens between a caller's ring and its answer, and what a listener does afterwards."""

import signal
from pathlib import Path

import pytest

from net.protocol.control import Bye
from tests.calls.conftest import StartPeer
from tests.support.peer_process import END_S, SLACK_S, Input, Peer
from tests.support.raw_peer import dial

WAITING = "Waiting for a call"
QUESTION = "calls. Accept? y/n"


def test_a_line_answers_each_ring_and_a_refusal_leaves_the_listener_waiting(
    start: StartPeer,
) -> None:
    listener = start("listen", "--name", "Bob")
    for times, (answer, status, told) in enumerate(
        (
            ("n", 4, "Bob declined the call."),
            ("what?", 4, "Bob declined the call."),
            ("", 4, "Bob declined the call."),
            ("Y", 0, "In a call with Bob"),
        ),
        1,
    ):
        caller = start("connect", f"127.0.0.1:{listener.port}", "--duration=0.3", "--name=Ann")
        listener.wait_said(f"Ann {QUESTION}", times=times)
        caller.wait_said("Bob is being asked")
        listener.type_line(answer)
        assert caller.wait() == status
        assert told in caller.said
        listener.wait_said(WAITING, times=times + 1)
    assert listener.is_running


def test_yes_and_never_mind_at_once_is_a_call_that_was_hung_up(start: StartPeer) -> None:
    listener = start("listen", "--name=Bob")
    for times in range(1, 4):
        caller = start("connect", f"127.0.0.1:{listener.port}", "--name=Ann")
        listener.wait_said(f"Ann {QUESTION}", times=times)
        caller.wait_said("Bob is being asked")
        listener.type_line("y")
        caller.type_line("q")
        assert caller.wait() in (0, 130)
        listener.wait_said("Ann hung up", times=times)
        listener.wait_said(WAITING, times=times + 1)
    assert "without a goodbye" not in listener.said


def test_an_answer_at_a_terminal_counts_when_it_rings_and_not_before(start: StartPeer) -> None:
    listener = start("listen", "--once", stdin=Input.TERMINAL)
    port = listener.port
    listener.write(b"y\n")
    caller = start("connect", f"127.0.0.1:{port}")
    listener.wait_said(QUESTION)
    caller.wait_said("is being asked")
    assert "In a call" not in listener.said
    listener.write(b"y\n")
    caller.wait_call()
    listener.wait_call()
    listener.write(b"\n")
    assert caller.ends() == 0
    assert listener.ends() == 0


def test_a_pipe_may_hold_the_answers_before_it_rings(start: StartPeer) -> None:
    listener = start("listen", "--name=Bob")
    listener.type_line("y")
    listener.type_line("n")
    listener.close_input()
    for status, told in (
        (0, "The call ended"),
        (4, "Bob declined the call."),
        (4, "Nobody is there to answer for Bob."),
    ):
        caller = start("connect", f"127.0.0.1:{listener.port}", "--duration=0.3")
        assert caller.wait() == status
        assert told in caller.said
    assert "declined, for there is nobody to ask" in listener.said


def test_with_nobody_to_ask_a_listener_says_so_at_once_and_declines(start: StartPeer) -> None:
    listener = start("listen", "--name=Bob", stdin=Input.NULL)
    port = listener.port
    assert "Every call will be declined" in listener.said
    assert "--accept" in listener.said
    for _ in range(2):
        caller = start("connect", f"127.0.0.1:{port}", "-q", stdin=Input.NULL)
        assert caller.wait() == 4
        assert caller.said.startswith("Nobody is there to answer for Bob.")
        assert "--accept" in caller.said
    assert listener.said.count("Every call will be declined") == 1


def test_with_accept_nothing_warns_and_nothing_is_asked(start: StartPeer) -> None:
    listener = start("listen", "--accept", "--once", stdin=Input.NULL)
    caller = start("connect", f"127.0.0.1:{listener.port}", "--duration=0.2", stdin=Input.NULL)
    assert caller.wait() == 0
    assert listener.wait() == 0
    assert "declined" not in listener.said
    assert "y/n" not in listener.said


def test_a_ring_that_nobody_answers_ends_as_no_answer(start: StartPeer) -> None:
    listener = start("listen", "--name=Bob", "--set=listen.ring_timeout_s=1")
    caller = start("connect", f"127.0.0.1:{listener.port}", "--name=Ann")
    assert caller.wait() == 4
    assert "Bob did not answer." in caller.said
    listener.wait_said("Ann was not answered")
    listener.wait_said(WAITING, times=2)


@pytest.mark.parametrize("ending", ["q", "SIGINT", "kill"])
def test_a_caller_who_leaves_while_it_rings_is_noted_and_the_next_one_rings(
    ending: str, start: StartPeer
) -> None:
    listener = start("listen")
    caller = start("connect", f"127.0.0.1:{listener.port}", "--name=Ann")
    caller.wait_said("is being asked")
    if ending == "q":
        caller.type_line("q")
        assert caller.ends() == 130
    elif ending == "SIGINT":
        caller.signal(signal.SIGINT)
        assert caller.ends() == 130
    else:
        caller.kill()
    listener.wait_said("Ann hung up before the call was accepted", limit_s=END_S + SLACK_S)
    listener.wait_said(WAITING, times=2)
    again = start("connect", f"127.0.0.1:{listener.port}", "--name=Ben", "--duration=0.2")
    listener.wait_said(f"Ben {QUESTION}")
    listener.type_line("y")
    assert again.wait() == 0


@pytest.mark.parametrize(
    ("number", "status", "told"),
    [
        (signal.SIGKILL, 3, "closed the connection"),
        (signal.SIGTERM, 4, "was ended before the call was accepted"),
    ],
)
def test_a_listener_that_ends_while_it_rings_leaves_no_caller_waiting(
    number: signal.Signals, status: int, told: str, start: StartPeer
) -> None:
    listener = start("listen")
    caller = start("connect", f"127.0.0.1:{listener.port}")
    caller.wait_said("is being asked")
    listener.wait_said(QUESTION)
    listener.signal(number)
    assert caller.ends() == status
    assert told in caller.said
    assert listener.ends() == (130 if number is signal.SIGTERM else -signal.SIGKILL)


def test_a_second_caller_is_told_busy_while_it_rings_and_in_a_call(start: StartPeer) -> None:
    listener = start("listen", "--name=Bob")
    first = start("connect", f"127.0.0.1:{listener.port}", "--name=Ann")
    listener.wait_said(QUESTION)
    _expect_busy(start, listener)
    listener.type_line("y")
    first.wait_call()
    _expect_busy(start, listener)
    assert first.is_running
    first.type_line("q")
    assert first.ends() == 0
    listener.wait_said("Ann hung up.")
    assert listener.said.count(QUESTION) == 1


def _expect_busy(start: StartPeer, listener: Peer) -> None:
    second = start("connect", f"127.0.0.1:{listener.port}", "--name=Ben")
    assert second.wait() == 4
    assert "Bob is busy with another call." in second.said


def test_refused_and_lost_rings_do_not_count_as_the_one_call_of_once(
    start: StartPeer, tmp_path: Path
) -> None:
    listener = start("listen", "--once")
    with dial(listener.port, tmp_path / "raw") as caller:
        caller.ring("Ann")
        listener.wait_said(f"Ann {QUESTION}")
        caller.send(Bye())
        caller.await_end()
    listener.wait_said("Ann hung up before the call was accepted")
    with dial(listener.port, tmp_path / "raw") as caller:
        caller.ring("Ben")
        listener.wait_said(f"Ben {QUESTION}")
        listener.type_line("n")
        caller.await_end()
    with dial(listener.port, tmp_path / "raw") as caller:
        caller.ring("Cem")
        listener.wait_said(f"Cem {QUESTION}")
        listener.type_line("y")
        listener.wait_call()
        caller.hang_up()
    assert listener.ends() == 0
