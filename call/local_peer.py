"""Local peer: the identity, name and codecs that this peer offers in a handshake. Any thread."""

import secrets
from collections.abc import Callable

import msgspec

from net.errors import NotTrusted
from net.protocol.control import Decodable
from net.protocol.handshake import Exchange, Handshake
from net.protocol.local_end import LocalEnd
from net.protocol.resume import CallIdentity
from net.protocol.states import Role
from net.trust.call_code import CallCode
from net.trust.identity import Identity, verify


class LocalPeer(msgspec.Struct, frozen=True):
    """The local side of every handshake of one run.

    Attributes:
        name: as the other peer sees it.
        can_decode, can_hear: video and audio codecs, in order of preference.
        hides_name: whether a listener sends its name only to callers who may ring.
    """

    identity: Identity
    name: str
    can_decode: list[Decodable]
    can_hear: list[str]
    hides_name: bool = False

    def as_caller(
        self,
        callee_fingerprint: bytes,
        *,
        code: CallCode | None,
        expected: bytes | None,
        wants_goodput: bool = False,
    ) -> Handshake:
        """Return a new handshake with the listener whose certificate TLS has proved.

        Args:
            code: the call code that the user typed, if any.
            expected: the fingerprint of the peer that the user calls, if it is known.
            wants_goodput: whether to measure goodput instead of ringing.
        Raises:
            NotTrusted: the listener has another key. Nothing has been sent to it.
        """
        if expected is not None and callee_fingerprint != expected:
            raise NotTrusted("The program that answered has another key than expected")
        exchange: Exchange | None = None
        if code is not None:
            # Imported here: it takes 0.1 s, and most calls never need it.
            from net.trust.code_exchange import CodeExchange

            exchange = CodeExchange(Role.CALLER, code.secret)
        return self._handshake(
            Role.CALLER,
            callee_fingerprint,
            self.name,
            exchange=exchange,
            refusal=lambda: "",
            wants_goodput=wants_goodput,
        )

    def as_callee(
        self,
        refusal: Callable[[], str],
        find_call: Callable[[bytes], CallIdentity | None],
        channel_binding: bytes,
    ) -> Handshake:
        """Return a new handshake with a caller.

        Args:
            refusal: returns the reason why nobody may ring now, or ""; called after its hello.
            find_call: returns the identity of the call with this id, or None.
            channel_binding: of the link's TLS.
        """
        name = "" if self.hides_name else self.name
        fingerprint = self.identity.fingerprint
        return self._handshake(
            Role.CALLEE,
            fingerprint,
            name,
            exchange=None,
            refusal=refusal,
            find_call=find_call,
            channel_binding=channel_binding,
        )

    def _handshake(
        self,
        role: Role,
        callee_fingerprint: bytes,
        name: str,
        *,
        exchange: Exchange | None,
        refusal: Callable[[], str],
        find_call: Callable[[bytes], CallIdentity | None] = lambda _: None,
        channel_binding: bytes = b"",
        wants_goodput: bool = False,
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
            find_call=find_call,
            channel_binding=channel_binding,
            wants_goodput=wants_goodput,
        )
