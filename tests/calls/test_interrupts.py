"""Ctrl-C at every stage: the program ends at once, with 130 if there was no call."""

import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.peer_process import Input, Peer, StartPeer, wait_until

Reach = Callable[[StartPeer], Peer]


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Yield a port that accepts connections and never sends anything."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield server.getsockname()[1]


def end_twice(peer: Peer) -> None:
    """Interrupt a peer twice; it must end at once with 130."""
    peer.signal(signal.SIGINT)
    peer.signal(signal.SIGINT)
    assert peer.ends() == 130


def test_ctrl_c_ends_a_waiting_listener(start: StartPeer) -> None:
    listener = start("listen")
    listener.wait_event("waiting")
    end_twice(listener)


def test_ctrl_c_at_a_terminal_ends_a_waiting_listener(start: StartPeer) -> None:
    listener = start("listen", stdin=Input.TERMINAL)
    listener.wait_event("waiting")
    listener.write(b"\x03")
    assert listener.ends() == 130


def test_ctrl_c_ends_a_connecting_caller(start: StartPeer, silent_port: int) -> None:
    caller = start("connect", f"127.0.0.1:{silent_port}")
    caller.wait_event("calling")
    end_twice(caller)


def test_q_ends_a_connecting_caller(start: StartPeer, silent_port: int) -> None:
    caller = start("connect", f"127.0.0.1:{silent_port}")
    caller.wait_event("calling")
    caller.type_line("q")
    assert caller.ends() == 130


def test_ctrl_c_ends_either_peer_during_a_ring(start: StartPeer) -> None:
    listener = start("listen")
    caller = start("connect", f"127.0.0.1:{listener.port}")
    caller.wait_event("ringing")
    end_twice(caller)
    listener.wait_event("ring_gone")
    caller = start("connect", f"127.0.0.1:{listener.port}")
    listener.wait_event("ringing", times=2)
    caller.wait_event("ringing")
    end_twice(listener)
    assert caller.ends() == 4


@pytest.mark.skipif(sys.platform != "linux", reason="reads the loaded libraries from /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_a_listener_that_still_loads_its_libraries(
    number: signal.Signals, start: StartPeer
) -> None:
    listener = start("listen")
    loaded = Path(f"/proc/{listener.process.pid}/maps")
    wait_until(lambda: "msgspec" in loaded.read_text(), "the first library is there")
    listener.signal(number)
    assert listener.ends() == 130
    assert listener.out == ""


def test_unresponsive_camera_does_not_delay_the_end(start: StartPeer, silent_port: int) -> None:
    listener = start("listen", "--accept", "--once")
    phone = f"http://127.0.0.1:{silent_port}/video"
    caller = start("connect", f"127.0.0.1:{listener.port}", "--camera", phone)
    caller.wait_call()
    listener.wait_call()
    caller.signal(signal.SIGINT)
    assert caller.ends() == 0
    assert listener.ends() == 0


def test_repeated_signals_change_nothing_until_the_program_has_ended(start: StartPeer) -> None:
    listener = start("listen", "--accept", "--once")
    caller = start("connect", f"127.0.0.1:{listener.port}")
    caller.wait_call()
    listener.wait_call()
    for peer in (caller, listener):
        while peer.is_running:
            peer.signal(signal.SIGINT)
            peer.signal(signal.SIGTERM)
    assert caller.wait() == 0
    assert listener.wait() == 0
    assert len(caller.find_events("ended")) == 1
