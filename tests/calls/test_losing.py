"""Calls whose other end dies, freezes or is unplugged for good; the next call works.

Each is noticed within 5 s, and given up after its limit. `test_resuming.py` has the calls that come
back.
"""

import signal
import time

from bench.hosts import TwoHosts
from tests.support.peer_process import SLACK_S, Peer, StartPeer

NOTICED_S = 5.0
HELD_S = 10.0
"""After the end of the stream without a bye."""
BRIEF = "--set=call.silence_timeout_s=2"


def start_call(start: StartPeer, *options: str) -> tuple[Peer, Peer]:
    """Start a call between Ann, who calls, and Bob, who listens."""
    listener = start("listen", "--accept", "--name=Bob", *options)
    caller = start("connect", f"127.0.0.1:{listener.port}", "--name=Ann", *options)
    caller.wait_call()
    listener.wait_call()
    return listener, caller


def expect_another_call(start: StartPeer, listener: Peer) -> None:
    """Check that a listener takes one more call."""
    listener.wait_event("waiting", times=2)
    caller = start("connect", f"127.0.0.1:{listener.port}", "--duration=0.2")
    assert caller.wait() == 0


def test_killed_caller_is_noticed_and_the_listener_waits_again(start: StartPeer) -> None:
    listener, caller = start_call(start)
    caller.kill()
    listener.wait_event("link_lost", limit_s=NOTICED_S + SLACK_S)
    listener.wait_event("waiting", times=2, limit_s=HELD_S + SLACK_S)
    listener.wait_event("ended", reason="link_lost", exit_status=5)
    expect_another_call(start, listener)


def test_caller_of_a_killed_listener_exits_with_5(start: StartPeer) -> None:
    listener, caller = start_call(start)
    listener.kill()
    assert caller.ends(NOTICED_S) == 5
    caller.wait_event("link_lost")
    caller.wait_event("ended", reason="link_lost")


def test_listener_with_once_exits_with_5_after_a_lost_call(start: StartPeer) -> None:
    listener = start("listen", "--accept", "--once")
    caller = start("connect", f"127.0.0.1:{listener.port}")
    listener.wait_call()
    caller.wait_call()
    caller.kill()
    assert listener.ends(HELD_S) == 5
    # The call does not seem to be back for a moment before it is given up.
    assert "In a call" not in listener.said.rpartition("Reconnecting")[2]


def test_frozen_peer_is_noticed_at_the_other_end(start: StartPeer) -> None:
    frozen_caller = start_call(start, BRIEF)
    frozen_listener = start_call(start, BRIEF)
    began_s = time.monotonic()
    frozen_caller[1].signal(signal.SIGSTOP)
    frozen_listener[0].signal(signal.SIGSTOP)
    frozen_caller[0].wait_event("ended", reason="link_lost")
    assert frozen_listener[1].wait() == 5
    assert time.monotonic() - began_s < NOTICED_S + SLACK_S
    frozen_listener[1].wait_event("ended", reason="link_lost")

    expect_another_call(start, frozen_caller[0])
    # Once they go on, they find that the call is over.
    frozen_caller[1].signal(signal.SIGCONT)
    assert frozen_caller[1].wait() == 5
    frozen_listener[0].signal(signal.SIGCONT)
    expect_another_call(start, frozen_listener[0])


def test_unplugged_cable_is_noticed_at_both_ends(start: StartPeer, hosts: TwoHosts) -> None:
    listener = start("listen", "--accept", BRIEF, prefix=hosts.second.command())
    target = f"{hosts.second.address}:{listener.port}"
    caller = start("connect", target, BRIEF, prefix=hosts.first.command())
    caller.wait_call()
    listener.wait_call()
    hosts.set_up(False)
    began_s = time.monotonic()
    assert caller.wait() == 5
    listener.wait_event("ended", reason="link_lost")
    assert time.monotonic() - began_s < NOTICED_S + SLACK_S
    caller.wait_event("ended", reason="link_lost")

    hosts.set_up(True)
    listener.wait_event("waiting", times=2)
    again = start("connect", target, "--duration=0.2", prefix=hosts.first.command())
    assert again.wait() == 0


def test_network_loss_during_a_ring_is_noticed_at_both_ends(
    start: StartPeer, hosts: TwoHosts
) -> None:
    listener = start("listen", prefix=hosts.second.command())
    target = f"{hosts.second.address}:{listener.port}"
    caller = start("connect", target, "--name=Ann", prefix=hosts.first.command())
    caller.wait_event("ringing")
    hosts.set_up(False)
    began_s = time.monotonic()
    assert caller.wait() == 3
    listener.wait_event("ring_gone", peer="Ann", reason="silent")
    assert time.monotonic() - began_s < NOTICED_S + SLACK_S


def test_ctrl_c_ends_a_call_with_a_frozen_peer_within_two_seconds(start: StartPeer) -> None:
    listener, caller = start_call(start)
    listener.signal(signal.SIGSTOP)
    caller.signal(signal.SIGINT)
    assert caller.ends() == 0
    caller.wait_event("ended", reason="hung_up")
