"""How this peer introduces itself on each link: its key, its name, what it decodes and plays."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from net.errors import NotTrusted
from net.protocol.control import Decodable
from net.protocol.handshake import Exchange, Handshake
from net.protocol.local_end import LocalEnd
from net.protocol.states import Role
from net.trust.call_code import CallCode
from net.trust.identity import Identity, verify


@dataclass(frozen=True, slots=True)
class LocalPeer:
    """What every handshake of one run has in common.

    Attributes:
        name: what the other side sees.
        can_decode: pictures, in order of preference.
        can_hear: codecs of sound, likewise.
        hides_name: whether a listener tells its name only to those who may ring.
    """

    identity: Identity
    name: str
    can_decode: list[Decodable]
    can_hear: list[str]
    hides_name: bool = False

    def as_caller(
        self, callee_fingerprint: bytes, *, code: CallCode | None, expected: bytes | None
    ) -> Handshake:
        """Return a fresh handshake with the holder of that certificate, which TLS proved.

        Args:
            code: what the person gave.
            expected: the key of the one who is meant, where that is known.
        Raises:
            NotTrusted: it is somebody else. Nothing has been said to it.
        """
        if expected is not None and callee_fingerprint != expected:
            raise NotTrusted("What answers has another key than expected")
        exchange: Exchange | None = None
        if code is not None:
            # Only here: it takes 0.1 s to import, and most calls do without.
            from net.trust.code_exchange import CodeExchange

            exchange = CodeExchange(Role.CALLER, code.secret)
        return self._handshake(
            Role.CALLER, callee_fingerprint, self.name, exchange=exchange, refusal=lambda: ""
        )

    def as_callee(self, refusal: Callable[[], str]) -> Handshake:
        """Return a fresh handshake with whoever connected.

        Args:
            refusal: asked after its hello why nobody may ring now.
        """
        name = "" if self.hides_name else self.name
        fingerprint = self.identity.fingerprint
        return self._handshake(Role.CALLEE, fingerprint, name, exchange=None, refusal=refusal)

    def _handshake(
        self,
        role: Role,
        callee_fingerprint: bytes,
        name: str,
        *,
        exchange: Exchange | None,
        refusal: Callable[[], str],
    ) -> Handshake:
        return Handshake(
            role,
            LocalEnd(
                credentials=self.identity,
                verify=verify,
                name=name,
                can_decode=self.can_decode,
                can_hear=self.can_hear,
            ),
            nonce=secrets.token_bytes(32),
            callee_fingerprint=callee_fingerprint,
            find_refusal=refusal,
            exchange=exchange,
        )
