"""The known peers, whose keys a call code or words read aloud have proven. Any thread.

A known peer *is* its key. Its name and address are hints for finding it again. Blocks on disk I/O.
`known_peers_file.py` defines the file.
"""

import contextlib
import ipaddress
import logging
import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from net.trust.json_store import JsonStore
from net.trust.known_peers_file import FINGERPRINT_BYTES, KNOWN_PEERS_FORMAT, PeerEntry
from net.trust.peer_names import MAX_NAME_CHARACTERS, could_be_address, folded, free_name

MAX_PEERS = 500
"""Beyond this number, the peer whose last call is the oldest is dropped."""

_log = logging.getLogger(__name__)


class KnownPeer(msgspec.Struct, frozen=True):
    """A known peer.

    Attributes:
        name: this user's name for it; no two peers share one.
        given: its latest name for itself, cleaned; may be empty.
        host: where it was last reached; may be empty.
        port: the port on which it listens, or 0.
        discovery_secret: the key that recognizes its advertisements; may be empty.
    """

    fingerprint: bytes
    name: str
    given: str
    host: str
    port: int
    discovery_secret: bytes

    @property
    def label(self) -> str:
        """The name, followed by its name for itself if that differs."""
        return self.name if self.given in ("", self.name) else f"{self.name} ({self.given})"


class PeerDetails(NamedTuple):
    """The details of a peer, as learned in a call. An empty field or 0 means unknown.

    Attributes:
        given: its name for itself, cleaned.
        host, port: where it listens.
        discovery_secret: the key that recognizes its advertisements.
        was_reached: whether we reached it there. An address that a peer only claims never replaces
            another peer's.
    """

    given: str
    host: str = ""
    port: int = 0
    discovery_secret: bytes = b""
    was_reached: bool = False


class KnownPeers:
    """The known peers of one user, in one file."""

    def __init__(self, path: Path) -> None:
        self._file: JsonStore[PeerEntry] = JsonStore(path, KNOWN_PEERS_FORMAT)

    @property
    def path(self) -> Path:
        """The path of the file."""
        return self._file.path

    def all(self) -> list[KnownPeer]:
        """Return all known peers, ordered by name."""
        peers = [_peer(key, entry) for key, entry in self._file.read().items()]
        return sorted(peers, key=lambda peer: peer.name.casefold())

    def by_fingerprint(self, fingerprint: bytes) -> KnownPeer | None:
        """Return the peer with that key, or None."""
        return next((peer for peer in self.all() if peer.fingerprint == fingerprint), None)

    def by_name(self, name: str) -> KnownPeer | None:
        """Return the peer with that name, ignoring case, or None."""
        return _named(self.all(), name)

    def by_address(self, host: str, port: int) -> KnownPeer | None:
        """Return the peer that was last reached at this address, or None."""
        address = _canonical(host, port)
        return next(
            (peer for peer in self.all() if _canonical(peer.host, peer.port) == address), None
        )

    def remember(self, fingerprint: bytes, details: PeerDetails) -> KnownPeer | None:
        """Add a peer, or update one; an unknown detail leaves the old value.

        A new peer gets its name for itself, and keeps that name even if it later calls itself
        something else.

        Returns None, with a warning in the log, if the file cannot be written.
        """
        return self._store(fingerprint, details, adds=True)

    def update(self, fingerprint: bytes, details: PeerDetails) -> KnownPeer | None:
        """Update a known peer; return None also if the peer is not known, or no longer known."""
        return self._store(fingerprint, details, adds=False)

    def _store(self, fingerprint: bytes, details: PeerDetails, *, adds: bool) -> KnownPeer | None:
        key = _key(fingerprint)

        def change(entries: dict[str, PeerEntry]) -> bool:
            before = list(entries.items())
            old = entries.pop(key, None)  # Added again at the end, the place of the newest.
            if old is None and not adds:
                return False
            before_host, before_port = (old.host, old.port) if old is not None else ("", 0)
            host, port = details.host or before_host, details.port or before_port
            if port and not _claim_address(
                entries, _canonical(host, port), evicts=details.was_reached
            ):
                host, port = before_host, before_port
            entries[key] = PeerEntry(
                old.name if old is not None else _first_name(details.given, entries.values()),
                details.given or (old.given if old is not None else ""),
                host,
                port,
                details.discovery_secret.hex() or (old.discovery_secret if old is not None else ""),
            )
            _shrink(entries)
            return list(entries.items()) != before

        entries = self._file.update_or_log(change)
        entry = entries.get(key) if entries is not None else None
        return None if entry is None else _peer(key, entry)

    def namesake(self, name: str, fingerprint: bytes) -> KnownPeer | None:
        """Return a peer with another key whose name, or name for itself, is `name`; else None."""
        wanted = folded(name)
        others = [peer for peer in self.all() if peer.fingerprint != fingerprint]
        named = [peer for peer in others if folded(peer.name) == wanted]
        self_named = [peer for peer in others if folded(peer.given) == wanted]
        return next(iter(named + self_named), None)

    def move_aside_if_damaged(self) -> None:
        """Move a damaged file aside, with a warning, before anything relies on it."""
        if os.path.exists(self.path):  # noqa: PTH110 - Path.exists raises if denied access
            self._file.update_or_log(lambda entries: False)

    def check(self) -> None:
        """Check that the file can be read.

        Raises:
            OSError: it cannot be read, so all peers would seem unknown.
        """
        self._file.check()

    def rename(self, name: str, new_name: str) -> KnownPeer:
        """Rename a peer, and return it.

        Raises:
            KeyError: no peer is named `name`.
            ValueError: the new name is taken or not allowed; the message is a sentence.
            OSError: the file cannot be written.
        """
        new_name = new_name.strip()
        if not 1 <= len(new_name) <= MAX_NAME_CHARACTERS or not new_name.isprintable():
            raise ValueError(f"A name has 1 to {MAX_NAME_CHARACTERS} visible characters")
        if could_be_address(new_name):
            raise ValueError(f"{new_name!r} looks like an address or a call code")
        peer = self._require(name)
        taken = self.by_name(new_name)
        if taken is not None and taken.fingerprint != peer.fingerprint:
            raise ValueError(f"You already know a {taken.name}")
        key = _key(peer.fingerprint)

        def change(entries: dict[str, PeerEntry]) -> bool:
            entries[key] = replace(entries[key], name=new_name)
            return True

        return _peer(key, self._file.update(change)[key])

    def forget(self, name: str) -> KnownPeer:
        """Forget a peer, and return it.

        Raises:
            KeyError: no peer is named `name`.
            OSError: the file cannot be written.
        """
        peer = self._require(name)
        key = _key(peer.fingerprint)
        self._file.update(lambda entries: entries.pop(key, None) is not None)
        return peer

    def _require(self, name: str) -> KnownPeer:
        peer = self.by_name(name)
        if peer is None:
            raise KeyError(name)
        return peer


