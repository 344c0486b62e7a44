"""call/incoming/incoming_call.py: the responses to a caller's bytes, without socket and clock."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from call.inbox import RingGone, RingLoss, Rung, WrongCode
from call.incoming.admission_policy import AdmissionPolicy
from call.incoming.incoming_call import LEAVING_US, RING_PING_US, IncomingCall, Phase
from call.incoming.refusal_log import Refusal
from call.incoming.ring_rate_limit import FREE
from call.local_peer import LocalPeer
from net.errors import LinkLost
from net.link.pending_link import STEP_LIMIT_US, PendingLink
from net.link.tls import TlsStream, client_context, server_context
from net.protocol.control import Bye
from net.protocol.handshake import Handshake
from net.protocol.reasons import Reason
from net.protocol.states import State
from net.trust.call_code import CallCode, parse_code
from net.trust.guess_limit import MAX_GUESSES, SHORTEST_US
from net.trust.identity import Identity, load_or_make_identity
from net.trust.known_peers import KnownPeers
from net.trust.known_peers_file import KNOWN_PEERS_FILE

NOW_US = 1_000_000_000
SILENCE_US = 5_000_000
ADDRESS = "10.0.0.66"
CODE = parse_code("7-rabbit-lamp")
WRONG = parse_code("7-rabbit-rabbit")


@pytest.fixture(name="alice", scope="module")
def _alice(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    """Return the caller's identity."""
    return load_or_make_identity(tmp_path_factory.mktemp("alice"))


