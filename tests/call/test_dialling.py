"""call/dialling.py: which of several places is the last word. What a place says is given here."""

from collections.abc import Generator
from pathlib import Path

import pytest

from call.dialling import Dialling
from call.inbox import Inbox, Refused
from call.introduction import Introduction
from call.routes import Place
from net.errors import NetError, NoReply, NotTrusted
from net.link.address import HostPort
from net.trust.identity import load_or_make
from net.trust.known_peers import KnownPeers

BUSY, WRONG = Refused("busy", "Eve"), Refused("wrong code", "")
PLACES = [Place(HostPort(f"10.0.0.{number}", 5000)) for number in range(3)]


class Route:
    """Three places with one number."""

    label, hint = "Number 7", ""

    def places(self) -> Generator[Place]:
        yield from PLACES

    def cancel(self) -> None:
        pass


class Attempt:
    """A dial thread to which each place says what it is told to."""

    def __init__(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, *says: Refused | NetError | None
    ) -> None:
        self.tried: list[Place] = []
        self.inbox = Inbox()
        self._says = list(says)
        self.dialling = Dialling(
            Route(),
            lambda name, body: None,
            Introduction(load_or_make(folder), "Ann", [], []),
            KnownPeers(folder / "known_peers.json"),
            self.inbox,
            lambda: 0,
            silence_timeout_us=1_000_000,
        )
        monkeypatch.setattr(self.dialling, "_try", self._try)

    def _try(self, place: Place) -> Refused | None:
        self.tried.append(place)
        said = self._says.pop(0)
        if isinstance(said, NetError):
            raise said
        return said


def test_somebody_busy_with_the_same_number_ends_no_search(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = Attempt(tmp_path, monkeypatch, BUSY, WRONG, None)
    attempt.dialling.run()
    assert attempt.tried == PLACES
    assert attempt.inbox.take(0) is None, "the third has rung"


def test_where_all_refuse_the_one_says_why_who_was_not_asked_for_the_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = Attempt(tmp_path, monkeypatch, WRONG, BUSY, WRONG)
    attempt.dialling.run()
    assert attempt.inbox.take(0) == BUSY


def test_a_refusal_says_more_than_a_place_where_nobody_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = Attempt(tmp_path, monkeypatch, NoReply("a"), WRONG, NoReply("b"))
    attempt.dialling.run()
    assert attempt.inbox.take(0) == WRONG


def test_who_did_not_prove_it_is_told_before_who_did_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = Attempt(tmp_path, monkeypatch, NoReply("a"), NotTrusted("b"), NoReply("c"))
    with pytest.raises(NotTrusted):
        attempt.dialling.run()
    assert attempt.tried == PLACES
