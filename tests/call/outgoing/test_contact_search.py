"""call/outgoing/contact_search.py: who is around, whom the user knows, and who has left."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from call.inbox import ContactsFound
from call.outgoing import contact_search
from call.outgoing.contact_search import ContactSearch, list_contacts
from net.errors import DiscoveryFailed
from net.link.advertisement import Advertisement
from net.trust.discovery_tag import NONCE_BYTES, discovery_tag
from net.trust.known_peers import KnownPeer, KnownPeers, PeerDetails
from net.trust.known_peers_file import KNOWN_PEERS_FILE
from tests.support.deadline import DEADLINE_S
from tests.support.peer_process import wait_until
from ui.lobby_view import MAX_SHOWN, Contact

SECRET, NONCE = b"s" * 32, b"n" * NONCE_BYTES
BOB = KnownPeer(b"b" * 32, "Bob", "Bobby", "10.0.0.9", 5000, SECRET)
CARL = KnownPeer(b"c" * 32, "Carl", "Carl", "", 0, b"")


def advertise(host: str, *, name: str = "", tags: bytes = b"") -> Advertisement:
    return Advertisement((host,), 5000, 7, NONCE, tags, name)


def test_known_peer_is_recognized_by_its_tag_and_shown_first() -> None:
    tagged = advertise("10.0.0.2", tags=discovery_tag(SECRET, NONCE, "10.0.0.2", 5000))
    contacts = list_contacts([CARL, BOB], [advertise("10.0.0.3", name="Dora"), tagged])
    assert contacts == (
        Contact("Bob", "Bob", 7, "10.0.0.2:5000", is_known=True),
        Contact("", "Dora", 7, "10.0.0.3:5000"),
        Contact("Carl", "Carl", is_known=True),
    )


def test_name_alone_makes_nobody_known_and_is_cleaned() -> None:
    contacts = list_contacts([BOB], [advertise("10.0.0.3", name="Bob\x1b[2J\u202e")])
    assert contacts[0] == Contact("", "Bob[2J", 7, "10.0.0.3:5000")
    assert not contacts[0].is_known
    assert not contacts[1].is_around


class FakeNetwork:
    """A network whose listeners the test sets."""

    def __init__(self) -> None:
        self.present: list[Advertisement] = []
        self.is_down = False
        self.searches = 0

    def search(self) -> "FakeSearch":
        self.searches += 1
        if self.is_down:
            raise DiscoveryFailed("There is no network")
        return FakeSearch(list(self.present))


class FakeSearch:
    def __init__(self, found: list[Advertisement]) -> None:
        self._found = found
        self._is_cancelled = threading.Event()

    def next(self, timeout_s: float) -> Advertisement | None:
        if self._found:
            return self._found.pop()
        self._is_cancelled.wait(timeout_s)
        return None

    def cancel(self) -> None:
        self._is_cancelled.set()

    def close(self) -> None:
        pass


class Searching:
    """A search in short rounds, and what it has posted."""

    def __init__(self, folder: Path) -> None:
        self.network = FakeNetwork()
        self.known = KnownPeers(folder / KNOWN_PEERS_FILE)
        self.posted: list[ContactsFound] = []
        self.search = ContactSearch(
            self.known,
            6000,
            self.posted.append,
            self.network.search,  # type: ignore[arg-type]  # a fake of the part that is used
        )
        self._thread = threading.Thread(target=self.search.run)
        self._thread.start()

    def wait_for(self, *contacts: Contact) -> None:
        wait_until(
            lambda: bool(self.posted) and self.posted[-1].contacts == contacts,
            f"{contacts} are posted",
        )

    def close(self) -> None:
        self.search.close()
        self._thread.join(DEADLINE_S)
        assert not self._thread.is_alive()


@pytest.fixture
def searching(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Searching]:
    monkeypatch.setattr(contact_search, "ROUND_S", 0.03)
    monkeypatch.setattr(contact_search, "PAUSE_S", 0.01)
    started = Searching(tmp_path)
    yield started
    started.close()


def test_listener_that_stops_answering_leaves_the_list(searching: Searching) -> None:
    searching.network.present = [advertise("10.0.0.3")]
    searching.wait_for(Contact("", "", 7, "10.0.0.3:5000"))
    searching.network.present = []
    searching.wait_for()


def test_peer_that_becomes_known_is_listed(searching: Searching) -> None:
    wait_until(lambda: bool(searching.posted), "the known peers are posted")
    assert searching.posted[0] == ContactsFound((), is_search_over=False)
    searching.known.remember(b"d" * 32, PeerDetails("Dora"))
    searching.wait_for(Contact("Dora", "Dora", is_known=True))


def test_flood_of_listeners_is_bounded(searching: Searching) -> None:
    searching.network.present = [advertise(f"10.0.{n // 200}.{n % 200}") for n in range(400)]
    wait_until(
        lambda: bool(searching.posted) and len(searching.posted[-1].contacts) == MAX_SHOWN,
        "the list is full",
    )
    assert all(len(event.contacts) <= MAX_SHOWN for event in searching.posted)


def test_missing_network_is_said_and_searched_again(searching: Searching) -> None:
    searching.network.is_down = True
    wait_until(
        lambda: bool(searching.posted) and searching.posted[-1].problem != "", "a problem is posted"
    )
    searching.network.is_down = False
    wait_until(lambda: searching.posted[-1].problem == "", "the search goes on")
    assert searching.posted[-1].is_search_over


def test_nothing_is_searched_during_a_call(searching: Searching) -> None:
    wait_until(lambda: searching.network.searches > 0, "a search has begun")
    searching.search.pause()
    # One round may be under way, and another may have passed the check.
    limit = searching.network.searches + 2
    threading.Event().wait(0.3)
    assert searching.network.searches <= limit
    searching.search.resume()
    wait_until(lambda: searching.network.searches > limit, "the search goes on")
