"""Resolver: from an address, a code or a known peer's name to candidates. Dial thread.

A resolver yields candidates to try in turn. An advertisement gives only an address: the code or the
key decides.
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

import msgspec

from call.errors import SettingsError
from core.clock import Deadline, now_us
from core.program import COMMAND
from net.errors import DiscoveryFailed, NotFound
from net.link.address import HostPort, parse_host
from net.link.local_addresses import local_addresses
from net.trust.call_code import (
    CallCode,
    count_missing_words,
    is_code,
    parse_code,
    probable_code,
    unknown_words,
)
from net.trust.discovery_tag import is_tagged
from net.trust.known_peers import KnownPeer, KnownPeers
from net.trust.peer_names import could_be_address, similar_name
from ui.view import CallTarget, TargetKind

if TYPE_CHECKING:
    from net.link.advertisement import Advertisement
    from net.link.discovery import Search

MAX_TRIED = 3
"""Listeners with the same number that are tried. Each may be a stranger's, who gets a guess."""
SEARCH_S = 5.0
MORE_S = 1.0
"""The search for others, after one with the number has been found."""
TRY_S = 3.0
"""For one of several; a listener holds its answer for 2 s at most."""
LAST_ADDRESS_S = 0.7
"""The search for a known peer, before its last address is tried."""
WHO_IS_KNOWN = f"`{COMMAND} known` lists whom you know"


class Candidate(msgspec.Struct, frozen=True):
    """One candidate to try.

    Attributes:
        target: its first address, and its name in sentences.
        others: more addresses of the same listener.
        expected: the peer whose key must answer, if it is known.
        code: the code that the listener must know, if one was given.
        limit_s: the time until it rings; None for the whole limit.
        is_advertised: True if the addresses come from an advertisement. Only the one that answers
            is known to be the listener's.
        meant: the known name that the user probably meant, if no host has the typed one; or "".
    """

    target: HostPort
    others: tuple[HostPort, ...] = ()
    expected: KnownPeer | None = None
    code: CallCode | None = None
    limit_s: float | None = None
    is_advertised: bool = False
    meant: str = ""


class Resolver(Protocol):
    """A source of candidates for the dial thread."""

    @property
    def unknown_words(self) -> Mapping[str, Sequence[str]]:
        """The words of the given code that no code contains, each with similar words."""

    @property
    def target(self) -> CallTarget:
        """The code, name or address that the user typed."""

    def candidates(self) -> Generator[Candidate]:
        """Yield the candidates to try. Blocks while it searches; `close` ends the search.

        Raises:
            NotFound, DiscoveryFailed: there is no candidate.
        """

    def cancel(self) -> None:
        """End `candidates`. Any thread."""


def open_search() -> "Search":
    """Start to search this network."""
    # Imported here: zeroconf takes 0.1 s, and a call to an address does without.
    from net.link.discovery import Search

    return Search()


def resolver_for(text: str, port: int, code_text: str | None, known: KnownPeers) -> Resolver:
    """Return the resolver for typed text: a code, the name of a known peer, or a host.

    Args:
        port: the port of a host that was typed without one.
        code_text: the argument of `--code`, or None.
    Raises:
        SettingsError: the text is none of these, or the code is given twice.
    """
    code = parse_code(code_text) if code_text is not None else None
    # An address takes precedence over a name.
    peer = None if could_be_address(text) else known.by_name(text)
    meant_name = similar_name(text, (each.name for each in known.all())) if peer is None else ""
    try:
        if is_code(text):
            if code is not None:
                raise SettingsError("The code is given twice", "Leave --code out")
            return CodeResolver(parse_code(text))
        if peer is None and (meant := probable_code(text)) is not None:
            raise ValueError(f"{text!r} is nearly a call code; did you mean {meant}?")
        if peer is None and (missing := count_missing_words(text)):
            what = "its last word is" if missing == 1 else "its two words are"
            raise SettingsError(
                f"{text!r} is the beginning of a call code: {what} missing", "Type the whole code"
            )
        if peer is None and len(text.split()) > 1:
            hint = f"Did you mean {meant_name}?" if meant_name else WHO_IS_KNOWN
            raise SettingsError(f"You know nobody called {text}", hint)
        if peer is None:
            target = parse_host(text, port)
            holder = known.by_address(target.host, target.port)
            return HostResolver(target, code=code, known=holder, meant=meant_name)
    except ValueError as error:
        raise SettingsError(
            str(error),
            f"Give a code, a known name, HOST or HOST:PORT, as `{COMMAND} listen` shows it",
        ) from error
    return PeerResolver(peer, code=code)


class HostResolver:
    """A host that the user typed, perhaps with a code."""

    def __init__(
        self, target: HostPort, *, code: CallCode | None, known: KnownPeer | None, meant: str = ""
    ) -> None:
        self.target = CallTarget(TargetKind.ADDRESS, str(target))
        self.unknown_words = _unknown_words(code)
        expected = known if code is None else None
        self._candidate = Candidate(target, expected=expected, code=code, meant=meant)

    def candidates(self) -> Generator[Candidate]:
        """Yield the host."""
        yield self._candidate

    def cancel(self) -> None:
        """Do nothing: `candidates` does not block."""