def _key(fingerprint: bytes) -> str:
    if len(fingerprint) != FINGERPRINT_BYTES:
        raise ValueError(f"a fingerprint has {FINGERPRINT_BYTES} bytes")
    return fingerprint.hex()


def _peer(key: str, entry: PeerEntry) -> KnownPeer:
    return KnownPeer(
        bytes.fromhex(key),
        entry.name,
        entry.given,
        entry.host,
        entry.port,
        bytes.fromhex(entry.discovery_secret),
    )


def _named(peers: Iterable[KnownPeer], name: str) -> KnownPeer | None:
    wanted = folded(name)
    return next((peer for peer in peers if folded(peer.name) == wanted), None)


def _first_name(given: str, others: Iterable[PeerEntry]) -> str:
    return free_name(given or "somebody", {folded(other.name) for other in others})


def _canonical(host: str, port: int) -> tuple[str, int]:
    """Return a form that is the same for all spellings of one host and port."""
    with contextlib.suppress(ValueError):
        parsed = ipaddress.ip_address(host.partition("%")[0])
        return str(getattr(parsed, "ipv4_mapped", None) or parsed), port
    return host.lower().removesuffix("."), port


def _claim_address(
    entries: dict[str, PeerEntry], address: tuple[str, int], *, evicts: bool
) -> bool:
    """Return whether no other peer has this address; if `evicts`, first clear it from others."""
    holders = [
        key for key, entry in entries.items() if _canonical(entry.host, entry.port) == address
    ]
    if holders and not evicts:
        return False
    for key in holders:
        entries[key] = replace(entries[key], host="", port=0)
    return True


def _shrink(entries: dict[str, PeerEntry]) -> None:
    while len(entries) > MAX_PEERS:
        oldest = next(iter(entries))
        _log.warning(
            "%s was forgotten: you know more than %d peers", entries[oldest].name, MAX_PEERS
        )
        del entries[oldest]
