"""How this peer introduces itself on each link: its key, its name, what it decodes and plays."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from net.protocol.control import Decodable
from net.protocol.handshake import Handshake
from net.protocol.states import Role
from net.trust.identity import Identity, verify


@dataclass(frozen=True, slots=True)
class Introduction:
    """What every handshake of one run has in common.

    Attributes:
        name: what the other side sees.
        can_decode: pictures, in order of preference.
        can_hear: codecs of sound, likewise.
    """

    identity: Identity
    name: str
    can_decode: list[Decodable]
    can_hear: list[str]

    def as_caller(self, callee_fingerprint: bytes) -> Handshake:
        """Return a fresh handshake with the holder of that certificate, which TLS proved."""
        return self._handshake(Role.CALLER, callee_fingerprint, lambda: False)

    def as_callee(self, is_busy: Callable[[], bool]) -> Handshake:
        """Return a fresh handshake with whoever connected; `is_busy` is asked after its hello."""
        return self._handshake(Role.CALLEE, self.identity.fingerprint, is_busy)

    def _handshake(
        self, role: Role, callee_fingerprint: bytes, is_busy: Callable[[], bool]
    ) -> Handshake:
        return Handshake(
            role,
            self.identity,
            verify=verify,
            name=self.name,
            can_decode=self.can_decode,
            can_hear=self.can_hear,
            nonce=secrets.token_bytes(32),
            callee_fingerprint=callee_fingerprint,
            is_busy=is_busy,
        )
