"""net/link/goodput_run.py: whose turn it is, and how long each direction may take."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from net.errors import ProtocolError
from net.link.goodput_run import MAX_RECEIVED_BYTES, GoodputRun
from net.link.pending_link import PendingLink
from net.link.tls import TlsStream, client_context, server_context
from net.protocol.control import Accept
from net.protocol.goodput import SEND_US
from net.protocol.goodput_messages import MAX_FILLER_BYTES, FillerEnd, GoodputReady, GoodputReport
from net.protocol.handshake import Handshake
from net.protocol.states import Role, State
from net.trust.identity import Identity, load_or_make_identity
from tests.support.local_ends import local_end

NOW_US = 1_000_000_000
LIMIT_US = 5_000_000


class Runs:
    """Both ends of a measurement whose callee has consented, and the wire between them."""

    def __init__(self, folder: Path) -> None:
        alice = load_or_make_identity(folder / "alice")
        bob = load_or_make_identity(folder / "bob")
        self.caller = PendingLink(
            TlsStream(client_context(), server_side=False),
            _handshakes(Role.CALLER, alice, bob),
            opened_us=NOW_US,
        )
        self.callee = PendingLink(
            TlsStream(server_context(bob), server_side=True),
            _handshakes(Role.CALLEE, bob, bob),
            opened_us=NOW_US,
        )
        self.near = GoodputRun(self.caller, NOW_US, limit_us=LIMIT_US)
        self.far = GoodputRun(self.callee, NOW_US, limit_us=LIMIT_US)
        self.caller.start()
        for _ in range(4):
            self.carry(NOW_US)
        self.callee.send(GoodputReady())
        self.carry(NOW_US)

    def carry(self, now_us: int) -> None:
        """Carry all bytes both ways once."""
        for sender, receiver, run in (
            (self.caller, self.callee, self.far),
            (self.callee, self.caller, self.near),
        ):
            data = bytes(sender.outgoing)
            sender.outgoing.clear()
            if data:
                receiver.receive_data(data, now_us)
                run.on_received(now_us)

    def send_all(self, run: GoodputRun) -> int:
        """Let an end send its second in ten parts; return how many messages it queued."""
        count = 0
        for tenth in range(11):
            now_us = NOW_US + tenth * SEND_US // 10
            count += run.fill(now_us)
            self.carry(now_us)
        return count


def _handshakes(role: Role, own: Identity, callee: Identity) -> Callable[[TlsStream], Handshake]:
    return lambda tls: Handshake(
        role,
        local_end(own, ""),
        nonce=role.value.encode().ljust(32, b"."),
        callee_fingerprint=callee.fingerprint,
        wants_goodput=role is Role.CALLER,
    )


@pytest.fixture(name="runs")
def _runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path)


def test_caller_sends_first_and_then_the_callee(runs: Runs) -> None:
    turns = [(runs.near.is_sending, runs.far.is_sending)]
    assert runs.send_all(runs.near) == 11
    turns.append((runs.near.is_sending, runs.far.is_sending))
    assert runs.send_all(runs.far) == 11
    turns.append((runs.near.is_sending, runs.far.is_sending))
    assert turns == [(True, False), (False, True), (False, False)]
    assert (runs.caller.state, runs.callee.state) == (State.MEASURED, State.MEASURED)
    assert runs.caller.handshake is not None
    assert runs.caller.handshake.goodput_report == runs.far.received
    assert runs.near.received.time_us == runs.far.received.time_us == SEND_US * 9 // 10


def test_next_filler_waits_until_the_one_before_has_left(runs: Runs) -> None:
    assert runs.near.fill(NOW_US)
    assert not runs.near.fill(NOW_US)
    runs.carry(NOW_US)
    assert runs.near.fill(NOW_US)


def test_each_direction_has_the_whole_limit(runs: Runs) -> None:
    ends = (runs.near, runs.far)
    assert not any(run.is_late(NOW_US + LIMIT_US) for run in ends)
    assert all(run.is_late(NOW_US + LIMIT_US + 1) for run in ends)
    half_us = NOW_US + LIMIT_US // 2
    runs.caller.send(FillerEnd())
    runs.carry(half_us)
    assert not any(run.is_late(half_us + LIMIT_US) for run in ends)
    assert all(run.is_late(half_us + LIMIT_US + 1) for run in ends)


def test_limit_does_not_move_with_filler(runs: Runs) -> None:
    runs.near.fill(NOW_US)
    runs.carry(NOW_US + LIMIT_US)
    assert runs.far.is_late(NOW_US + LIMIT_US + 1)


def test_message_of_a_call_is_a_protocol_error(runs: Runs) -> None:
    assert runs.caller.handshake is not None
    with pytest.raises(ProtocolError):
        runs.caller.handshake.receive(Accept(), b"")


def test_bytes_of_unknown_messages_count_against_the_limit(runs: Runs) -> None:
    unknown = msgspec.msgpack.encode({"type": "of_later", "padding": bytes(MAX_FILLER_BYTES)})
    for _ in range(MAX_RECEIVED_BYTES // (len(unknown) + 100)):
        runs.caller.queue(unknown)
        runs.carry(NOW_US)
    for _ in range(60):
        runs.caller.queue(unknown)
        data = bytes(runs.caller.outgoing)
        runs.caller.outgoing.clear()
        runs.callee.receive_data(data, NOW_US)
    with pytest.raises(ProtocolError, match="more than a measurement takes"):
        runs.far.on_received(NOW_US)


def test_report_of_more_than_was_sent_is_a_protocol_error(runs: Runs) -> None:
    runs.near.fill(NOW_US)
    runs.caller.send(FillerEnd())
    data = bytes(runs.caller.outgoing)
    runs.caller.outgoing.clear()
    runs.callee.receive_data(data, NOW_US)
    runs.callee.send(GoodputReport(10**9, 1))
    with pytest.raises(ProtocolError, match="more than it was sent"):
        runs.carry(NOW_US)
