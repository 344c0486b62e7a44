"""Claims about how a pending link in net/link/pending_link.py ends."""

import select
import socket

import pytest

from net.errors import LinkLost
from net.protocol.control import Bye, Ping, Ringing
from net.protocol.states import State
from tests.support.deadline import DEADLINE_S
from tests.support.pending_links import PendingEnd, PendingLinks, control, settle


def read_soon(end: PendingEnd) -> None:
    """Wait for bytes, which take a moment over TCP, and read them."""
    assert select.select([end.socket], [], [], DEADLINE_S)[0], "nothing came"
    end.read()


@pytest.mark.parametrize("opening", [b"", b"\x16\x03\x01"])
def test_peer_that_closes_before_tls_is_a_lost_link(links: PendingLinks, opening: bytes) -> None:
    near, far = links.sockets()
    callee = links.callee(far)
    near.sendall(opening)
    if opening:
        callee.read()
    near.close()
    with pytest.raises(LinkLost):
        callee.read()


def test_peer_that_closes_while_ringing_is_a_lost_link(links: PendingLinks) -> None:
    for index in (0, 1):
        pair = links.ringing()
        pair[index].close()
        with pytest.raises(LinkLost):
            pair[1 - index].read()


def test_busy_callee_rejects_and_ends(links: PendingLinks) -> None:
    links.is_busy = True
    caller, callee = links.both()
    caller.start()
    settle(callee, caller)
    assert {callee.state, caller.state} == {State.ENDED}
    assert caller.handshake is not None
    assert caller.handshake.rejection == "busy"


def test_decline_reaches_a_caller_whose_messages_are_unread(links: PendingLinks) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        near = socket.create_connection(listener.getsockname())
        far, _ = listener.accept()
    for sock in (near, far):
        sock.setblocking(False)
        links.close_later(sock)
    caller, callee = links.caller(near), links.callee(far)
    caller.start()
    while callee.state is not State.RINGING:
        read_soon(callee)
        if caller.handshake is None or caller.handshake.peer_hello is None:
            read_soon(caller)
    callee.send(Ringing())
    while caller.state is not State.RINGING:
        read_soon(caller)
    # The callee no longer reads this ping.
    caller.send(Ping(1))
    assert select.select([callee.socket], [], [], DEADLINE_S)[0]
    assert callee.handshake is not None
    callee.link.queue(callee.handshake.reject("declined"))
    callee.socket.end_sending()
    assert not callee.socket.drain()
    read_soon(caller)
    assert caller.handshake is not None
    assert caller.handshake.rejection == "declined"
    caller.close()


def test_bye_while_ringing_is_answered_by_a_bye(links: PendingLinks) -> None:
    caller, callee = links.ringing()
    caller.send(Bye("changed my mind"))
    settle(callee)
    assert callee.state is State.ENDED
    callee.send(Bye())
    callee.socket.end_sending()
    assert links.read(caller) == control(Bye())


def test_drain_reads_to_the_end_of_the_stream(links: PendingLinks) -> None:
    caller, callee = links.ringing()
    caller.send(Ping(1))
    callee.send(Bye())
    callee.socket.end_sending()
    for _ in range(3):
        assert not callee.socket.drain()
    settle(caller)
    assert caller.state is State.ENDED
    caller.close()
    assert callee.socket.drain()
    assert callee.socket.drain()
    callee.close()


def test_last_message_to_a_closed_peer_raises_no_error(links: PendingLinks) -> None:
    caller, callee = links.ringing()
    caller.close()
    callee.link.send(Bye())
    callee.socket.end_sending()
    assert callee.socket.drain()


def test_last_message_follows_the_queued_ones(links: PendingLinks) -> None:
    caller, callee = links.ringing()
    caller.link.send(Ping(1))
    caller.link.send(Bye("enough"))
    caller.socket.end_sending()
    settle(callee)
    assert callee.state is State.ENDED
    callee.close()
