"""A measurement at a listener: call/incoming/incoming_call.py, without socket and clock."""

from pathlib import Path

import pytest

from call.incoming.admission_policy import AdmissionPolicy
from call.incoming.incoming_call import IncomingCall, Phase
from call.incoming.measurement_limit import PER_MINUTE
from call.incoming.refusal_log import Refusal
from call.local_peer import LocalPeer
from net.errors import LinkLost
from net.link.goodput_run import CALLEE_LIMIT_US, CALLER_LIMIT_US, GoodputRun
from net.link.pending_link import MAX_OUTGOING_BYTES, STEP_LIMIT_US, PendingLink
from net.link.tls import TlsStream, client_context, server_context
from net.protocol.control import Bye
from net.protocol.goodput import MAX_TOTAL_BYTES, SEND_US
from net.protocol.goodput_messages import MAX_FILLER_BYTES, Filler
from net.protocol.handshake import Handshake
from net.protocol.reasons import Reason
from net.protocol.states import State
from net.trust.call_code import parse_code
from net.trust.identity import load_or_make_identity
from net.trust.known_peers import KnownPeers, PeerDetails
from net.trust.known_peers_file import KNOWN_PEERS_FILE

NOW_US = 1_000_000_000
ADDRESS = "10.0.0.7"
STEP_US = 10_000
"""The simulated time of one way of the wire."""


class Pair:
    """A caller that measures and its incoming call, with a wire and a clock that a test drives."""

    def __init__(self, folder: Path, *, is_known: bool = True) -> None:
        alice = load_or_make_identity(folder / "alice")
        bob = load_or_make_identity(folder / "bob")
        self.now_us = NOW_US
        self.refusal = ""
        known = KnownPeers(folder / KNOWN_PEERS_FILE)
        if is_known:
            known.remember(alice.fingerprint, PeerDetails("Ann"))
        self.admission = AdmissionPolicy(
            parse_code("7-rabbit-lamp"), known, bob.fingerprint, is_open=True
        )
        self.fingerprint = alice.fingerprint
        self.call = IncomingCall(
            1,
            ADDRESS,
            TlsStream(server_context(bob), server_side=True),
            LocalPeer(bob, "Bob", [], []),
            self.admission,
            find_refusal=lambda fingerprint: "",
            find_measurement_refusal=lambda number: self.refusal,
            opened_us=NOW_US,
            silence_timeout_us=5_000_000,
        )
        self.caller: PendingLink[Handshake] = PendingLink(
            TlsStream(client_context(), server_side=False),
            lambda tls: LocalPeer(alice, "", [], []).as_caller(
                bob.fingerprint, code=None, expected=None, wants_goodput=True
            ),
            opened_us=NOW_US,
        )
        self.run = GoodputRun(self.caller, NOW_US, limit_us=CALLER_LIMIT_US)
        self.events: list[object] = []
        self.caller.start()

    def step(self) -> None:
        """Carry bytes once both ways, and let both ends fill."""
        self.now_us += STEP_US
        if data := taken(self.caller):
            self.call.receive_data(data, self.now_us)
        self.call.on_time(self.now_us)
        self.call.fill(self.now_us)
        self.events += self.call.take_events()
        if data := taken(self.call.link):
            self.caller.receive_data(data, self.now_us)
            self.run.on_received(self.now_us)
        self.run.fill(self.now_us)

    def until(self, *states: State) -> None:
        """Carry bytes until the caller is in one of these states."""
        for _ in range(1_000):
            if self.caller.state in states:
                return
            self.step()
        raise AssertionError(f"the caller stays in {self.caller.state}")

    @property
    def handshake(self) -> Handshake:
        """The caller's."""
        assert self.caller.handshake is not None
        return self.caller.handshake

    @property
    def refused(self) -> Refusal:
        """The one event so far."""
        (event,) = self.events
        assert isinstance(event, Refusal)
        return event


def has_phase(pair: Pair, phase: Phase) -> bool:
    """Return whether the incoming call is in this phase."""
    return pair.call.phase is phase


def taken(link: PendingLink[Handshake]) -> bytes:
    """Remove and return the bytes that a link sends."""
    data = bytes(link.outgoing)
    link.outgoing.clear()
    return data


@pytest.fixture(name="pair")
def _pair(tmp_path: Path) -> Pair:
    return Pair(tmp_path)


