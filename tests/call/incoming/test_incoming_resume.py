"""call/incoming/incoming_call.py: connections that ask to continue the present call."""

from pathlib import Path

import pytest

from call.inbox import RemoteHungUp, ResumeAsked
from call.incoming.admission_policy import AdmissionPolicy
from call.incoming.incoming_call import IncomingCall, Phase
from call.incoming.refusal_log import Refusal
from call.local_peer import LocalPeer
from net.errors import LinkLost
from net.link.pending_link import PendingLink
from net.link.tls import TlsStream, client_context, server_context
from net.protocol.control import Bye
from net.protocol.reasons import Reason
from net.protocol.resume import CallIdentity, ResumeRequest
from net.protocol.states import State
from net.trust.call_code import draw_code
from net.trust.identity import Identity, load_or_make_identity
from net.trust.known_peers import KnownPeers

NOW_US = 1_000_000_000
CALL = CallIdentity(b"i" * 16, b"s" * 32)
STRANGER = CallIdentity(b"j" * 16, b"s" * 32)


@pytest.fixture(name="bob", scope="module")
def _bob(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    """Return the listener's identity."""
    return load_or_make_identity(tmp_path_factory.mktemp("bob"))


class Pair:
    """A request and its incoming call, with a wire between them. The listener is in a call."""

    def __init__(self, bob: Identity, folder: Path, identity: CallIdentity = CALL) -> None:
        admission = AdmissionPolicy(
            draw_code(), KnownPeers(folder / "peers"), bob.fingerprint, is_open=False
        )
        admission.present_call = CALL
        self.admission = admission
        self.call = IncomingCall(
            1,
            "10.0.0.7",
            TlsStream(server_context(bob), server_side=True),
            LocalPeer(bob, "Bob", [], []),
            admission,
            find_refusal=lambda fingerprint: Reason.BUSY,
            find_measurement_refusal=lambda number: Reason.BUSY,
            opened_us=NOW_US,
            silence_timeout_us=4_000_000,
        )
        self.identity = identity
        self.bob = bob
        self.request: ResumeRequest | None = None
        self.caller = PendingLink(
            TlsStream(client_context(), server_side=False),
            self._make_request,
            opened_us=NOW_US,
        )
        self.caller.start()
        self.events: list[object] = []

    def _make_request(self, tls: TlsStream) -> ResumeRequest:
        self.request = ResumeRequest(
            self.identity,
            3,
            channel_binding=tls.channel_binding(),
            callee_fingerprint=self.bob.fingerprint,
        )
        return self.request

    def exchange(self) -> None:
        """Carry bytes both ways until neither end sends any more."""
        for _ in range(12):
            self.exchange_once()

    def exchange_once(self) -> None:
        """Carry the bytes that each end has queued to the other."""
        if self.caller.outgoing:
            self.call.receive_data(bytes(self.caller.outgoing), NOW_US)
            self.caller.outgoing.clear()
        self.events += self.call.take_events()
        self.deliver_to_caller()

    def deliver_to_caller(self) -> None:
        """Carry the bytes that the callee has queued to the caller."""
        if self.call.link.outgoing:
            self.caller.receive_data(bytes(self.call.link.outgoing), NOW_US)
            self.call.link.outgoing.clear()


def test_proven_request_is_passed_on_although_the_line_is_busy(
    bob: Identity, tmp_path: Path
) -> None:
    pair = Pair(bob, tmp_path)
    pair.exchange()
    assert pair.events == [ResumeAsked(1, CALL.call_id, 3)]
    assert pair.call.phase is Phase.RESUMING
    pair.call.accept(NOW_US)
    pair.exchange()
    assert pair.caller.state is pair.call.link.state is State.CALL


def test_caller_of_a_call_that_was_hung_up_gets_our_bye_and_disturbs_nobody(
    bob: Identity, tmp_path: Path
) -> None:
    pair = Pair(bob, tmp_path)
    pair.admission.present_call = None
    pair.admission.note_hung_up(CALL, Reason.DURATION_OVER)
    pair.exchange()
    assert pair.request is not None
    assert pair.request.bye_reason == Reason.DURATION_OVER
    assert pair.call.phase is Phase.LEAVING
    assert pair.events == []


def test_bye_of_a_proven_caller_is_passed_on_and_answered(bob: Identity, tmp_path: Path) -> None:
    pair = Pair(bob, tmp_path)
    pair.exchange()
    pair.caller.send(Bye(Reason.DURATION_OVER))
    pair.exchange()
    assert pair.events[1:] == [RemoteHungUp(CALL.call_id, Reason.DURATION_OVER)]
    assert pair.call.phase is Phase.LEAVING


def test_bye_without_a_proof_ends_no_call(bob: Identity, tmp_path: Path) -> None:
    pair = Pair(bob, tmp_path, CallIdentity(CALL.call_id, b"x" * 32))
    while pair.caller.handshake is None:
        pair.exchange_once()
    pair.caller.send(Bye())
    pair.exchange()
    assert not [event for event in pair.events if isinstance(event, RemoteHungUp)]


def test_request_takes_two_round_trips_after_tcp_connects(bob: Identity, tmp_path: Path) -> None:
    """One for TLS, one for the request and the acceptance."""
    pair = Pair(bob, tmp_path)
    trips = 0
    while pair.caller.state is not State.CALL:
        trips += 1
        pair.exchange_once()
        if pair.call.phase is Phase.RESUMING and pair.call.link.state is State.RESUMING:
            pair.call.accept(NOW_US)
            pair.deliver_to_caller()
    assert trips == 2


def test_request_for_another_call_is_refused_and_reported(bob: Identity, tmp_path: Path) -> None:
    pair = Pair(bob, tmp_path, STRANGER)
    pair.exchange()
    [refusal] = pair.events
    assert isinstance(refusal, Refusal)
    assert pair.request is not None
    assert refusal.event.reason == pair.request.rejection == Reason.NO_SUCH_CALL
    assert pair.call.phase is Phase.LEAVING


def test_request_that_comes_too_early_is_refused_and_reported(
    bob: Identity, tmp_path: Path
) -> None:
    pair = Pair(bob, tmp_path)
    pair.exchange()
    pair.call.reject(Reason.LINK_ALIVE, NOW_US)
    pair.exchange()
    asked, refusal = pair.events
    assert isinstance(asked, ResumeAsked)
    assert isinstance(refusal, Refusal)
    assert pair.request is not None
    assert refusal.event.reason == pair.request.rejection == Reason.LINK_ALIVE


def test_request_that_nobody_decides_on_is_closed_after_the_steps_limit(
    bob: Identity, tmp_path: Path
) -> None:
    pair = Pair(bob, tmp_path)
    pair.exchange()
    pair.call.on_time(NOW_US + 5_000_001)
    assert pair.call.phase is Phase.CLOSED


def test_request_that_leaves_is_closed(bob: Identity, tmp_path: Path) -> None:
    pair = Pair(bob, tmp_path)
    pair.exchange()
    pair.call.lose_connection(LinkLost("gone"), NOW_US)
    assert pair.call.phase is Phase.CLOSED
