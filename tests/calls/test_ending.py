"""The end of a call at either end, and the exit status and next state of both programs."""

import re
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.peer_process import Input, Peer, StartPeer, wait_until

Call = Callable[..., tuple[Peer, Peer]]

ENDINGS: dict[str, Callable[[Peer], None]] = {
    "q": lambda peer: peer.type_line("q"),
    "Enter": lambda peer: peer.type_line(""),
    "SIGINT": lambda peer: peer.signal(signal.SIGINT),
    "SIGTERM": lambda peer: peer.signal(signal.SIGTERM),
}


def test_caller_that_hangs_up_exits_with_0_and_the_listener_takes_the_next_call(
    start: StartPeer,
) -> None:
    listener = start("listen", "--accept")
    for times, (ending, hang_up) in enumerate(ENDINGS.items(), 1):
        caller = start("connect", f"127.0.0.1:{listener.port}", "--name", f"By {ending}")
        caller.wait_call()
        listener.wait_call(times=times)
        hang_up(caller)
        assert caller.ends() == 0, ending
        caller.wait_event("ended", reason="hung_up", exit_status=0)
        listener.wait_event("ended", times=times, reason="remote_hung_up")
        listener.wait_event("waiting", times=times + 1)
    listener.signal(signal.SIGTERM)
    assert listener.ends() == 130
    assert listener.out.count("\n") == 1


@pytest.mark.parametrize("ending", ["q", "Enter"])
def test_listener_that_hangs_up_waits_again_and_its_caller_exits_with_0(
    ending: str, call: Call
) -> None:
    listener, caller = call(["--name", "Bob"])
    ENDINGS[ending](listener)
    assert caller.ends() == 0
    caller.wait_event("ended", reason="remote_hung_up")
    listener.wait_event("ended", reason="hung_up")
    listener.wait_event("waiting", times=2)
    assert listener.is_running
    listener.type_line("q")
    assert listener.ends() == 130


@pytest.mark.parametrize("ending", ["SIGINT", "SIGTERM"])
def test_signal_to_a_listener_ends_the_call_and_both_programs_with_0(
    ending: str, call: Call
) -> None:
    listener, caller = call()
    ENDINGS[ending](listener)
    assert listener.ends() == 0
    assert caller.ends() == 0
    assert len(listener.find_events("waiting")) == 1


def test_second_ctrl_c_changes_nothing(call: Call) -> None:
    listener, caller = call(["--once"])
    caller.signal(signal.SIGINT)
    caller.signal(signal.SIGINT)
    assert caller.ends() == 0
    assert len(caller.find_events("ended")) == 1
    assert listener.ends() == 0


def test_ctrl_c_at_a_terminal_hangs_up(start: StartPeer) -> None:
    listener = start("listen", "--accept", "--once")
    caller = start("connect", f"127.0.0.1:{listener.port}", stdin=Input.TERMINAL)
    caller.wait_call()
    listener.wait_call()
    caller.write(b"\x03\x03")
    assert caller.ends() == 0
    assert listener.ends() == 0


@pytest.mark.parametrize("who", ["caller", "listener"])
def test_duration_ends_the_call_at_both_ends(who: str, call: Call) -> None:
    duration = ["--duration", "0.5"]
    listener, caller = call(
        ["--once", *(duration if who == "listener" else ())],
        duration if who == "caller" else (),
    )
    assert caller.wait() == 0
    assert listener.wait() == 0
    ended, told = (caller, listener) if who == "caller" else (listener, caller)
    ended.wait_event("ended", reason="duration_over")
    told.wait_event("ended", reason="remote_hung_up")


def test_duration_of_a_listener_applies_to_each_call(start: StartPeer) -> None:
    listener = start("listen", "--accept", "--duration", "0.3", "--name", "Bob")
    for times in (1, 2):
        caller = start("connect", f"127.0.0.1:{listener.port}")
        assert caller.wait() == 0
        listener.wait_event("ended", times=times, reason="duration_over")
        listener.wait_event("waiting", times=times + 1)


def test_unknown_lines_and_the_end_of_input_do_not_end_a_call(call: Call) -> None:
    listener, caller = call(["--once", "--stats=-"], ["--stats=-"])
    for peer in (listener, caller):
        peer.type_line("hello")
        peer.close_input()
    before = {peer: peer.out.count("\n") for peer in (listener, caller)}
    wait_until(
        lambda: all(peer.out.count("\n") >= lines + 2 for peer, lines in before.items()),
        "the call goes on",
    )
    caller.signal(signal.SIGTERM)
    assert caller.ends() == 0
    caller.wait_event("ended", reason="hung_up")
    assert listener.ends() == 0


def test_quiet_peers_print_only_the_address(start: StartPeer, tmp_path: Path) -> None:
    figures = tmp_path / "figures"
    listener = start("listen", "--accept", "--once", "-q")
    caller = start("connect", f"127.0.0.1:{listener.port}", "-q", "--stats", str(figures))
    wait_until(lambda: figures.exists() and figures.read_text() != "", "the call is up")
    caller.type_line("q")
    assert caller.ends() == 0
    assert listener.ends() == 0
    assert (caller.out, caller.said, listener.said) == ("", "", "")
    assert re.fullmatch(r"Listening on \S+:\d+\n", listener.out)