@pytest.fixture(name="bob", scope="module")
def _bob(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    """Return the listener's identity."""
    return load_or_make_identity(tmp_path_factory.mktemp("bob"))


class Pair:
    """A caller and its incoming call, with a wire between them that a test drives."""

    def __init__(
        self,
        alice: Identity,
        bob: Identity,
        admission: AdmissionPolicy,
        *,
        code: CallCode | None = None,
        refusal: str = "",
    ) -> None:
        self.refusal = refusal
        self.call = IncomingCall(
            1,
            ADDRESS,
            TlsStream(server_context(bob), server_side=True),
            LocalPeer(bob, "Bob", [], []),
            admission,
            find_refusal=lambda fingerprint: self.refusal,
            find_measurement_refusal=lambda number: self.refusal,
            opened_us=NOW_US,
            silence_timeout_us=SILENCE_US,
        )
        self.caller = PendingLink(
            TlsStream(client_context(), server_side=False),
            lambda tls: LocalPeer(alice, "Alice", [], []).as_caller(
                bob.fingerprint, code=code, expected=None
            ),
            opened_us=NOW_US,
        )
        self.events: list[object] = []
        self.caller.start()

    def exchange(self, now_us: int = NOW_US) -> None:
        """Carry bytes both ways until neither end sends any more."""
        for _ in range(12):
            if data := taken(self.caller):
                self.call.receive_data(data, now_us)
            self.call.on_time(now_us)
            self.events += self.call.take_events()
            if data := taken(self.call.link):
                self.caller.receive_data(data, now_us)

    @property
    def rejection(self) -> tuple[str | None, int]:
        """The reason and the wait that the caller received."""
        assert self.caller.handshake is not None
        return self.caller.handshake.rejection, self.caller.handshake.wait_s


def taken(link: PendingLink[Handshake]) -> bytes:
    """Remove and return the bytes that a link sends."""
    data = bytes(link.outgoing)
    link.outgoing.clear()
    return data


def is_closed(pair: Pair) -> bool:
    """Return whether the listen thread would close the socket now."""
    return pair.call.phase is Phase.CLOSED


@pytest.fixture(name="admission")
def _admission(tmp_path: Path, bob: Identity) -> AdmissionPolicy:
    return AdmissionPolicy(
        CODE, KnownPeers(tmp_path / KNOWN_PEERS_FILE), bob.fingerprint, is_open=False
    )


Connect: TypeAlias = Callable[..., Pair]


@pytest.fixture(name="connect")
def _connect(alice: Identity, bob: Identity, admission: AdmissionPolicy) -> Connect:
    """Return a function that makes a pair."""

    def connect(code: CallCode | None = None, *, refusal: str = "") -> Pair:
        return Pair(alice, bob, admission, code=code, refusal=refusal)

    return connect


@pytest.fixture(name="ringing")
def _ringing(connect: Connect, admission: AdmissionPolicy) -> Pair:
    """Return a pair whose caller rings, without a code at an open listener."""
    admission.is_open = True
    pair = connect()
    pair.exchange()
    assert isinstance(pair.events.pop(), Rung)
    return pair


def test_right_code_is_answered_when_due_and_rings(
    connect: Connect, admission: AdmissionPolicy
) -> None:
    pair = connect(CODE)
    pair.exchange()
    assert admission.guesses.total == 1, "it counts as a guess from the claim on"
    assert pair.call.due_us == NOW_US + SHORTEST_US
    pair.exchange(NOW_US + SHORTEST_US - 1)
    assert not pair.events
    pair.exchange(NOW_US + SHORTEST_US)
    assert admission.guesses.total == 0
    assert pair.call.phase is Phase.RINGING
    assert pair.caller.state is State.RINGING
    (event,) = pair.events
    assert isinstance(event, Rung)
    assert event.peer == pair.call.remote_peer
    assert event.peer.name == "Alice"


def test_wrong_code_is_rejected_and_stays_counted(
    connect: Connect, admission: AdmissionPolicy
) -> None:
    pair = connect(WRONG)
    pair.exchange()
    pair.exchange(NOW_US + SHORTEST_US)
    assert pair.rejection == (Reason.WRONG_CODE, 0)
    assert pair.events == [WrongCode("Alice", ADDRESS, 1, is_last=False, was_completed=True)]
    assert admission.guesses.total == 1
    assert pair.call.phase is Phase.LEAVING


def test_leaving_before_the_answer_counts_as_a_wrong_code(
    connect: Connect, admission: AdmissionPolicy
) -> None:
    pair = connect(WRONG)
    pair.exchange()
    pair.call.receive_data(b"", NOW_US)
    assert pair.call.take_events() == [
        WrongCode("Alice", ADDRESS, 1, is_last=False, was_completed=False)
    ]
    assert pair.call.phase is Phase.CLOSED
    assert admission.guesses.total == 1


def test_eviction_before_the_answer_counts_as_a_wrong_code(connect: Connect) -> None:
    pair = connect(WRONG)
    pair.exchange()
    pair.call.evict()
    (event,) = pair.call.take_events()
    assert isinstance(event, WrongCode)
    assert pair.call.phase is Phase.CLOSED


def test_too_many_guesses_are_rejected_with_a_wait_and_not_counted(
    connect: Connect, admission: AdmissionPolicy
) -> None:
    for _ in range(7):
        admission.guesses.begin(ADDRESS, NOW_US)
    pair = connect(CODE)
    pair.exchange()
    reason, wait_s = pair.rejection
    assert reason == Reason.TOO_MANY_WRONG_CODES
    assert 10 < wait_s < 60
    assert admission.guesses.total == 7
    (event,) = pair.events
    assert isinstance(event, Refusal)
    assert event.event.reason == Reason.TOO_MANY_WRONG_CODES


def test_blocked_codes_are_rejected_without_a_wait(
    connect: Connect, admission: AdmissionPolicy
) -> None:
    for number in range(MAX_GUESSES):
        admission.guesses.begin(f"10.1.0.{number}", NOW_US)
    pair = connect(CODE)
    pair.exchange()
    assert pair.rejection == (Reason.TOO_MANY_WRONG_CODES, 0)


def test_unknown_caller_without_a_code_is_rejected(
    connect: Connect, admission: AdmissionPolicy
) -> None:
    pair = connect()
    pair.exchange()
    assert pair.rejection == (Reason.CODE_NEEDED, 0)
    assert pair.call.due_us is None
    assert admission.guesses.total == 0


@pytest.mark.parametrize("reason", [Reason.BUSY, Reason.DO_NOT_DISTURB])
def test_refusal_of_the_policy_reaches_the_caller_after_hello(
    connect: Connect, reason: Reason
) -> None:
    pair = connect(CODE, refusal=reason)
    pair.exchange()
    assert pair.rejection == (reason, 0)
    assert pair.call.phase is Phase.LEAVING
    (event,) = pair.events
    assert isinstance(event, Refusal)
    assert (event.event.reason, event.event.peer) == (reason, "Alice")


def test_line_that_becomes_busy_during_the_handshake_is_checked_before_the_ring(
    connect: Connect,
) -> None:
    pair = connect(CODE)
    pair.exchange()
    pair.refusal = Reason.BUSY
    pair.exchange(NOW_US + SHORTEST_US)
    assert pair.rejection == (Reason.BUSY, 0)


def test_caller_who_abandoned_many_rings_has_to_wait(
    connect: Connect, admission: AdmissionPolicy
) -> None:
    admission.is_open = True
    for _ in range(FREE + 2):
        admission.rings.note_given_up(ADDRESS, NOW_US)
    pair = connect()
    pair.exchange()
    assert pair.rejection == (Reason.RANG_TOO_OFTEN, 4)


def test_ringing_caller_is_pinged_once_a_second(ringing: Pair) -> None:
    assert ringing.call.link.clock.rtt_us == 0, "the first ping and its pong"
    ringing.call.on_time(NOW_US + RING_PING_US - 1)
    assert not ringing.call.link.outgoing
    ringing.call.on_time(NOW_US + RING_PING_US)
    assert ringing.call.link.outgoing


def test_accept_makes_it_a_call_at_both_ends(ringing: Pair) -> None:
    ringing.call.accept(NOW_US)
    ringing.exchange()
    assert ringing.call.link.state is State.CALL
    assert ringing.caller.state is State.CALL
    assert ringing.call.phase is Phase.RINGING
    assert not ringing.events


def test_reject_tells_the_caller_and_leaves(ringing: Pair) -> None:
    ringing.call.reject(Reason.DECLINED, NOW_US)
    ringing.exchange()
    assert ringing.rejection == (Reason.DECLINED, 0)
    assert ringing.call.phase is Phase.LEAVING
    assert not ringing.events, "the session reports its own answer"


def test_lost_connection_while_accepting_ends_the_ring(ringing: Pair) -> None:
    ringing.call.accept(NOW_US)
    ringing.call.lose_connection(LinkLost("gone"), NOW_US)
    assert ringing.call.take_events() == [RingGone(1, RingLoss.HUNG_UP)]
    assert ringing.call.phase is Phase.CLOSED


def test_caller_that_hangs_up_gets_a_bye_and_is_counted(
    ringing: Pair, admission: AdmissionPolicy
) -> None:
    for _ in range(FREE):
        admission.rings.note_given_up(ADDRESS, NOW_US)
    ringing.caller.send(Bye())
    ringing.call.receive_data(taken(ringing.caller), NOW_US)
    assert ringing.call.take_events() == [RingGone(1, RingLoss.HUNG_UP)]
    assert ringing.call.phase is Phase.LEAVING
    assert ringing.call.link.outgoing, "the bye"
    assert admission.rings.wait_us(ADDRESS, NOW_US) > 0


def test_silent_caller_loses_its_ring(ringing: Pair) -> None:
    ringing.call.on_time(NOW_US + SILENCE_US)
    assert not is_closed(ringing)
    ringing.call.on_time(NOW_US + SILENCE_US + 1)
    assert ringing.call.take_events() == [RingGone(1, RingLoss.SILENT)]
    assert is_closed(ringing)


def test_end_of_the_program_is_told_to_a_ringing_caller(ringing: Pair) -> None:
    ringing.call.end()
    ringing.caller.receive_data(taken(ringing.call.link), NOW_US)
    assert ringing.rejection == (Reason.PROGRAM_ENDED, 0)


def test_data_that_does_not_decrypt_loses_the_ring(ringing: Pair) -> None:
    ringing.call.receive_data(b"no TLS record", NOW_US)
    assert ringing.call.take_events() == [RingGone(1, RingLoss.HUNG_UP)]
    assert is_closed(ringing)


def test_stranger_is_refused_with_its_reason(connect: Connect) -> None:
    pair = connect()
    pair.call.receive_data(b"GET / HTTP/1.1\r\n\r\n", NOW_US)
    (event,) = pair.call.take_events()
    assert isinstance(event, Refusal)
    assert event.event.reason == "not_our_protocol"
    assert is_closed(pair)


def test_caller_that_leaves_before_tls_is_not_reported(connect: Connect) -> None:
    pair = connect()
    pair.call.receive_data(b"", NOW_US)
    assert pair.call.take_events() == []
    assert is_closed(pair)


def test_slow_handshake_times_out(connect: Connect) -> None:
    pair = connect()
    pair.call.on_time(NOW_US + STEP_LIMIT_US)
    assert not is_closed(pair)
    pair.call.on_time(NOW_US + STEP_LIMIT_US + 1)
    (event,) = pair.call.take_events()
    assert isinstance(event, Refusal)
    assert event.event.reason == "timed_out"
    assert is_closed(pair)


def test_leaving_call_discards_bytes_until_the_end_or_the_limit(
    connect: Connect, ringing: Pair
) -> None:
    ringing.call.reject(Reason.DECLINED, NOW_US)
    ringing.call.receive_data(b"anything", NOW_US)
    assert not is_closed(ringing)
    ringing.call.receive_data(b"", NOW_US)
    assert is_closed(ringing)
    slow = connect()
    slow.exchange()
    slow.call.reject(Reason.DECLINED, NOW_US)
    slow.call.on_time(NOW_US + LEAVING_US - 1)
    assert not is_closed(slow)
    slow.call.on_time(NOW_US + LEAVING_US)
    assert is_closed(slow)


def test_lost_connection_of_a_leaving_call_closes_it_quietly(ringing: Pair) -> None:
    ringing.call.reject(Reason.DECLINED, NOW_US)
    ringing.call.lose_connection(LinkLost("gone"), NOW_US)
    assert ringing.call.take_events() == []
    assert is_closed(ringing)