def test_known_caller_measures_both_ways_without_a_ring(pair: Pair) -> None:
    pair.until(State.MEASURED)
    sent = pair.handshake.goodput_report
    assert sent is not None
    for report in (sent, pair.run.received):
        assert report.received_bytes > 50_000
        assert 0.9 * SEND_US < report.time_us <= SEND_US
    assert has_phase(pair, Phase.MEASURING)
    pair.caller.send(Bye())
    pair.step()
    assert has_phase(pair, Phase.LEAVING)
    assert (pair.refused.event.reason, pair.refused.event.peer) == ("left", "Ann")
    assert "Ann (10.0.0.7) measured" in pair.refused.sentence


def test_stranger_is_refused_after_its_proof_even_by_an_open_listener(tmp_path: Path) -> None:
    pair = Pair(tmp_path, is_known=False)
    pair.until(State.ENDED)
    assert pair.handshake.rejection == Reason.NOT_KNOWN
    assert has_phase(pair, Phase.LEAVING)
    assert not pair.call.fill(pair.now_us)
    assert pair.refused.event.reason == Reason.NOT_KNOWN
    assert pair.admission.measurements.wait_us(pair.fingerprint, pair.now_us) == 0


@pytest.mark.parametrize("reason", [Reason.BUSY, Reason.MEASURING, Reason.DO_NOT_DISTURB])
def test_refusal_of_the_policy_reaches_a_known_caller(pair: Pair, reason: Reason) -> None:
    pair.refusal = reason
    pair.until(State.ENDED)
    assert pair.handshake.rejection == reason
    assert (pair.refused.event.reason, pair.refused.event.peer) == (reason, "Ann")


def test_fourth_measurement_of_a_minute_has_to_wait(pair: Pair) -> None:
    for _ in range(PER_MINUTE):
        pair.admission.measurements.note(pair.fingerprint, NOW_US)
    pair.until(State.ENDED)
    assert pair.handshake.rejection == Reason.MEASURED_TOO_OFTEN
    assert 55 < pair.handshake.wait_s <= 60


@pytest.mark.parametrize("state", [State.SENDS_FILLER, State.RECEIVES_FILLER])
def test_call_that_comes_ends_the_measurement_at_once(pair: Pair, state: State) -> None:
    pair.until(state)
    pair.refusal = Reason.BUSY
    pair.until(State.ENDED)
    assert pair.handshake.bye_reason == Reason.BUSY
    assert has_phase(pair, Phase.LEAVING)
    assert pair.refused.event.reason == Reason.BUSY


@pytest.mark.parametrize("state", [State.SENDS_FILLER, State.RECEIVES_FILLER])
def test_caller_that_stops_in_the_middle_is_closed_after_the_limit(
    pair: Pair, state: State
) -> None:
    pair.until(state)
    pair.step()
    began_us = pair.now_us
    pair.call.on_time(began_us + STEP_LIMIT_US)
    assert has_phase(pair, Phase.MEASURING)
    pair.call.on_time(began_us + CALLEE_LIMIT_US)
    assert has_phase(pair, Phase.CLOSED)
    (event,) = pair.call.take_events()
    assert isinstance(event, Refusal)
    assert event.event.reason == "timed_out"


def test_caller_that_reads_nothing_gets_one_filler(pair: Pair) -> None:
    pair.until(State.RECEIVES_FILLER)
    for _ in range(100):
        pair.call.fill(pair.now_us)
    assert len(pair.call.link.outgoing) < 2 * MAX_FILLER_BYTES < MAX_OUTGOING_BYTES


def test_caller_that_sends_too_much_is_turned_away(pair: Pair) -> None:
    pair.until(State.SENDS_FILLER)
    filler = Filler(bytes(MAX_FILLER_BYTES))
    for _ in range(MAX_TOTAL_BYTES // MAX_FILLER_BYTES + 2):
        if pair.call.phase is not Phase.MEASURING:
            break
        pair.caller.send(filler)
        pair.call.receive_data(taken(pair.caller), pair.now_us)
    (event,) = pair.call.take_events()
    assert isinstance(event, Refusal)
    assert event.event.reason == "protocol_error"
    assert has_phase(pair, Phase.CLOSED)


def test_caller_that_closes_in_the_middle_is_logged_as_one_that_left(pair: Pair) -> None:
    pair.until(State.RECEIVES_FILLER)
    pair.call.lose_connection(LinkLost("gone"), pair.now_us)
    assert has_phase(pair, Phase.CLOSED)
    (event,) = pair.call.take_events()
    assert isinstance(event, Refusal)
    assert (event.event.reason, event.event.peer) == ("left", "Ann")
