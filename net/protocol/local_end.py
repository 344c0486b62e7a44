"""This end of every link, as a handshake needs it. Pure: values only."""

from collections.abc import Callable
from typing import Protocol, TypeAlias

import msgspec

from net.protocol.control import Decodable

Verify: TypeAlias = Callable[[bytes, bytes, bytes], bytes]
"""Checks (certificate, signature, data) and returns the certificate's fingerprint.

Raises ProtocolError.
"""


class Credentials(Protocol):
    """The key and certificate by which a peer proves its identity."""

    @property
    def certificate_der(self) -> bytes: ...

    @property
    def fingerprint(self) -> bytes: ...

    def sign(self, data: bytes) -> bytes: ...


class LocalEnd(msgspec.Struct, frozen=True, kw_only=True):
    """This end of a link: its key, its check of the peer's key, and the contents of its hello.

    Attributes:
        name: this peer's name, or "" to withhold it.
        can_decode, can_hear: video and audio codecs, in order of preference.
    """

    credentials: Credentials
    verify: Verify
    name: str
    can_decode: list[Decodable]
    can_hear: list[str]
