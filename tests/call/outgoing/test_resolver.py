"""call/outgoing/resolver.py: from typed text to candidates."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pytest

from call.errors import SettingsError
from call.outgoing import resolver
from call.outgoing.resolver import MAX_TRIED, CodeResolver, HostResolver, PeerResolver, resolver_for
from net.errors import DiscoveryFailed, NotFound
from net.link.address import HostPort
from net.link.advertisement import Advertisement
from net.link.discovery import Search
from net.trust.call_code import parse_code
from net.trust.discovery_tag import discovery_tag
from net.trust.known_peers import KnownPeer, KnownPeers, PeerDetails
from net.trust.known_peers_file import KNOWN_PEERS_FILE

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
        monkeypatch.setattr(resolver, name, 0.05)


@pytest.fixture
def known(tmp_path: Path) -> KnownPeers:
    peers = KnownPeers(tmp_path / KNOWN_PEERS_FILE)
    peers.remember(
        b"b" * 32, PeerDetails("Bob", host="10.0.0.2", port=5001, discovery_secret=SECRET)
    )
    peers.remember(b"c" * 32, PeerDetails("Carol"))
    return peers


def on(*found: Advertisement) -> FakeSearch:
    return FakeSearch(found)


def code_route(search: FakeSearch) -> CodeResolver:
    return CodeResolver(CODE, lambda: cast(Search, search))


def peer_route(search: FakeSearch, peer: KnownPeer = BOB) -> PeerResolver:
    return PeerResolver(peer, lambda: cast(Search, search))


def test_a_code_is_a_code_a_name_is_a_name_and_all_else_is_a_host(known: KnownPeers) -> None:
    assert isinstance(resolver_for("7-rabbit-lamp", 5000, None, known), CodeResolver)
    assert isinstance(resolver_for("bob", 5000, None, known), PeerResolver)
    assert isinstance(resolver_for("bob.local", 5000, None, known), HostResolver)


@pytest.mark.parametrize("text", ["7-nas-box.local", "rack-7", "blue-river", "a7-lamp-lamp"])
def test_a_host_that_is_like_a_code_is_a_host(known: KnownPeers, text: str) -> None:
    assert isinstance(resolver_for(text, 5000, None, known), HostResolver)


def test_no_name_stands_in_the_way_of_an_address(known: KnownPeers, tmp_path: Path) -> None:
    """Not even one that an older version has let in."""
    known.rename("Carol", "Dora")
    file = tmp_path / KNOWN_PEERS_FILE
    for name in ("10.0.0.9", "\uff11\uff10.0.0.9", "localhost"):
        file.write_text(file.read_text().replace('"Dora"', f'"{name}"'))
        for typed in ("10.0.0.9", "localhost"):
            assert isinstance(resolver_for(typed, 5000, None, known), HostResolver)
        file.write_text(file.read_text().replace(f'"{name}"', '"Dora"'))


def test_a_host_of_somebody_known_has_to_have_that_key(known: KnownPeers) -> None:
    [candidate] = resolver_for("10.0.0.2:5001", 5000, None, known).candidates()
    assert candidate.expected is not None
    assert candidate.expected.name == "Bob"
    [candidate] = resolver_for("10.0.0.2", 5000, None, known).candidates()
    assert candidate.expected is None, "another port, another program"


def test_with_a_code_the_code_decides(known: KnownPeers) -> None:
    [candidate] = resolver_for("10.0.0.2:5001", 5000, "7-rabbit-lamp", known).candidates()
    assert (candidate.target, candidate.code, candidate.expected) == (
        HostPort("10.0.0.2", 5001),
        CODE,
        None,
    )


def test_somebody_known_is_found_for_a_code_too(known: KnownPeers) -> None:
    """Such as one who has forgotten us, and listens at another port now."""
    assert isinstance(resolver_for("Bob", 5000, "7-rabbit-lamp", known), PeerResolver)
    tag = discovery_tag(SECRET, NONCE, "10.0.0.77", 5000)
    search = on(heard(7, "10.0.0.77", tag))
    resolver = PeerResolver(BOB, lambda: cast(Search, search), code=CODE)
    found, last = resolver.candidates()
    assert found.target == HostPort("10.0.0.77", 5000)
    assert last.target == HostPort("10.0.0.2", 5001)
    for candidate in (found, last):
        assert (candidate.code, candidate.expected) == (CODE, BOB), "nobody else, code or not"


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
        resolver_for(text, 5000, code, known)


def test_those_with_the_number_are_tried_with_all_their_addresses() -> None:
    search = on(heard(8, "10.0.0.8"), heard(7, "10.0.0.7"), heard(None, "10.0.0.9"))
    [candidate] = code_route(search).candidates()
    assert candidate.target == HostPort("10.0.0.7", 5000)
    assert candidate.others == (HostPort("fd00::2", 5000),)
    assert candidate.code == CODE
    assert search.is_closed


def test_no_more_than_three_get_a_guess() -> None:
    search = on(*(heard(7, f"10.0.0.{number}") for number in range(10)))
    assert len(list(code_route(search).candidates())) == MAX_TRIED == 3
    assert search.is_closed


def test_who_is_heard_twice_is_tried_once() -> None:
    search = on(heard(7, "10.0.0.7"), heard(7, "10.0.0.7", b"t" * 16), heard(7, "10.0.0.8"))
    assert len(list(code_route(search).candidates())) == 2


def test_what_is_tried_meanwhile_takes_nothing_from_the_search() -> None:
    search = on(heard(7, "10.0.0.7"), heard(7, "10.0.0.8"))
    tried = []
    for candidate in code_route(search).candidates():
        tried.append(candidate.target.host)
        time.sleep(0.2)  # A listener that holds its answer, on a search of 0.05 s.
    assert tried == ["10.0.0.7", "10.0.0.8"]


def test_nobody_with_the_number_is_said_so() -> None:
    search = on(heard(8, "10.0.0.8"))
    with pytest.raises(NotFound, match="Nobody with the number 7"):
        list(code_route(search).candidates())
    assert search.is_closed


def test_unknown_words_of_a_code_are_kept() -> None:
    code = parse_code("7-rabit-lamp")
    resolver = CodeResolver(code, lambda: cast(Search, on()))
    assert list(resolver.unknown_words) == ["rabit"]
    with pytest.raises(NotFound) as failure:
        list(resolver.candidates())
    assert failure.value.unknown_words == resolver.unknown_words
    assert HostResolver(HostPort("10.0.0.2", 5000), code=None, known=None).unknown_words == {}


def test_somebody_known_is_found_by_the_tag() -> None:
    tag = discovery_tag(SECRET, NONCE, "10.0.0.77", 5000)
    search = on(heard(7, "10.0.0.66", b"x" * 16), heard(9, "10.0.0.77", tag))
    candidate, last = peer_route(search).candidates()
    assert candidate.target == HostPort("10.0.0.77", 5000)
    assert last.target == HostPort("10.0.0.2", 5001), "an advertisement may be an old one"
    assert candidate.expected == last.expected == BOB


def test_a_copy_of_the_tag_from_elsewhere_is_not_followed() -> None:
    tag = discovery_tag(SECRET, NONCE, "10.0.0.77", 5000)
    [candidate] = peer_route(on(heard(9, "10.0.0.66", tag))).candidates()
    assert candidate.target == HostPort("10.0.0.2", 5001), "the last address"


def test_an_address_beside_a_copy_of_the_tag_is_not_followed() -> None:
    tag = discovery_tag(SECRET, NONCE, "fd00::2", 5000)
    candidate, _ = peer_route(on(heard(9, "10.0.0.66", tag))).candidates()
    assert candidate.target == HostPort("fd00::2", 5000)
    assert candidate.others == ()


def test_copies_without_end_are_one_place() -> None:
    tag = discovery_tag(SECRET, NONCE, "10.0.0.77", 5000)
    copies = [heard(9, "10.0.0.77", tag + bytes([number]) * 16) for number in range(50)]
    assert len(list(peer_route(on(*copies)).candidates())) == 2


def test_what_was_heard_is_only_where_it_answers() -> None:
    """Of an advertisement's addresses any may be somebody else's."""
    tag = discovery_tag(SECRET, NONCE, "10.0.0.77", 5000)
    candidate, last = peer_route(on(heard(9, "10.0.0.77", tag))).candidates()
    assert candidate.is_advertised
    assert not last.is_advertised


def test_somebody_who_never_said_how_to_be_found_has_a_last_address() -> None:
    silent = KnownPeer(b"b" * 32, "Bob", "Bob", "10.0.0.2", 5001, b"")
    search = on()
    [candidate] = peer_route(search, silent).candidates()
    assert candidate.target == HostPort("10.0.0.2", 5001)
    assert not search.is_closed, "and nothing was searched"


def test_somebody_of_whom_nothing_is_known_is_not_found() -> None:
    nowhere = KnownPeer(b"b" * 32, "Bob", "Bob", "", 0, SECRET)
    with pytest.raises(NotFound, match="Bob does not listen"):
        list(peer_route(on(), nowhere).candidates())


def test_where_nothing_can_be_searched_the_last_address_is_tried() -> None:
    def fail() -> Search:
        raise DiscoveryFailed("no network")

    [candidate] = PeerResolver(BOB, fail).candidates()
    assert candidate.target == HostPort("10.0.0.2", 5001)
    nowhere = KnownPeer(b"b" * 32, "Bob", "Bob", "", 0, SECRET)
    with pytest.raises(DiscoveryFailed):
        list(PeerResolver(nowhere, fail).candidates())


def test_a_search_that_is_cancelled_finds_nothing() -> None:
    search = on(heard(7, "10.0.0.7"))
    resolver = peer_route(search)
    resolver.cancel()
    assert list(resolver.candidates()) == []
