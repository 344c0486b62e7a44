"""Resolver: from an address, a code or a known peer's name to candidates. Dial thread.

A resolver yields candidates to try in turn. An advertisement gives only an address: the code or the
key decides.
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from call.errors import SettingsError
from core.clock import Deadline, now_us
from core.program import COMMAND
from net.errors import DiscoveryFailed, NotFound
from net.link.address import HostPort, parse_host
from net.trust.call_code import CallCode, is_code, parse_code, probable_code, unknown_words
from net.trust.discovery_tag import is_tagged
from net.trust.known_peers import KnownPeer, KnownPeers
from net.trust.peer_names import could_be_address
from ui.view import CallTarget, TargetKind

if TYPE_CHECKING:
    from net.link.advertisement import Advertisement
    from net.link.discovery import Search

MAX_TRIED = 3
"""Listeners with the same number: each of them may be a stranger's, who gets a guess."""
SEARCH_S = 5.0
MORE_S = 1.0
"""For others, once one with the number has been found."""
TRY_S = 3.0
"""For one of several; a listener holds its answer for 2 s at most."""
LAST_ADDRESS_S = 0.7
"""A known peer is looked for so long before its last address is tried."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One candidate to try.

    Attributes:
        target: how it is called in sentences, with the first address.
        others: more addresses of the same listener.
        expected: the key that has to answer, if it is known.
        code: the code that it has to know, if one was given.
        limit_s: until it rings; None for the whole limit.
        was_heard_of: whether an advertisement gave the addresses: only the one that answers is so.
    """

    target: HostPort
    others: tuple[HostPort, ...] = ()
    expected: KnownPeer | None = None
    code: CallCode | None = None
    limit_s: float | None = None
    was_heard_of: bool = False


class Resolver(Protocol):
    """What a dial thread follows."""

    @property
    def unknown_words(self) -> Mapping[str, Sequence[str]]:
        """The words of the given code that no code contains, each with similar words."""

    @property
    def target(self) -> CallTarget:
        """Return what the person typed."""

    def candidates(self) -> Generator[Candidate]:
        """Yield where to try. Blocks while it looks; closed, it looks no more.

        Raises:
            NotFound, DiscoveryFailed: there is nowhere to try.
        """

    def cancel(self) -> None:
        """Have `candidates` end. Any thread."""


def open_search() -> "Search":
    """Return a search of this network."""
    # Only here: zeroconf takes 0.1 s to import, and who calls an address does without.
    from net.link.discovery import Search

    return Search()


def resolver_for(text: str, port: int, code_text: str | None, known: KnownPeers) -> Resolver:
    """Return the way to what a person typed: a code, the name of somebody known, or a host.

    Args:
        port: where a host has none.
        code_text: of `--code`, or None.
    Raises:
        SettingsError: it is none of these.
    """
    code = parse_code(code_text) if code_text is not None else None
    # A name never stands in the way of an address.
    peer = None if could_be_address(text) else known.by_name(text)
    try:
        if is_code(text):
            if code is not None:
                raise SettingsError("The code is given twice", "Leave --code away")
            return CodeResolver(parse_code(text))
        if peer is None and (meant := probable_code(text)) is not None:
            raise ValueError(f"{text!r} is nearly a call code: is {meant} meant?")
        if peer is None and len(text.split()) > 1:
            raise SettingsError(
                f"You know nobody called {text}", f"`{COMMAND} known` lists whom you know"
            )
        if peer is None:
            target = parse_host(text, port)
            return HostResolver(target, code=code, known=known.by_address(target.host, target.port))
    except ValueError as error:
        raise SettingsError(
            str(error),
            f"Give a code, a known name, HOST or HOST:PORT, as `{COMMAND} listen` shows it",
        ) from error
    return PeerResolver(peer, code=code)


class HostResolver:
    """A host that the person typed, and perhaps a code for it."""

    def __init__(self, target: HostPort, *, code: CallCode | None, known: KnownPeer | None) -> None:
        self.target = CallTarget(TargetKind.ADDRESS, str(target))
        self.unknown_words = _unknown_words(code)
        self._candidate = Candidate(target, expected=known if code is None else None, code=code)

    def candidates(self) -> Generator[Candidate]:
        """Yield the one."""
        yield self._candidate

    def cancel(self) -> None:
        """Nothing is waited for."""


class _SearchingResolver:
    """What both kinds that search have in common."""

    def __init__(self, make_search: Callable[[], "Search"]) -> None:
        self._make_search = make_search
        self._search: Search | None = None
        self._is_cancelled = False
        self._deadline = Deadline(0)

    def cancel(self) -> None:
        """Have the search end."""
        self._is_cancelled = True
        if self._search is not None:
            self._search.cancel()

    def _found(self) -> Iterator["Advertisement"]:
        """Yield advertisements until the deadline, which may change meanwhile."""
        search = self._search = self._make_search()
        try:
            while not self._is_cancelled and not self._deadline.has_passed:
                found = search.next(self._deadline.left_s)
                if found is not None:
                    paused_us = now_us()
                    yield found
                    # The time that an attempt takes is not taken from the search.
                    self._deadline.extend((now_us() - paused_us) / 1e6)
        finally:
            search.close()


class CodeResolver(_SearchingResolver):
    """A code: all who advertise its number, up to `MAX_TRIED`."""

    def __init__(self, code: CallCode, make_search: Callable[[], "Search"] = open_search) -> None:
        super().__init__(make_search)
        self.target = CallTarget(TargetKind.CODE, str(code.number))
        self.unknown_words = _unknown_words(code)
        self._code = code

    def candidates(self) -> Generator[Candidate]:
        """Yield them as they are heard."""
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
        if not tried:
            raise NotFound(
                f"Nobody with the number {self._code.number} listens on this network",
                "ask whether the listener still runs and shows this code; where the network keeps"
                " its computers apart, give the address too: connect HOST --code CODE",
                unknown_words=self.unknown_words,
            )


class PeerResolver(_SearchingResolver):
    """Somebody known: found by the tag of an advertisement, or at the last address.

    Whoever is named has to have the key; where a code was given too, it has to know that as well.
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
        """Yield what carries the tag, and then the last address."""
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
    """Return those addresses of an advertisement that carry the tag of a known peer.

    The others may have been put beside a copy of it.
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
    return Candidate(first, tuple(others), expected, code, TRY_S, was_heard_of=True)
