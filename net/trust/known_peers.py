"""Whom this user knows: peers whose key was proven by a call code, or by words read aloud.

A known peer *is* its key; name and address are hints, by which it is found again. Runs on any
thread, blocks for the disk. The file, `known_peers.json`, by the key's fingerprint in hexadecimal:

    {"version": 1, "peers": {"5f1c...": {"name": "Alice", "given": "Alice", "host": "192.168.1.7",
     "port": 5000, "discovery_secret": "64 hexadecimal digits, or nothing"}}}
"""

import contextlib
import ipaddress
import logging
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta

from net.trust.json_store import FileFormat, JsonStore
from net.trust.peer_names import MAX_NAME_CHARACTERS, could_be_address, folded, free_name

FILE_NAME = "known_peers.json"
MAX_PEERS = 500
SECRET_BYTES = 32

_FINGERPRINT_BYTES = 32
_MAX_FILE_BYTES = 2 * 1024 * 1024
"""Holds as many entries with the longest names and hosts, in any script."""

_log = logging.getLogger(__name__)


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: Annotated[str, Meta(min_length=1, max_length=MAX_NAME_CHARACTERS)]
    given: Annotated[str, Meta(max_length=MAX_NAME_CHARACTERS)]
    host: Annotated[str, Meta(max_length=320)] = ""
    port: Annotated[int, Meta(ge=0, le=65_535)] = 0
    discovery_secret: Annotated[str, Meta(max_length=2 * SECRET_BYTES)] = ""


class _File(msgspec.Struct, forbid_unknown_fields=True):
    version: int
    peers: dict[str, _Entry]


@dataclass(frozen=True, slots=True)
class KnownPeer:
    """One of them.

    Attributes:
        name: what this user calls it; no two have the same.
        given: what it last called itself, cleaned.
        host: where it was last reached, or nothing.
        port: where it listens, or 0.
        discovery_secret: by which its advertisements are recognized, or nothing.
    """

    fingerprint: bytes
    name: str
    given: str
    host: str
    port: int
    discovery_secret: bytes

    @property
    def label(self) -> str:
        """The name, and the other one where it calls itself by another."""
        return self.name if self.given in ("", self.name) else f"{self.name} ({self.given})"


class News(NamedTuple):
    """What a call has told of a peer; what is empty or 0 is not told.

    Attributes:
        given: what it calls itself, cleaned.
        host, port: where it listens.
        discovery_secret: by which its advertisements are recognized.
        was_reached: whether we called it there. What it only says drives nobody else from a place.
    """

    given: str
    host: str = ""
    port: int = 0
    discovery_secret: bytes = b""
    was_reached: bool = False


