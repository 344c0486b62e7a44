"""call/outgoing/dialer.py: the candidate whose answer counts. The attempts are scripted."""

import time
from collections.abc import Callable, Generator, Mapping, Sequence
from threading import Timer

import pytest
from msgspec.structs import replace

from call.inbox import Inbox, Refused, ThreadEnded, ToldToWait
from call.outgoing.dialer import MAX_WAIT_S, Dialer
from call.outgoing.resolver import Candidate
from core.threads import Threads
from core.wake_up import WakeUp
from net.errors import NetError, NoReply, NotTrusted
from net.link.address import HostPort
from net.protocol.reasons import Reason
from net.trust.known_peers import KnownPeer
from tests.support.deadline import DEADLINE_S
from tests.support.peer_process import wait_until
from ui.view import CallTarget, TargetKind

BUSY, WRONG = Refused("busy", "Eve"), Refused("wrong code", "")
CANDIDATES = [Candidate(HostPort(f"10.0.0.{number}", 5000)) for number in range(3)]


class ScriptedResolver:
    """Candidates with one number."""

    target = CallTarget(TargetKind.CODE, "7")
    unknown_words: Mapping[str, Sequence[str]] = {}

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        self._candidates = candidates

    def candidates(self) -> Generator[Candidate]:
        yield from self._candidates

    def cancel(self) -> None:
        pass


class ScriptedAttempt:
    """An attempt with a given outcome."""

    def __init__(
        self,
        outcome: Refused | NetError | None,
        on_connect: Callable[[], None],
        on_close: Callable[[], None],
        *,
        is_proven: bool,
    ) -> None:
        self.is_proven = is_proven
        self.connect = on_connect
        self.close = on_close
        self._outcome = outcome

    def run(self) -> Refused | None:
        if isinstance(self._outcome, NetError):
            raise self._outcome
        return self._outcome

    def cancel(self) -> None:
        pass


class Call:
    """A dialer whose attempts have the given outcomes, one after another."""

    def __init__(
        self,
        *outcomes: Refused | NetError | None,
        candidates: Sequence[Candidate] = CANDIDATES,
        is_proven: bool = False,
        may_ring: bool = True,
    ) -> None:
        self.tried: list[Candidate] = []
        self.connected = self.closed = 0
        self.inbox = Inbox()
        self._outcomes = list(outcomes)
        self._is_proven = is_proven
        self.dialer = Dialer(ScriptedResolver(candidates), self._make_attempt, self.inbox)
        if may_ring:
            self.dialer.allow_ring()

    def _make_attempt(
        self, candidate: Candidate, wake_up: WakeUp, on_ring: Callable[[], None]
    ) -> ScriptedAttempt:
        self.tried.append(candidate)
        outcome = self._outcomes.pop(0)
        return ScriptedAttempt(
            outcome, self._note_connect, self._note_close, is_proven=self._is_proven
        )

    def _note_connect(self) -> None:
        self.connected += 1

    def _note_close(self) -> None:
        self.closed += 1


def test_busy_candidate_does_not_end_the_search() -> None:
    call = Call(BUSY, WRONG, None)
    call.dialer.run()
    assert call.tried == CANDIDATES
    assert call.inbox.take(0) is None, "the third has accepted"


def test_refusal_of_a_candidate_that_knows_the_code_is_final() -> None:
    call = Call(BUSY, is_proven=True)
    call.dialer.run()
    assert call.tried == CANDIDATES[:1]
    assert call.inbox.take(0) == BUSY


def test_another_refusal_is_posted_rather_than_a_wrong_code() -> None:
    call = Call(WRONG, BUSY, WRONG)
    call.dialer.run()
    assert call.inbox.take(0) == BUSY


def test_refusal_counts_more_than_a_missing_reply() -> None:
    call = Call(NoReply("a"), WRONG, NoReply("b"))
    call.dialer.run()
    assert call.inbox.take(0) == WRONG


def test_failed_proof_counts_more_than_a_missing_reply() -> None:
    call = Call(NoReply("a"), NotTrusted("b"), NoReply("c"))
    with pytest.raises(NotTrusted):
        call.dialer.run()
    assert call.tried == CANDIDATES


