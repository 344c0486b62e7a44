"""Rings and their answers, and the state of the listener afterwards."""

import signal
from pathlib import Path

import pytest

from net.protocol.control import Bye
from tests.support.peer_process import END_S, SLACK_S, Input, Peer, StartPeer
from tests.support.raw_peer import dial


def test_typed_line_answers_each_ring_and_a_refusal_leaves_the_listener_waiting(
    start: StartPeer,
) -> None:
    listener = start("listen", "--name", "Bob")
    for times, (answer, status) in enumerate((("n", 4), ("what?", 4), ("", 4), ("Y", 0)), 1):
        caller = start("connect", f"127.0.0.1:{listener.port}", "--duration=0.3", "--name=Ann")
        listener.wait_event("ringing", times=times, peer="Ann")
        caller.wait_event("ringing", peer="Bob")
        listener.type_line(answer)
        assert caller.wait() == status
        answers = caller.find_events("rejected", reason="declined", peer="Bob")
        assert (len(answers) == 1) is (status == 4)
        listener.wait_event("waiting", times=times + 1)
    assert listener.is_running


def test_simultaneous_accept_and_hang_up_end_as_an_ordinary_hang_up(start: StartPeer) -> None:
    listener = start("listen", "--name=Bob")
    for times in range(1, 4):
        caller = start("connect", f"127.0.0.1:{listener.port}", "--name=Ann")
        listener.wait_event("ringing", times=times, peer="Ann")
        caller.wait_event("ringing", peer="Bob")
        listener.type_line("y")
        caller.type_line("q")
        assert caller.wait() in (0, 130)
        listener.wait_event("waiting", times=times + 1)
    ends = {event["reason"] for event in listener.find_events("ended")}
    assert ends <= {"remote_hung_up"}


def test_answer_at_a_terminal_counts_only_after_the_ring(start: StartPeer) -> None:
    listener = start("listen", "--once", stdin=Input.TERMINAL)
    port = listener.port
    listener.write(b"y\n")
    caller = start("connect", f"127.0.0.1:{port}")
    listener.wait_event("ringing")
    caller.wait_event("ringing")
    assert listener.find_events("accepted") == []
    listener.write(b"y\n")
    caller.wait_call()
    listener.wait_call()
    listener.write(b"\n")
    assert caller.ends() == 0
    assert listener.ends() == 0


def test_pipe_may_hold_the_answers_before_the_rings(start: StartPeer) -> None:
    listener = start("listen", "--name=Bob")
    listener.type_line("y")
    listener.type_line("n")
    listener.close_input()
    for status, reason in ((0, ""), (4, "declined"), (4, "nobody to ask")):
        caller = start("connect", f"127.0.0.1:{listener.port}", "--duration=0.3")
        assert caller.wait() == status
        assert [event["reason"] for event in caller.find_events("rejected")] == (
            [reason] if reason else []
        )
    listener.wait_event("rejected", reason="nobody to ask")


def test_listener_that_can_ask_nobody_warns_once_and_declines(start: StartPeer) -> None:
    listener = start("listen", "--name=Bob", stdin=Input.NULL)
    port = listener.port
    listener.wait_event("warning", key="nobody_to_ask")
    for _ in range(2):
        caller = start("connect", f"127.0.0.1:{port}", "-q", stdin=Input.NULL)
        assert caller.wait() == 4
        caller.wait_event("rejected", reason="nobody to ask", peer="Bob")
        assert "--accept" in caller.said
    assert len(listener.find_events("warning", key="nobody_to_ask")) == 1


def test_listener_with_accept_neither_warns_nor_asks(start: StartPeer) -> None:
    listener = start("listen", "--accept", "--once", stdin=Input.NULL)
    caller = start("connect", f"127.0.0.1:{listener.port}", "--duration=0.2", stdin=Input.NULL)
    assert caller.wait() == 0
    assert listener.wait() == 0
    assert listener.find_events("warning", key="nobody_to_ask") == []
    assert listener.find_events("rejected") == []


