"""call/outgoing/resolver.py: from typed text to candidates."""

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pytest

from call.errors import SettingsError
from call.outgoing import resolver
from call.outgoing.resolver import MAX_TRIED, CodeResolver, HostResolver, PeerResolver, resolver_for
from core.clock import Deadline
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


def found(number: int | None, host: str, tags: bytes = b"") -> Advertisement:
    return Advertisement((host, "fd00::2"), 5000, number, NONCE, tags)


class FakeSearch:
    """A search that finds these advertisements, one after another, and then nothing."""

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
def _short_searches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the searches: nothing more is found."""
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


def on(*advertisements: Advertisement) -> FakeSearch:
    return FakeSearch(advertisements)


def code_resolver(search: FakeSearch) -> CodeResolver:
    return CodeResolver(CODE, lambda: cast(Search, search))


def peer_resolver(search: FakeSearch, peer: KnownPeer = BOB) -> PeerResolver:
    return PeerResolver(peer, lambda: cast(Search, search))


def test_text_is_a_code_then_a_known_name_then_a_host(known: KnownPeers) -> None:
    assert isinstance(resolver_for("7-rabbit-lamp", 5000, None, known), CodeResolver)
    assert isinstance(resolver_for("bob", 5000, None, known), PeerResolver)
    assert isinstance(resolver_for("bob.local", 5000, None, known), HostResolver)


@pytest.mark.parametrize("text", ["7-nas-box.local", "rack-7", "blue-river", "a7-lamp-lamp"])
def test_host_that_resembles_a_code_is_a_host(known: KnownPeers, text: str) -> None:
    assert isinstance(resolver_for(text, 5000, None, known), HostResolver)


def test_address_takes_precedence_over_a_name(known: KnownPeers, tmp_path: Path) -> None:
    """Even over one that an older version accepted."""
    known.rename("Carol", "Dora")
    file = tmp_path / KNOWN_PEERS_FILE
    for name in ("10.0.0.9", "\uff11\uff10.0.0.9", "localhost"):
        file.write_text(file.read_text().replace('"Dora"', f'"{name}"'))
        for typed in ("10.0.0.9", "localhost"):
            assert isinstance(resolver_for(typed, 5000, None, known), HostResolver)
        file.write_text(file.read_text().replace(f'"{name}"', '"Dora"'))


def test_address_of_a_known_peer_must_have_its_key(known: KnownPeers) -> None:
    [candidate] = resolver_for("10.0.0.2:5001", 5000, None, known).candidates()
    assert candidate.expected is not None
    assert candidate.expected.name == "Bob"
    [candidate] = resolver_for("10.0.0.2", 5000, None, known).candidates()
    assert candidate.expected is None, "another port, another program"


def test_address_with_a_code_may_have_any_key(known: KnownPeers) -> None:
    [candidate] = resolver_for("10.0.0.2:5001", 5000, "7-rabbit-lamp", known).candidates()
    assert (candidate.target, candidate.code, candidate.expected) == (
        HostPort("10.0.0.2", 5001),
        CODE,
        None,
    )


def test_known_peer_with_a_code_must_have_key_and_code(known: KnownPeers) -> None:
    """The peer may have forgotten us, and listen at another port now."""
    assert isinstance(resolver_for("Bob", 5000, "7-rabbit-lamp", known), PeerResolver)
    tag = discovery_tag(SECRET, NONCE, "10.0.0.77", 5000)
    search = on(found(7, "10.0.0.77", tag))
    resolver = PeerResolver(BOB, lambda: cast(Search, search), code=CODE)
    advertised, last = resolver.candidates()
    assert advertised.target == HostPort("10.0.0.77", 5000)
    assert last.target == HostPort("10.0.0.2", 5001)
    for candidate in (advertised, last):
        assert (candidate.code, candidate.expected) == (CODE, BOB), "nobody else, code or not"


@pytest.mark.parametrize(
    ("text", "meant"), [("Bbo", "Bob"), ("carl", "Carol"), ("nas", ""), ("10.0.0.2:5001", "")]
)
def test_host_that_resembles_a_known_name_may_be_that_name(
    known: KnownPeers, text: str, meant: str
) -> None:
    [candidate] = resolver_for(text, 5000, None, known).candidates()
    assert candidate.meant == meant


def test_mistyped_name_of_several_words_has_a_suggestion(known: KnownPeers) -> None:
    known.rename("Bob", "Bob Smith")
    with pytest.raises(SettingsError) as caught:
        resolver_for("Bob Smiht", 5000, None, known)
    assert caught.value.next_step == "Did you mean Bob Smith?"


@pytest.mark.parametrize(
    ("text", "code", "sentence"),
    [
        ("Bob Smith", None, "You know nobody called Bob Smith"),
        ("7-rabbit-lamp", "7-rabbit-lamp", "The code is given twice"),
        ("7-rabbit-lamp:5000", None, "did you mean 7-rabbit-lamp"),
        ("7-rabbit-lamp.", None, "did you mean 7-rabbit-lamp"),
        ("7\u2013rabbit\u2013lamp", None, "did you mean 7-rabbit-lamp"),
        ("7_rabbit_lamp", None, "did you mean 7-rabbit-lamp"),
        ("7 rabbit lamp", None, "did you mean 7-rabbit-lamp"),
        ("\uff17-rabbit-lamp", None, "did you mean 7-rabbit-lamp"),
    ],
)
def test_unusable_text_is_a_settings_error(
    known: KnownPeers, text: str, code: str | None, sentence: str
) -> None:
    with pytest.raises(SettingsError, match=sentence):
        resolver_for(text, 5000, code, known)


def test_listener_with_the_number_is_a_candidate_with_all_its_addresses() -> None:
    search = on(found(8, "10.0.0.8"), found(7, "10.0.0.7"), found(None, "10.0.0.9"))
    [candidate] = code_resolver(search).candidates()
    assert candidate.target == HostPort("10.0.0.7", 5000)
    assert candidate.others == (HostPort("fd00::2", 5000),)
    assert candidate.code == CODE
    assert search.is_closed


def test_at_most_three_listeners_get_a_guess() -> None:
    search = on(*(found(7, f"10.0.0.{number}") for number in range(10)))
    assert len(list(code_resolver(search).candidates())) == MAX_TRIED == 3
    assert search.is_closed


def test_listener_found_twice_is_tried_once() -> None:
    search = on(found(7, "10.0.0.7"), found(7, "10.0.0.7", b"t" * 16), found(7, "10.0.0.8"))
    assert len(list(code_resolver(search).candidates())) == 2


def test_time_of_an_attempt_does_not_shorten_the_search(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock_us = [0]
    monkeypatch.setattr(resolver, "now_us", lambda: clock_us[0])
    monkeypatch.setattr(
        resolver, "Deadline", lambda limit_s: Deadline(limit_s, lambda: clock_us[0])
    )
    tried = []
    resolving = code_resolver(on(found(7, "10.0.0.7"), found(7, "10.0.0.8"))).candidates()
    for candidate in itertools.islice(resolving, 2):
        tried.append(candidate.target.host)
        clock_us[0] += 200_000  # A listener that holds its answer, in a search of 50 ms.
    resolving.close()
    assert tried == ["10.0.0.7", "10.0.0.8"]


def test_no_listener_with_the_number_is_not_found() -> None:
    search = on(found(8, "10.0.0.8"))
    with pytest.raises(NotFound, match="Nobody with the number 7"):
        list(code_resolver(search).candidates())
    assert search.is_closed


def test_unknown_words_of_a_code_are_kept() -> None:
    code = parse_code("7-rabit-lamp")
    resolver = CodeResolver(code, lambda: cast(Search, on()))
    assert list(resolver.unknown_words) == ["rabit"]
    with pytest.raises(NotFound) as failure:
        list(resolver.candidates())
    assert failure.value.unknown_words == resolver.unknown_words
    assert HostResolver(HostPort("10.0.0.2", 5000), code=None, known=None).unknown_words == {}


def test_known_peer_is_found_by_its_tag() -> None:
    tag = discovery_tag(SECRET, NONCE, "10.0.0.77", 5000)
    search = on(found(7, "10.0.0.66", b"x" * 16), found(9, "10.0.0.77", tag))
    candidate, last = peer_resolver(search).candidates()
    assert candidate.target == HostPort("10.0.0.77", 5000)
    assert last.target == HostPort("10.0.0.2", 5001), "an advertisement may be old"
    assert candidate.expected == last.expected == BOB


def test_copied_tag_at_another_address_is_ignored() -> None:
    tag = discovery_tag(SECRET, NONCE, "10.0.0.77", 5000)
    [candidate] = peer_resolver(on(found(9, "10.0.0.66", tag))).candidates()
    assert candidate.target == HostPort("10.0.0.2", 5001), "the last address"


def test_address_that_the_tag_does_not_confirm_is_ignored() -> None:
    tag = discovery_tag(SECRET, NONCE, "fd00::2", 5000)
    candidate, _ = peer_resolver(on(found(9, "10.0.0.66", tag))).candidates()
    assert candidate.target == HostPort("fd00::2", 5000)
    assert candidate.others == ()


def test_many_advertisements_of_one_address_are_one_candidate() -> None:
    tag = discovery_tag(SECRET, NONCE, "10.0.0.77", 5000)
    copies = [found(9, "10.0.0.77", tag + bytes([number]) * 16) for number in range(50)]
    assert len(list(peer_resolver(on(*copies)).candidates())) == 2


def test_advertised_candidate_is_marked_and_the_last_address_is_not() -> None:
    tag = discovery_tag(SECRET, NONCE, "10.0.0.77", 5000)
    candidate, last = peer_resolver(on(found(9, "10.0.0.77", tag))).candidates()
    assert candidate.is_advertised
    assert not last.is_advertised


def test_peer_without_a_discovery_secret_is_tried_at_its_last_address() -> None:
    silent = KnownPeer(b"b" * 32, "Bob", "Bob", "10.0.0.2", 5001, b"")
    search = on()
    [candidate] = peer_resolver(search, silent).candidates()
    assert candidate.target == HostPort("10.0.0.2", 5001)
    assert not search.is_closed, "nothing was searched"


def test_peer_without_an_address_that_is_not_advertised_is_not_found() -> None:
    nowhere = KnownPeer(b"b" * 32, "Bob", "Bob", "", 0, SECRET)
    with pytest.raises(NotFound, match="Bob does not listen"):
        list(peer_resolver(on(), nowhere).candidates())


def test_last_address_is_tried_if_the_search_fails() -> None:
    def fail() -> Search:
        raise DiscoveryFailed("no network")

    [candidate] = PeerResolver(BOB, fail).candidates()
    assert candidate.target == HostPort("10.0.0.2", 5001)
    nowhere = KnownPeer(b"b" * 32, "Bob", "Bob", "", 0, SECRET)
    with pytest.raises(DiscoveryFailed):
        list(PeerResolver(nowhere, fail).candidates())


def test_cancelled_search_yields_nothing() -> None:
    search = on(found(7, "10.0.0.7"))
    resolver = peer_resolver(search)
    resolver.cancel()
    assert list(resolver.candidates()) == []
