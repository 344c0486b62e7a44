"""call/outgoing/callee_search.py: which advertisements may be the callee's."""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

import pytest

from call.outgoing import callee_search
from call.outgoing.callee_search import CalleeSearch
from net.errors import DiscoveryFailed
from net.link.address import HostPort
from net.link.advertisement import Advertisement
from net.link.discovery import Search
from net.trust.discovery_tag import discovery_tag
from net.trust.known_peers import KnownPeers, PeerDetails
from tests.support.deadline import DEADLINE_S

BOB, SECRET, NONCE = b"b" * 32, b"s" * 32, b"n" * 16


def advertisement(number: int | None = None, name: str = "", tags: bytes = b"") -> Advertisement:
    return Advertisement(("10.0.0.9",), 5000, number, NONCE, tags, name)


MISS = advertisement(8, "Mallory")
TAGGED = advertisement(tags=discovery_tag(SECRET, NONCE, "10.0.0.9", 5000))


class EndingSearch:
    """A search that finds one advertisement, and then waits for its end."""

    def __init__(self, found: Advertisement) -> None:
        self._found = [MISS, found]
        self._is_cancelled = threading.Event()

    def next(self, timeout_s: float) -> Advertisement | None:
        if self._found:
            return self._found.pop(0)
        self._is_cancelled.wait(timeout_s)
        return None

    def cancel(self) -> None:
        self._is_cancelled.set()

    def close(self) -> None:
        self._is_cancelled.set()


class Searching:
    """A search in its thread, for Bob, who was called by the code 7."""

    def __init__(self, known: KnownPeers, make_search: Callable[[], EndingSearch]) -> None:
        self.found = threading.Event()
        self.added: list[HostPort] = []
        self.search = CalleeSearch(
            known,
            BOB,
            name="Bob",
            number=7,
            add=self._add,
            make_search=cast(Callable[[], Search], make_search),
        )
        self._thread = threading.Thread(target=self.search.run)
        self._thread.start()

    def _add(self, addresses: Sequence[HostPort]) -> None:
        self.added += addresses
        self.found.set()

    def end(self) -> None:
        self.search.cancel()
        self._thread.join(DEADLINE_S)
        assert not self._thread.is_alive()


@pytest.fixture(name="known")
def _known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> KnownPeers:
    monkeypatch.setattr(callee_search, "SEARCH_AFTER_S", 0.01)
    known = KnownPeers(tmp_path / "peers")
    known.remember(BOB, PeerDetails("Bob", "10.0.0.2", 5001, SECRET, was_reached=True))
    return known


@pytest.mark.parametrize(
    "found",
    [advertisement(7), advertisement(name="Bob"), TAGGED],
    ids=["number", "name", "tag"],
)
def test_callee_is_recognized_by_number_name_or_tag_and_no_other_is_dialled(
    found: Advertisement, known: KnownPeers
) -> None:
    searching = Searching(known, lambda: EndingSearch(found))
    assert searching.found.wait(DEADLINE_S)
    searching.end()
    assert searching.added == [HostPort("10.0.0.9", 5000)]


def test_search_is_tried_again_when_there_is_a_network(
    known: KnownPeers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(callee_search, "STEP_S", 0.01)
    failures = [DiscoveryFailed("no network")]

    def make_search() -> EndingSearch:
        if failures:
            raise failures.pop()
        return EndingSearch(TAGGED)

    searching = Searching(known, make_search)
    assert searching.found.wait(DEADLINE_S)
    searching.end()


def test_link_that_is_back_soon_is_not_searched_for(
    known: KnownPeers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(callee_search, "SEARCH_AFTER_S", DEADLINE_S)
    searching = Searching(known, lambda: pytest.fail("it searched"))
    searching.end()
    assert not searching.added