def test_unanswered_ring_ends_as_no_answer(start: StartPeer) -> None:
    listener = start("listen", "--name=Bob", "--set=listen.ring_timeout_s=1")
    caller = start("connect", f"127.0.0.1:{listener.port}", "--name=Ann")
    assert caller.wait() == 4
    caller.wait_event("rejected", reason="no answer", peer="Bob")
    listener.wait_event("rejected", reason="no answer", peer="Ann")
    listener.wait_event("waiting", times=2)


@pytest.mark.parametrize("ending", ["q", "SIGINT", "kill"])
def test_abandoned_ring_is_reported_and_the_next_caller_can_ring(
    ending: str, start: StartPeer
) -> None:
    listener = start("listen")
    caller = start("connect", f"127.0.0.1:{listener.port}", "--name=Ann")
    caller.wait_event("ringing")
    if ending == "q":
        caller.type_line("q")
        assert caller.ends() == 130
    elif ending == "SIGINT":
        caller.signal(signal.SIGINT)
        assert caller.ends() == 130
    else:
        caller.kill()
    listener.wait_event("ring_gone", peer="Ann", reason="hung_up", limit_s=END_S + SLACK_S)
    listener.wait_event("waiting", times=2)
    again = start("connect", f"127.0.0.1:{listener.port}", "--name=Ben", "--duration=0.2")
    listener.wait_event("ringing", peer="Ben")
    listener.type_line("y")
    assert again.wait() == 0


@pytest.mark.parametrize(
    ("number", "status", "reason"),
    [(signal.SIGKILL, 3, "link_lost"), (signal.SIGTERM, 4, "rejected")],
)
def test_listener_that_ends_during_a_ring_leaves_no_caller_waiting(
    number: signal.Signals, status: int, reason: str, start: StartPeer
) -> None:
    listener = start("listen")
    caller = start("connect", f"127.0.0.1:{listener.port}")
    caller.wait_event("ringing")
    listener.wait_event("ringing")
    listener.signal(number)
    assert caller.ends() == status
    caller.wait_event("ended", reason=reason)
    if reason == "rejected":
        caller.wait_event("rejected", reason="program ended")
    assert listener.ends() == (130 if number is signal.SIGTERM else -signal.SIGKILL)


def test_second_caller_is_told_busy_during_a_ring_and_a_call(start: StartPeer) -> None:
    listener = start("listen", "--name=Bob")
    first = start("connect", f"127.0.0.1:{listener.port}", "--name=Ann")
    listener.wait_event("ringing")
    _expect_busy(start, listener)
    listener.type_line("y")
    first.wait_call()
    _expect_busy(start, listener)
    assert first.is_running
    first.type_line("q")
    assert first.ends() == 0
    listener.wait_event("ended", reason="remote_hung_up")
    assert len(listener.find_events("ringing")) == 1


def _expect_busy(start: StartPeer, listener: Peer) -> None:
    second = start("connect", f"127.0.0.1:{listener.port}", "--name=Ben")
    assert second.wait() == 4
    second.wait_event("rejected", reason="busy", peer="Bob")


def test_refused_and_abandoned_rings_do_not_count_as_the_one_call_of_once(
    start: StartPeer, tmp_path: Path
) -> None:
    listener = start("listen", "--once")
    with dial(listener.port, tmp_path / "raw") as caller:
        caller.ring("Ann")
        listener.wait_event("ringing", peer="Ann")
        caller.send(Bye())
        caller.await_end()
    listener.wait_event("ring_gone", peer="Ann")
    with dial(listener.port, tmp_path / "raw") as caller:
        caller.ring("Ben")
        listener.wait_event("ringing", peer="Ben")
        listener.type_line("n")
        caller.await_end()
    with dial(listener.port, tmp_path / "raw") as caller:
        caller.ring("Cem")
        listener.wait_event("ringing", peer="Cem")
        listener.type_line("y")
        listener.wait_call()
        caller.hang_up()
    assert listener.ends() == 0
