"""Claims about net/link/pending_link.py between two ends that keep the rules."""

import contextlib

import pytest

from net.link.pending_link import STEP_LIMIT_US
from net.protocol.control import Accept
from net.protocol.framing import Message
from net.protocol.states import State
from tests.support.pending_links import KIB, NOW_US, PendingLinks, settle


def test_two_ends_get_from_tls_to_ringing(links: PendingLinks) -> None:
    caller, callee = links.both()
    assert {caller.state, callee.state} == {State.AWAITS_HELLO}
    caller.start()
    settle(caller, callee)
    assert [caller.state, callee.state] == [State.AWAITS_RINGING, State.RINGING]
    assert caller.handshake is not None
    assert callee.handshake is not None
    assert caller.handshake.peer_fingerprint == links.bob.fingerprint
    assert callee.handshake.peer_fingerprint == links.alice.fingerprint
    assert not caller.link.outgoing
    assert not callee.link.outgoing


def test_accepted_connection_becomes_a_link_at_both_ends(links: PendingLinks) -> None:
    caller, callee = links.ringing()
    callee.send(Accept())
    far = callee.detach()
    # A message sent right after accept may arrive together with it.
    far.outbox.put_control(b"first")
    far.send_next(0)
    settle(caller)
    assert caller.state is State.CALL
    near = caller.detach()
    far.outbox.put_control(b"second")
    far.send_next(0)
    came: list[Message] = []
    while len(came) < 2:
        assert near.receive(came.append)
    near.outbox.put_control(b"back")
    near.send_next(0)
    while len(came) < 3:
        assert far.receive(came.append)
    assert [m.payload for m in came] == [b"first", b"second", b"back"]
    near.release()
    far.release()


def test_link_sends_the_queued_accept(links: PendingLinks) -> None:
    caller, callee = links.ringing()
    callee.link.send(Accept())
    assert callee.link.outgoing
    far = callee.detach()
    far.send_next(0)
    settle(caller)
    assert caller.state is State.CALL


def test_only_an_accepted_connection_becomes_a_link(links: PendingLinks) -> None:
    for link in (*links.both(), *links.ringing()):
        with pytest.raises(AssertionError):
            link.detach()


def test_bytes_may_arrive_one_at_a_time(links: PendingLinks) -> None:
    here, near = links.sockets()
    there, far = links.sockets()
    caller, callee = links.caller(here), links.callee(there)
    caller.start()
    for _ in range(8):
        for sender, receiver, link in ((near, far, callee), (far, near, caller)):
            with contextlib.suppress(BlockingIOError):
                for byte in sender.recv(64 * KIB):
                    receiver.sendall(bytes([byte]))
                    link.read()
    assert callee.state is State.RINGING
    assert caller.state is State.AWAITS_RINGING


def test_nothing_to_read_is_not_an_error(links: PendingLinks) -> None:
    _, callee = links.both()
    callee.read(NOW_US + 5)
    assert callee.link.heard_us == NOW_US


def test_handshake_has_a_time_limit_and_ringing_has_none(links: PendingLinks) -> None:
    caller, callee = links.both()
    for end in (caller, callee):
        assert not end.link.is_late(NOW_US + STEP_LIMIT_US)
        assert end.link.is_late(NOW_US + STEP_LIMIT_US + 1)
    for end in links.ringing():
        assert not end.link.is_late(NOW_US + 100 * STEP_LIMIT_US)


def test_slow_bytes_do_not_extend_the_time_limit(links: PendingLinks) -> None:
    near, far = links.sockets()
    callee = links.callee(far)
    near.sendall(b"\x16")
    callee.read(NOW_US + STEP_LIMIT_US)
    assert callee.link.heard_us == NOW_US + STEP_LIMIT_US
    assert callee.link.is_late(NOW_US + STEP_LIMIT_US + 1)


def test_ping_while_ringing_is_answered(links: PendingLinks) -> None:
    caller, callee = links.ringing()
    caller.link.ping(NOW_US)
    caller.socket.flush()
    callee.read(NOW_US + 5)
    caller.read(NOW_US + 10)
    assert caller.link.clock.rtt_us == 10
