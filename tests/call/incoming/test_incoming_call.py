"""call/incoming/incoming_call.py: a claimed code gets one answer, and counts once."""

import contextlib
import selectors
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from call.incoming.admission_policy import AdmissionPolicy
from call.incoming.incoming_call import RING_PING_US, Guess, IncomingCall, say_last_word
from call.local_peer import LocalPeer
from net.errors import LinkLost
from net.link.pending_link import PendingLink
from net.link.tls import TlsStream, client_context, server_context
from net.protocol.control import Ringing
from net.protocol.reasons import Reason
from net.protocol.states import State
from net.trust.call_code import CallCode, parse_code
from net.trust.guess_limit import MAX_GUESSES, SHORTEST_US
from net.trust.identity import Identity, load_or_make_identity
from net.trust.known_peers import KnownPeers

NOW_US = 1_000_000_000
EVIL = "10.0.0.66"
CODE = parse_code("7-rabbit-lamp")


@pytest.fixture(scope="module")
def alice(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    """She calls."""
    return load_or_make_identity(tmp_path_factory.mktemp("alice"))


@pytest.fixture(scope="module")
def bob(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    """He is called."""
    return load_or_make_identity(tmp_path_factory.mktemp("bob"))


class Visit:
    """One caller, and the incoming that Bob's listener sees in it."""

    def __init__(
        self, alice: Identity, bob: Identity, admission: AdmissionPolicy, code: CallCode | None
    ) -> None:
        near, far = self._sockets = socket.socketpair()
        for each in self._sockets:
            each.setblocking(False)
        callee = PendingLink(
            far,
            TlsStream(server_context(bob), server_side=True),
            lambda tls: LocalPeer(bob, "Bob", [], []).as_callee(lambda: ""),
            address=EVIL,
            opened_us=NOW_US,
        )
        self.incoming = IncomingCall(1, callee, EVIL, admission)
        self.caller = PendingLink(
            near,
            TlsStream(client_context(), server_side=False),
            lambda tls: LocalPeer(alice, "Alice", [], []).as_caller(
                bob.fingerprint, code=code, expected=None
            ),
            address="10.0.0.1",
            opened_us=NOW_US,
        )
        self.caller.start()

    def close(self) -> None:
        for each in self._sockets:
            each.close()

    def go_on(self, now_us: int = NOW_US) -> None:
        """Let both read until nobody has anything more to say."""
        both = selectors.EVENT_READ | selectors.EVENT_WRITE
        for _ in range(8):
            if self.incoming.pending.state is not State.ENDED:
                self.incoming.on_events(both, now_us)
                self.incoming.on_time(now_us)
                self.incoming.pending.flush()
            if self.caller.state is not State.ENDED:
                self.caller.on_readable(now_us)

    @property
    def refusal(self) -> tuple[str | None, int]:
        assert self.caller.handshake is not None
        return self.caller.handshake.rejection, self.caller.handshake.wait_s


@pytest.fixture
def admission(tmp_path: Path, bob: Identity) -> AdmissionPolicy:
    return AdmissionPolicy(
        CODE, KnownPeers(tmp_path / "known.json"), bob.fingerprint, is_open=False
    )


@pytest.fixture
def visits(alice: Identity, bob: Identity, admission: AdmissionPolicy) -> Iterator["Visits"]:
    with contextlib.closing(Visits(alice, bob, admission)) as made:
        yield made


class Visits:
    """Makes them, and closes them at the end of a test."""

    def __init__(self, alice: Identity, bob: Identity, admission: AdmissionPolicy) -> None:
        self._ends = alice, bob, admission
        self._made: list[Visit] = []

    def __call__(self, code: CallCode | None) -> Visit:
        visit = Visit(*self._ends, code)
        self._made.append(visit)
        return visit

    def close(self) -> None:
        for visit in self._made:
            visit.close()


def test_the_answer_comes_when_it_is_due_and_not_before(
    visits: Visits, admission: AdmissionPolicy
) -> None:
    visit = visits(CODE)
    visit.go_on()
    assert admission.guesses.total == 1, "it counts from here on"
    due_us = visit.incoming.due_us
    assert due_us == NOW_US + SHORTEST_US
    visit.go_on(NOW_US + SHORTEST_US - 1)
    assert visit.caller.state is State.AWAITS_ANSWER
    visit.go_on(NOW_US + SHORTEST_US)
    assert visit.incoming.guess is Guess.RIGHT
    assert admission.guesses.total == 0, "it was none"
    assert visit.incoming.due_us is None
    assert visit.incoming.pending.state is State.RINGING


def test_wrong_words_are_refused_and_stay_counted(
    visits: Visits, admission: AdmissionPolicy
) -> None:
    visit = visits(parse_code("7-rabbit-rabbit"))
    visit.go_on()
    visit.go_on(NOW_US + SHORTEST_US)
    assert visit.incoming.guess is Guess.WRONG
    assert visit.refusal == (Reason.WRONG_CODE, 0)
    assert admission.guesses.total == 1


def test_who_leaves_before_the_answer_has_guessed(
    visits: Visits, admission: AdmissionPolicy
) -> None:
    visit = visits(parse_code("7-rabbit-rabbit"))
    visit.go_on()
    visit.caller.close()
    with pytest.raises(LinkLost):
        visit.incoming.on_events(selectors.EVENT_READ, NOW_US)
    assert visit.incoming.guess is Guess.OPEN
    assert admission.guesses.total == 1


def test_who_has_guessed_too_often_is_told_how_long_to_wait(
    visits: Visits, admission: AdmissionPolicy
) -> None:
    for _ in range(7):
        admission.guesses.begin(EVIL, NOW_US)
    visit = visits(CODE)
    visit.go_on()
    reason, wait_s = visit.refusal
    assert reason == Reason.TOO_MANY_WRONG_CODES
    assert 10 < wait_s < 60
    assert visit.incoming.guess is Guess.NONE
    assert admission.guesses.total == 7, "it was not taken, so it is no guess"


def test_after_fifty_a_caller_waits_for_a_person(
    visits: Visits, admission: AdmissionPolicy
) -> None:
    for number in range(MAX_GUESSES):
        admission.guesses.begin(f"10.1.0.{number}", NOW_US)
    visit = visits(CODE)
    visit.go_on()
    assert visit.refusal == (Reason.TOO_MANY_WRONG_CODES, 0)


def test_without_a_code_there_is_no_guess_and_nothing_is_due(
    visits: Visits, admission: AdmissionPolicy
) -> None:
    visit = visits(None)
    visit.go_on()
    assert visit.incoming.guess is Guess.NONE
    assert visit.incoming.due_us is None
    assert admission.guesses.total == 0
    assert visit.incoming.pending.state is State.RINGING


def test_a_visitor_that_was_told_to_stop_owes_no_answer(visits: Visits) -> None:
    visit = visits(CODE)
    visit.go_on()
    visit.incoming.stop()
    assert visit.incoming.due_us is None
    visit.go_on(NOW_US + 10 * SHORTEST_US)
    assert visit.caller.state is State.AWAITS_ANSWER


def test_while_it_rings_it_is_pinged_once_a_second_and_its_clock_is_known(visits: Visits) -> None:
    visit = visits(None)
    visit.go_on()
    visit.incoming.pending.send(Ringing("Bob"))
    visit.incoming.rings = True
    assert visit.incoming.clock.rtt_us is None
    visit.go_on(NOW_US + RING_PING_US)
    assert visit.incoming.clock.rtt_us == 0


def test_a_caller_who_rings_while_the_program_ends_is_told(visits: Visits) -> None:
    visit = visits(None)
    visit.go_on()
    visit.incoming.pending.send(Ringing("Bob"))
    visit.incoming.rings = True
    visit.go_on()
    say_last_word(visit.incoming, Reason.DECLINED)
    with contextlib.suppress(LinkLost):
        visit.caller.on_readable(NOW_US)
    assert visit.refusal == (Reason.DECLINED, 0)