class _SearchingResolver:
    """The part common to both resolvers that search."""

    def __init__(self, make_search: Callable[[], "Search"]) -> None:
        self._make_search = make_search
        self._search: Search | None = None
        self._is_cancelled = False
        self._deadline = Deadline(0)

    def cancel(self) -> None:
        """End the search."""
        self._is_cancelled = True
        if self._search is not None:
            self._search.cancel()

    def _found(self) -> Iterator["Advertisement"]:
        """Yield advertisements until the deadline, which may change during the search."""
        search = self._search = self._make_search()
        try:
            while not self._is_cancelled and not self._deadline.has_passed:
                found = search.next(self._deadline.left_s)
                if found is not None:
                    paused_us = now_us()
                    yield found
                    # The time of an attempt does not count as time of the search.
                    self._deadline.extend((now_us() - paused_us) / 1e6)
        finally:
            search.close()


class CodeResolver(_SearchingResolver):
    """A code: all listeners that advertise its number, up to `MAX_TRIED`."""

    def __init__(self, code: CallCode, make_search: Callable[[], "Search"] = open_search) -> None:
        super().__init__(make_search)
        self.target = CallTarget(TargetKind.CODE, str(code.number))
        self.unknown_words = _unknown_words(code)
        self._code = code

    def candidates(self) -> Generator[Candidate]:
        """Yield listeners with the number as they are found."""
        self._deadline = Deadline(SEARCH_S)
        tried: set[tuple[tuple[str, ...], int]] = set()
        for found in self._found():
            if found.number != self._code.number or (found.hosts, found.port) in tried:
                continue
            tried.add((found.hosts, found.port))
            self._deadline.shorten(MORE_S)
            yield _candidate(found, found.hosts, code=self._code)
            if len(tried) == MAX_TRIED:
                return
        if not tried and not local_addresses():
            raise NotFound(
                f"Nobody with the number {self._code.number} listens on this computer,"
                " which is on no network",
                "connect it to the network of the other computer, and call again",
                unknown_words=self.unknown_words,
            )
        if not tried:
            raise NotFound(
                f"Nobody with the number {self._code.number} listens on this network",
                "ask whether the listener still runs and shows this code; where the network keeps"
                " its computers apart, give the address too: connect HOST --code CODE",
                unknown_words=self.unknown_words,
            )


class PeerResolver(_SearchingResolver):
    """A known peer: found by the tag of an advertisement, or at its last address.

    A candidate must have the peer's key, and know the code if one was given.
    """

    def __init__(
        self,
        peer: KnownPeer,
        make_search: Callable[[], "Search"] = open_search,
        *,
        code: CallCode | None = None,
    ) -> None:
        super().__init__(make_search)
        self.target = CallTarget(TargetKind.NAME, peer.name)
        self.unknown_words = _unknown_words(code)
        self._peer = peer
        self._code = code

    def candidates(self) -> Generator[Candidate]:
        """Yield listeners that advertise the tag, then the last address."""
        has_last = bool(self._peer.host and self._peer.port)
        self._deadline = Deadline(LAST_ADDRESS_S if has_last else SEARCH_S)
        if self._peer.discovery_secret:
            try:
                tried: set[tuple[tuple[str, ...], int]] = set()
                for found in self._found():
                    hosts = hosts_of(self._peer, found)
                    if hosts and (hosts, found.port) not in tried and len(tried) < MAX_TRIED:
                        tried.add((hosts, found.port))
                        yield _candidate(found, hosts, expected=self._peer, code=self._code)
            except DiscoveryFailed:
                if not has_last:
                    raise
        if self._is_cancelled:
            return
        if not has_last:
            raise NotFound(
                f"{self._peer.name} does not listen on this network",
                f"ask for the address or for a code, as `{COMMAND} listen` shows them there",
            )
        last = HostPort(self._peer.host, self._peer.port)
        yield Candidate(last, expected=self._peer, code=self._code)


def hosts_of(peer: KnownPeer, found: "Advertisement") -> tuple[str, ...]:
    """Return those addresses of an advertisement that its tag of a known peer confirms.

    Somebody else may have added the others to a copy of the tag.
    """
    return tuple(
        host
        for host in found.hosts
        if peer.discovery_secret
        and is_tagged(peer.discovery_secret, found.nonce, found.tags, host, found.port)
    )


def _unknown_words(code: CallCode | None) -> Mapping[str, Sequence[str]]:
    return {} if code is None else unknown_words(code)


def _candidate(
    found: "Advertisement",
    hosts: Sequence[str],
    *,
    expected: KnownPeer | None = None,
    code: CallCode | None = None,
) -> Candidate:
    first, *others = (HostPort(host, found.port) for host in hosts)
    return Candidate(first, tuple(others), expected, code, TRY_S, is_advertised=True)