def test_dial_thread_posts_the_outcome_and_its_end() -> None:
    call, threads = Call(BUSY, WRONG, WRONG), Threads()
    call.dialer.start(threads)
    assert threads.join(DEADLINE_S) == []
    assert call.tried == CANDIDATES
    assert [call.inbox.take(0), call.inbox.take(0)] == [BUSY, ThreadEnded("dial", None)]


def test_dialer_connects_and_rings_no_candidate_before_it_may() -> None:
    # One more attempt: where this test takes long, the early connection is replaced.
    call, threads = Call(BUSY, BUSY, candidates=CANDIDATES[:1], may_ring=False), Threads()
    call.dialer.start(threads)
    wait_until(lambda: call.connected > 0, "it connects")
    assert call.inbox.take(0) is None
    call.dialer.allow_ring()
    assert threads.join(DEADLINE_S) == []
    assert call.inbox.take(0) == BUSY


def test_early_connection_is_replaced_if_the_program_takes_long_to_load(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The listener would have closed it."""
    monkeypatch.setattr("call.outgoing.dialer.EARLY_LIMIT_S", 0.01)
    call, threads = Call(None, BUSY, candidates=CANDIDATES[:1], may_ring=False), Threads()
    call.dialer.start(threads)
    wait_until(lambda: call.closed > 0, "the early connection is closed")
    assert call.connected == 1
    call.dialer.allow_ring()
    assert threads.join(DEADLINE_S) == []
    assert (call.connected, call.closed) == (2, 1)
    assert call.tried == [CANDIDATES[0]] * 2
    assert call.inbox.take(0) == BUSY


def test_dialer_that_may_not_ring_ends_when_it_is_cancelled() -> None:
    call, threads = Call(None, None, candidates=CANDIDATES[:1], may_ring=False), Threads()
    call.dialer.start(threads)
    call.dialer.cancel()
    assert threads.join(DEADLINE_S) == []


SOON = Refused(Reason.TOO_MANY_WRONG_CODES, "Bob", 2)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let waits take no time; return the list of those requested."""
    waited: list[float] = []
    monkeypatch.setattr(WakeUp, "wait", lambda wake_up, limit_s: waited.append(limit_s))
    return waited


def test_candidate_that_takes_no_code_yet_is_tried_again_after_the_others(
    waits: list[float],
) -> None:
    call = Call(SOON, WRONG, WRONG, None)
    call.dialer.run()
    assert call.tried == [*CANDIDATES, CANDIDATES[0]]
    assert waits == [2]
    assert call.inbox.take(0) == ToldToWait("Bob", 2)
    assert call.inbox.take(0) is None, "it has accepted"


def test_last_answer_of_a_candidate_counts(waits: list[float]) -> None:
    call = Call(WRONG, SOON, WRONG, WRONG)
    call.dialer.run()
    assert call.inbox.take(0) == ToldToWait("Bob", 2)
    assert call.inbox.take(0) == WRONG


def test_waits_are_bounded_in_total(waits: list[float]) -> None:
    late = Refused(Reason.TOO_MANY_WRONG_CODES, "Bob", MAX_WAIT_S + 1)
    call = Call(late, SOON, SOON, *([SOON] * 100))
    call.dialer.run()
    assert sum(waits) <= MAX_WAIT_S
    events = [call.inbox.take(0) for _ in waits]
    assert all(isinstance(event, ToldToWait) for event in events)
    assert call.inbox.take(0) in (late, SOON)


def test_expected_peer_is_also_waited_for(waits: list[float]) -> None:
    bob = KnownPeer(b"b" * 32, "Bob", "Bob", "", 0, b"")
    expected = replace(CANDIDATES[0], expected=bob)
    call = Call(SOON, None, candidates=[expected, *CANDIDATES[1:]])
    call.dialer.run()
    assert call.tried == [expected, expected]
    assert waits == [2]


def test_cancel_ends_a_wait() -> None:
    call = Call(Refused(Reason.TOO_MANY_WRONG_CODES, "Bob", MAX_WAIT_S), WRONG, BUSY)
    begun_s = time.monotonic()
    Timer(0.2, call.dialer.cancel).start()
    call.dialer.run()
    assert time.monotonic() - begun_s < MAX_WAIT_S / 2
    assert call.tried == CANDIDATES
