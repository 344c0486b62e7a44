"""call/routes.py: what is typed leads somewhere; what is found on the network is only tried."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pytest

from call import routes
from call.errors import SettingsError
from call.routes import MAX_TRIED, CodeRoute, PeerRoute, TypedRoute, find_route
from net.errors import DiscoveryFailed, NotFound
from net.link.address import HostPort
from net.link.discovery import Advertisement, Search
from net.trust.call_code import parse_code
from net.trust.discovery_tag import discovery_tag
from net.trust.known_peers import KnownPeer, KnownPeers, News

SECRET, NONCE = b"s" * 32, b"n" * 16
CODE = parse_code("7-rabbit-lamp")
BOB = KnownPeer(b"b" * 32, "Bob", "Bob", "10.0.0.2", 5001, SECRET)


def heard(number: int | None, host: str, tags: bytes = b"") -> Advertisement:
    return Advertisement((host, "fd00::2"), 5000, number, NONCE, tags)


class FakeSearch:
    """A network on which these listeners are heard, one after another, and then nobody."""

    def __init__(self, found: Sequence[Advertisement]) -> None:
        self._found = list(found)
        self.is_closed = False
        self.is_cancelled = False

    def next(self, timeout_s: float) -> Advertisement | None:
        return self._found.pop(0) if self._found else None

    def cancel(self) -> None:
        self.is_cancelled = True

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody more comes on these networks."""
    for name in ("SEARCH_S", "MORE_S", "LAST_ADDRESS_S"):
        monkeypatch.setattr(routes, name, 0.05)


@pytest.fixture
def known(tmp_path: Path) -> KnownPeers:
    peers = KnownPeers(tmp_path / "known_peers.json")
    peers.remember(b"b" * 32, News("Bob", host="10.0.0.2", port=5001, discovery_secret=SECRET))
    peers.remember(b"c" * 32, News("Carol"))
    return peers


def on(*found: Advertisement) -> FakeSearch:
    return FakeSearch(found)


def code_route(search: FakeSearch) -> CodeRoute:
    return CodeRoute(CODE, lambda: cast(Search, search))


def peer_route(search: FakeSearch, peer: KnownPeer = BOB) -> PeerRoute:
    return PeerRoute(peer, lambda: cast(Search, search))


def test_a_code_is_a_code_a_name_is_a_name_and_all_else_is_a_host(known: KnownPeers) -> None:
    assert isinstance(find_route("7-rabbit-lamp", 5000, None, known), CodeRoute)
    assert isinstance(find_route("bob", 5000, None, known), PeerRoute)
    assert isinstance(find_route("bob.local", 5000, None, known), TypedRoute)


@pytest.mark.parametrize("text", ["7-nas-box.local", "rack-7", "blue-river", "a7-lamp-lamp"])
def test_a_host_that_is_like_a_code_is_a_host(known: KnownPeers, text: str) -> None:
    assert isinstance(find_route(text, 5000, None, known), TypedRoute)


def test_no_name_stands_in_the_way_of_an_address(known: KnownPeers, tmp_path: Path) -> None:
    """Not even one that an older version has let in."""
    known.rename("Carol", "Dora")
    file = tmp_path / "known_peers.json"
    for name in ("10.0.0.9", "\uff11\uff10.0.0.9", "localhost"):
        file.write_text(file.read_text().replace('"Dora"', f'"{name}"'))
        for typed in ("10.0.0.9", "localhost"):
            assert isinstance(find_route(typed, 5000, None, known), TypedRoute)
        file.write_text(file.read_text().replace(f'"{name}"', '"Dora"'))


def test_a_host_of_somebody_known_has_to_have_that_key(known: KnownPeers) -> None:
    [place] = find_route("10.0.0.2:5001", 5000, None, known).places()
    assert place.expected is not None
    assert place.expected.name == "Bob"
    [place] = find_route("10.0.0.2", 5000, None, known).places()
    assert place.expected is None, "another port, another program"


def test_with_a_code_the_code_decides(known: KnownPeers) -> None:
    [place] = find_route("10.0.0.2:5001", 5000, "7-rabbit-lamp", known).places()
    assert (place.target, place.code, place.expected) == (HostPort("10.0.0.2", 5001), CODE, None)


def test_somebody_known_is_found_for_a_code_too(known: KnownPeers) -> None:
    """Such as one who has forgotten us, and listens at another port now."""
    assert isinstance(find_route("Bob", 5000, "7-rabbit-lamp", known), PeerRoute)
    tag = discovery_tag(SECRET, NONCE, "10.0.0.77", 5000)
    search = on(heard(7, "10.0.0.77", tag))
    route = PeerRoute(BOB, lambda: cast(Search, search), code=CODE)
    found, last = route.places()
    assert found.target == HostPort("10.0.0.77", 5000)
    assert last.target == HostPort("10.0.0.2", 5001)
    for place in (found, last):
        assert (place.code, place.expected) == (CODE, BOB), "nobody else, code or not"


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("Bob Smith", None, "You know nobody called Bob Smith"),
        ("7-rabbit-lamp", "7-rabbit-lamp", "The code is given twice"),
        ("7-rabbit-lamp:5000", None, "is 7-rabbit-lamp meant"),
        ("7-rabbit-lamp.", None, "is 7-rabbit-lamp meant"),
        ("7\u2013rabbit\u2013lamp", None, "is 7-rabbit-lamp meant"),
        ("7_rabbit_lamp", None, "is 7-rabbit-lamp meant"),
        ("7 rabbit lamp", None, "is 7-rabbit-lamp meant"),
        ("\uff17-rabbit-lamp", None, "is 7-rabbit-lamp meant"),
    ],
)
def test_what_leads_nowhere_is_said_so(
    known: KnownPeers, text: str, code: str | None, said: str
) -> None:
    with pytest.raises(SettingsError, match=said):
        find_route(text, 5000, code, known)