class KnownPeers:
    """The known peers of one user, in one file."""

    def __init__(self, path: Path) -> None:
        self._file: JsonStore[_Entry] = JsonStore(path, _FORM)

    @property
    def path(self) -> Path:
        """The file."""
        return self._file.path

    def all(self) -> list[KnownPeer]:
        """Return all, in the order of their names."""
        peers = [_peer(key, entry) for key, entry in self._file.readable().items()]
        return sorted(peers, key=lambda peer: peer.name.casefold())

    def by_fingerprint(self, fingerprint: bytes) -> KnownPeer | None:
        """Return the peer with that key."""
        return next((peer for peer in self.all() if peer.fingerprint == fingerprint), None)

    def by_name(self, name: str) -> KnownPeer | None:
        """Return the peer that this user calls so; capitals do not count."""
        return _named(self.all(), name)

    def by_address(self, host: str, port: int) -> KnownPeer | None:
        """Return the peer that was last reached there."""
        place = _place(host, port)
        return next((peer for peer in self.all() if _place(peer.host, peer.port) == place), None)

    def remember(self, fingerprint: bytes, news: News) -> KnownPeer | None:
        """Add a peer, or learn what is new of one; what is not told stays as it was.

        It is called as it called itself first, whatever it calls itself later.

        Returns None where the file cannot be written, which the log says.
        """
        return self._learn(fingerprint, news, adds=True)

    def update(self, fingerprint: bytes, news: News) -> KnownPeer | None:
        """Learn what is new of a peer; None also if it is not known, perhaps no more."""
        return self._learn(fingerprint, news, adds=False)

    def _learn(self, fingerprint: bytes, news: News, *, adds: bool) -> KnownPeer | None:
        key = _key(fingerprint)

        def learn(entries: dict[str, _Entry]) -> bool:
            before = list(entries.items())
            old = entries.pop(key, None)  # The newest stands last.
            if old is None and not adds:
                return False
            before_host, before_port = (old.host, old.port) if old is not None else ("", 0)
            host, port = news.host or before_host, news.port or before_port
            if port and not _make_room(entries, _place(host, port), by_force=news.was_reached):
                host, port = before_host, before_port
            entries[key] = _Entry(
                old.name if old is not None else _first_name(news.given, entries.values()),
                news.given or (old.given if old is not None else ""),
                host,
                port,
                news.discovery_secret.hex() or (old.discovery_secret if old is not None else ""),
            )
            _shrink(entries)
            return list(entries.items()) != before

        entries = self._file.change_or_say(learn)
        entry = entries.get(key) if entries is not None else None
        return None if entry is None else _peer(key, entry)

    def namesake(self, name: str, fingerprint: bytes) -> KnownPeer | None:
        """Return somebody else who is called so, or calls itself so; None where nobody is."""
        wanted = folded(name)
        others = [peer for peer in self.all() if peer.fingerprint != fingerprint]
        named = [peer for peer in others if folded(peer.name) == wanted]
        calling_itself = [peer for peer in others if folded(peer.given) == wanted]
        return next(iter(named + calling_itself), None)

    def mend(self) -> None:
        """Move a damaged file aside and say so, before anybody relies on what it held."""
        if os.path.exists(self.path):  # noqa: PTH110 - Path's own raises where it may not look.
            self._file.change_or_say(lambda entries: False)

    def check(self) -> None:
        """See that what is known can be read.

        Raises:
            OSError: it cannot, so nobody seems known.
        """
        self._file.check()

    def rename(self, name: str, new_name: str) -> KnownPeer:
        """Call a peer otherwise.

        Raises:
            KeyError: nobody is called `name`.
            ValueError: the new name is not free, or none; the message is a sentence.
            OSError: it cannot be written.
        """
        new_name = new_name.strip()
        if not 1 <= len(new_name) <= MAX_NAME_CHARACTERS or not new_name.isprintable():
            raise ValueError(f"a name has 1 to {MAX_NAME_CHARACTERS} characters that can be seen")
        if could_be_address(new_name):
            raise ValueError(f"{new_name} would be taken for an address or a code")
        peer = self._required(name)
        taken = self.by_name(new_name)
        if taken is not None and taken.fingerprint != peer.fingerprint:
            raise ValueError(f"{taken.name} is somebody else already")
        key = _key(peer.fingerprint)

        def change(entries: dict[str, _Entry]) -> bool:
            entries[key] = msgspec.structs.replace(entries[key], name=new_name)
            return True

        return _peer(key, self._file.change(change)[key])

    def forget(self, name: str) -> KnownPeer:
        """Know a peer no more, and return what was known.

        Raises:
            KeyError: nobody is called so.
            OSError: it cannot be written.
        """
        peer = self._required(name)
        key = _key(peer.fingerprint)
        self._file.change(lambda entries: entries.pop(key, None) is not None)
        return peer

    def _required(self, name: str) -> KnownPeer:
        peer = self.by_name(name)
        if peer is None:
            raise KeyError(name)
        return peer


def _key(fingerprint: bytes) -> str:
    if len(fingerprint) != _FINGERPRINT_BYTES:
        raise ValueError(f"a fingerprint has {_FINGERPRINT_BYTES} bytes")
    return fingerprint.hex()


def _peer(key: str, entry: _Entry) -> KnownPeer:
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


def _first_name(given: str, others: Iterable[_Entry]) -> str:
    return free_name(given or "somebody", {folded(other.name) for other in others})


def _place(host: str, port: int) -> tuple[str, int]:
    """Return what two spellings of one place have in common."""
    with contextlib.suppress(ValueError):
        address = ipaddress.ip_address(host.partition("%")[0])
        return str(getattr(address, "ipv4_mapped", None) or address), port
    return host.lower().removesuffix("."), port


def _make_room(entries: dict[str, _Entry], place: tuple[str, int], *, by_force: bool) -> bool:
    """Return whether nobody else is at a place any more."""
    there = [key for key, entry in entries.items() if _place(entry.host, entry.port) == place]
    if there and not by_force:
        return False
    for key in there:
        entries[key] = msgspec.structs.replace(entries[key], host="", port=0)
    return True


def _shrink(entries: dict[str, _Entry]) -> None:
    while len(entries) > MAX_PEERS:
        oldest = next(iter(entries))
        _log.warning("%s is known no more: there are too many", entries[oldest].name)
        del entries[oldest]


def _encoded(entries: dict[str, _Entry]) -> bytes:
    return msgspec.json.format(msgspec.json.encode(_File(version=1, peers=entries)), indent=1)


def _decoded(content: bytes) -> dict[str, _Entry] | None:
    try:
        file = msgspec.json.decode(content, type=_File)
        keys = {len(bytes.fromhex(key)) for key in file.peers}
        secrets = {len(bytes.fromhex(entry.discovery_secret)) for entry in file.peers.values()}
    except (msgspec.MsgspecError, ValueError):
        return None
    if file.version != 1 or not keys <= {_FINGERPRINT_BYTES} or not secrets <= {0, SECRET_BYTES}:
        return None
    return file.peers


_FORM: FileFormat[_Entry] = FileFormat(
    "The known peers",
    "They need a code again",
    _MAX_FILE_BYTES,
    _encoded,
    _decoded,
)
