"""The format of the known peers' file, `known_peers.json`. Pure: no I/O, no clock.

Entries are keyed by the fingerprint of the peer's key, in hexadecimal:

    {"version": 1, "peers": {"5f1c...": {"name": "Alice", "given": "Alice", "host": "192.168.1.7",
     "port": 5000, "discovery_secret": "64 hexadecimal digits, or empty"}}}
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from net.trust.discovery_secret import SECRET_BYTES
from net.trust.json_store import FileFormat
from net.trust.peer_names import MAX_NAME_CHARACTERS

KNOWN_PEERS_FILE = "known_peers.json"
"""The file's name in the user's data folder."""
FINGERPRINT_BYTES = 32

_MAX_FILE_BYTES = 2 * 1024 * 1024
"""Enough for `MAX_PEERS` entries with the longest names and hosts, in any script."""


class PeerEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One peer in the file; the fields are those of `KnownPeer`."""

    name: Annotated[str, Meta(min_length=1, max_length=MAX_NAME_CHARACTERS)]
    given: Annotated[str, Meta(max_length=MAX_NAME_CHARACTERS)]
    host: Annotated[str, Meta(max_length=320)] = ""
    port: Annotated[int, Meta(ge=0, le=65_535)] = 0
    discovery_secret: Annotated[str, Meta(max_length=2 * SECRET_BYTES)] = ""


class _File(msgspec.Struct, forbid_unknown_fields=True):
    version: int
    peers: dict[str, PeerEntry]


def _encode(entries: dict[str, PeerEntry]) -> bytes:
    return msgspec.json.format(msgspec.json.encode(_File(version=1, peers=entries)), indent=1)


def _decode(content: bytes) -> dict[str, PeerEntry] | None:
    try:
        file = msgspec.json.decode(content, type=_File)
        keys = {len(bytes.fromhex(key)) for key in file.peers}
        secrets = {len(bytes.fromhex(entry.discovery_secret)) for entry in file.peers.values()}
    except (msgspec.MsgspecError, ValueError):
        return None
    if file.version != 1 or not keys <= {FINGERPRINT_BYTES} or not secrets <= {0, SECRET_BYTES}:
        return None
    return file.peers


KNOWN_PEERS_FORMAT: FileFormat[PeerEntry] = FileFormat(
    "The known peers",
    "They need a call code again",
    _MAX_FILE_BYTES,
    _encode,
    _decode,
)
