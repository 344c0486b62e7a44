"""call/outgoing/dialer.py: which candidate's answer counts. The candidates are scripted."""

import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Timer

import pytest

from call.inbox import Inbox, Refused, ToldToWait
from call.local_peer import LocalPeer
from call.outgoing.dialer import MAX_WAIT_S, Dialer
from call.outgoing.resolver import Candidate
from core.wake_up import WakeUp
from net.errors import NetError, NoReply, NotTrusted
from net.link.address import HostPort
from net.protocol.reasons import Reason
from net.trust.identity import load_or_make_identity
from net.trust.known_peers import KnownPeer, KnownPeers
from net.trust.known_peers_file import KNOWN_PEERS_FILE
from ui.view import CallTarget, TargetKind

BUSY, WRONG = Refused("busy", "Eve"), Refused("wrong code", "")
PLACES = [Candidate(HostPort(f"10.0.0.{number}", 5000)) for number in range(3)]


class Resolver:
    """Three candidates with one number."""

    target = CallTarget(TargetKind.CODE, "7")
    unknown_words: Mapping[str, Sequence[str]] = {}

    def candidates(self) -> Generator[Candidate]:
        yield from PLACES

    def cancel(self) -> None:
        pass


class CallAttempt:
    """A dial thread to which each candidate says what it is told to."""

    def __init__(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, *says: Refused | NetError | None
    ) -> None:
        self.tried: list[Candidate] = []
        self.is_proven = False
        self.inbox = Inbox()
        self._says = list(says)
        self.dialling = Dialer(
            Resolver(),
            lambda name, body: None,
            LocalPeer(load_or_make_identity(folder), "Ann", [], []),
            KnownPeers(folder / KNOWN_PEERS_FILE),
            self.inbox,
            lambda: 0,
            silence_timeout_us=1_000_000,
        )
        monkeypatch.setattr(self.dialling, "_try", self._try)

    def _try(self, candidate: Candidate) -> tuple[Refused | None, bool]:
        self.tried.append(candidate)
        said = self._says.pop(0)
        if isinstance(said, NetError):
            raise said
        return said, self.is_proven


def test_somebody_busy_with_the_same_number_ends_no_search(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = CallAttempt(tmp_path, monkeypatch, BUSY, WRONG, None)
    attempt.dialling.run()
    assert attempt.tried == PLACES
    assert attempt.inbox.take(0) is None, "the third has rung"


def test_who_has_proven_to_know_the_code_has_the_last_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = CallAttempt(tmp_path, monkeypatch, BUSY)
    attempt.is_proven = True
    attempt.dialling.run()
    assert attempt.tried == PLACES[:1]
    assert attempt.inbox.take(0) == BUSY


def test_where_all_refuse_the_one_says_why_who_was_not_asked_for_the_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = CallAttempt(tmp_path, monkeypatch, WRONG, BUSY, WRONG)
    attempt.dialling.run()
    assert attempt.inbox.take(0) == BUSY


def test_a_refusal_says_more_than_a_place_where_nobody_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = CallAttempt(tmp_path, monkeypatch, NoReply("a"), WRONG, NoReply("b"))
    attempt.dialling.run()
    assert attempt.inbox.take(0) == WRONG


def test_who_did_not_prove_it_is_told_before_who_did_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = CallAttempt(tmp_path, monkeypatch, NoReply("a"), NotTrusted("b"), NoReply("c"))
    with pytest.raises(NotTrusted):
        attempt.dialling.run()
    assert attempt.tried == PLACES


SOON = Refused(Reason.TOO_MANY_WRONG_CODES, "Bob", 2)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What is waited for, and takes no time here."""
    waited: list[float] = []
    monkeypatch.setattr(WakeUp, "wait", lambda wake_up, limit_s: waited.append(limit_s))
    return waited


def test_who_takes_no_code_yet_is_tried_again_after_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waits: list[float]
) -> None:
    attempt = CallAttempt(tmp_path, monkeypatch, SOON, WRONG, WRONG, None)
    attempt.dialling.run()
    assert attempt.tried == [*PLACES, PLACES[0]]
    assert waits == [2]
    assert attempt.inbox.take(0) == ToldToWait("Bob", 2)
    assert attempt.inbox.take(0) is None, "it has rung"


def test_the_last_word_of_a_place_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waits: list[float]
) -> None:
    attempt = CallAttempt(tmp_path, monkeypatch, WRONG, SOON, WRONG, WRONG)
    attempt.dialling.run()
    assert attempt.inbox.take(0) == ToldToWait("Bob", 2)
    assert attempt.inbox.take(0) == WRONG


def test_nobody_waits_long_or_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waits: list[float]
) -> None:
    late = Refused(Reason.TOO_MANY_WRONG_CODES, "Bob", MAX_WAIT_S + 1)
    attempt = CallAttempt(tmp_path, monkeypatch, late, SOON, SOON, *([SOON] * 100))
    attempt.dialling.run()
    assert sum(waits) <= MAX_WAIT_S
    said = [attempt.inbox.take(0) for _ in waits]
    assert all(isinstance(event, ToldToWait) for event in said)
    assert attempt.inbox.take(0) in (late, SOON)


def test_who_is_known_to_be_meant_is_waited_for_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waits: list[float]
) -> None:
    bob = KnownPeer(b"b" * 32, "Bob", "Bob", "", 0, b"")
    monkeypatch.setitem(globals(), "PLACES", [replace(PLACES[0], expected=bob), *PLACES[1:]])
    attempt = CallAttempt(tmp_path, monkeypatch, SOON, None)
    attempt.dialling.run()
    assert attempt.tried == [PLACES[0], PLACES[0]]
    assert waits == [2]


def test_who_gives_up_meanwhile_waits_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = CallAttempt(
        tmp_path, monkeypatch, Refused(Reason.TOO_MANY_WRONG_CODES, "Bob", MAX_WAIT_S), WRONG, BUSY
    )
    begun_s = time.monotonic()
    Timer(0.2, attempt.dialling.cancel).start()
    attempt.dialling.run()
    assert time.monotonic() - begun_s < MAX_WAIT_S / 2
    assert attempt.tried == PLACES