def test_those_with_the_number_are_tried_with_all_their_addresses() -> None:
    search = on(heard(8, "10.0.0.8"), heard(7, "10.0.0.7"), heard(None, "10.0.0.9"))
    [place] = code_route(search).places()
    assert place.target == HostPort("10.0.0.7", 5000)
    assert place.others == (HostPort("fd00::2", 5000),)
    assert place.code == CODE
    assert search.is_closed


def test_no_more_than_three_get_a_guess() -> None:
    search = on(*(heard(7, f"10.0.0.{number}") for number in range(10)))
    assert len(list(code_route(search).places())) == MAX_TRIED == 3
    assert search.is_closed


def test_who_is_heard_twice_is_tried_once() -> None:
    search = on(heard(7, "10.0.0.7"), heard(7, "10.0.0.7", b"t" * 16), heard(7, "10.0.0.8"))
    assert len(list(code_route(search).places())) == 2


def test_what_is_tried_meanwhile_takes_nothing_from_the_search() -> None:
    search = on(heard(7, "10.0.0.7"), heard(7, "10.0.0.8"))
    tried = []
    for place in code_route(search).places():
        tried.append(place.target.host)
        time.sleep(0.2)  # A listener that holds its answer, on a search of 0.05 s.
    assert tried == ["10.0.0.7", "10.0.0.8"]


def test_nobody_with_the_number_is_said_so() -> None:
    search = on(heard(8, "10.0.0.8"))
    with pytest.raises(NotFound, match="Nobody with the number 7"):
        list(code_route(search).places())
    assert search.is_closed


def test_somebody_known_is_found_by_the_tag() -> None:
    tag = discovery_tag(SECRET, NONCE, "10.0.0.77", 5000)
    search = on(heard(7, "10.0.0.66", b"x" * 16), heard(9, "10.0.0.77", tag))
    place, last = peer_route(search).places()
    assert place.target == HostPort("10.0.0.77", 5000)
    assert last.target == HostPort("10.0.0.2", 5001), "an advertisement may be an old one"
    assert place.expected == last.expected == BOB


def test_a_copy_of_the_tag_from_elsewhere_is_not_followed() -> None:
    tag = discovery_tag(SECRET, NONCE, "10.0.0.77", 5000)
    [place] = peer_route(on(heard(9, "10.0.0.66", tag))).places()
    assert place.target == HostPort("10.0.0.2", 5001), "the last address"


def test_an_address_beside_a_copy_of_the_tag_is_not_followed() -> None:
    tag = discovery_tag(SECRET, NONCE, "fd00::2", 5000)
    place, _ = peer_route(on(heard(9, "10.0.0.66", tag))).places()
    assert place.target == HostPort("fd00::2", 5000)
    assert place.others == ()


def test_copies_without_end_are_one_place() -> None:
    tag = discovery_tag(SECRET, NONCE, "10.0.0.77", 5000)
    copies = [heard(9, "10.0.0.77", tag + bytes([number]) * 16) for number in range(50)]
    assert len(list(peer_route(on(*copies)).places())) == 2


def test_what_was_heard_is_only_where_it_answers() -> None:
    """Of an advertisement's addresses any may be somebody else's."""
    tag = discovery_tag(SECRET, NONCE, "10.0.0.77", 5000)
    place, last = peer_route(on(heard(9, "10.0.0.77", tag))).places()
    assert place.was_heard_of
    assert not last.was_heard_of


def test_somebody_who_never_said_how_to_be_found_has_a_last_address() -> None:
    silent = KnownPeer(b"b" * 32, "Bob", "Bob", "10.0.0.2", 5001, b"")
    search = on()
    [place] = peer_route(search, silent).places()
    assert place.target == HostPort("10.0.0.2", 5001)
    assert not search.is_closed, "and nothing was searched"


def test_somebody_of_whom_nothing_is_known_is_not_found() -> None:
    nowhere = KnownPeer(b"b" * 32, "Bob", "Bob", "", 0, SECRET)
    with pytest.raises(NotFound, match="Bob does not listen"):
        list(peer_route(on(), nowhere).places())


def test_where_nothing_can_be_searched_the_last_address_is_tried() -> None:
    def fail() -> Search:
        raise DiscoveryFailed("no network")

    [place] = PeerRoute(BOB, fail).places()
    assert place.target == HostPort("10.0.0.2", 5001)
    nowhere = KnownPeer(b"b" * 32, "Bob", "Bob", "", 0, SECRET)
    with pytest.raises(DiscoveryFailed):
        list(PeerRoute(nowhere, fail).places())


def test_a_search_that_is_cancelled_finds_nothing() -> None:
    search = on(heard(7, "10.0.0.7"))
    route = peer_route(search)
    route.cancel()
    assert list(route.places()) == []
