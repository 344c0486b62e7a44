"""The order of a call up to its ring, for both roles. Pure: no I/O, no clock, no dice.

    caller                          callee
      hello (SHA-256 of nonce)  ->
                                <-  hello (nonce)           another version, or busy: reject
      proof (nonce, signature)  ->                          a wrong one: the protocol error
                                <-  ringing

The signature covers a label, the version, both hellos as they went over the wire, both nonces and
both fingerprints, so that it is worth nothing on another link. The callee's key is proven by TLS.
"""

import hashlib
from collections.abc import Callable
from typing import Protocol

from net.errors import ProtocolError
from net.protocol.control import (
    PROTOCOL_VERSION,
    Control,
    Decodable,
    Hello,
    Proof,
    Reject,
    encode_control,
)
from net.protocol.states import Direction, Role, State, next_state

LABEL = b"visavis caller's proof"
REASON_VERSION = "version"
REASON_BUSY = "busy"
REASON_DECLINED = "declined"
REASON_NO_ANSWER = "no answer"
REASON_NOBODY = "nobody to ask"


def commitment(nonce: bytes) -> bytes:
    """Return what the caller's hello carries in place of its nonce."""
    return hashlib.sha256(nonce).digest()


def transcript(
    caller_hello: bytes,
    callee_hello: bytes,
    caller_nonce: bytes,
    caller_fingerprint: bytes,
    callee_fingerprint: bytes,
) -> bytes:
    """Return the bytes that a proof signs: every part with its length before it."""
    parts = (
        LABEL,
        PROTOCOL_VERSION.to_bytes(8, "big"),
        caller_hello,
        callee_hello,
        caller_nonce,
        caller_fingerprint,
        callee_fingerprint,
    )
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


class Credentials(Protocol):
    """What an end proves itself with."""

    @property
    def certificate_der(self) -> bytes: ...

    @property
    def fingerprint(self) -> bytes: ...

    def sign(self, data: bytes) -> bytes: ...


class Handshake:
    """One link's way from TLS to its ring: a control message in, payloads to send out.

    Args:
        role: which end this is.
        own: our own key.
        verify: checks (certificate, signature, data) and returns the certificate's fingerprint;
            raises ProtocolError.
        name, can_decode, can_hear: what our hello says.
        nonce: 32 random bytes, of this link alone.
        callee_fingerprint: of the certificate that TLS proved, or that we proved to be ours.
        is_busy: a callee's: asked once, after hello.
    """

    def __init__(
        self,
        role: Role,
        own: Credentials,
        *,
        verify: Callable[[bytes, bytes, bytes], bytes],
        name: str,
        can_decode: list[Decodable],
        can_hear: list[str],
        nonce: bytes,
        callee_fingerprint: bytes,
        is_busy: Callable[[], bool] = lambda: False,
    ) -> None:
        self.role = role
        self.state = State.AWAITS_HELLO
        self.peer: Hello | None = None
        self.peer_fingerprint = callee_fingerprint if role is Role.CALLER else b""
        self.rejection: str | None = None
        self._own = own
        self._verify = verify
        self._nonce = nonce
        self._callee_fingerprint = callee_fingerprint
        self._is_busy = is_busy
        public_nonce = commitment(nonce) if role is Role.CALLER else nonce
        self._hello = Hello(PROTOCOL_VERSION, name, public_nonce, can_decode, can_hear)
        self._own_raw = encode_control(self._hello)

    def start(self) -> list[bytes]:
        """Return what this end says first: the caller its hello, the callee nothing."""
        return [self.send(self._hello)] if self.role is Role.CALLER else []

    def send(self, control: Control) -> bytes:
        """Move the table for a message of ours, and return its payload."""
        self.state = next_state(self.role, self.state, Direction.OUT, control)
        return self._own_raw if control is self._hello else encode_control(control)

    def receive(self, control: Control, raw: bytes) -> list[bytes]:
        """Move the table for a message that came as `raw`, and return what answers it.

        Raises:
            ProtocolError: it may not come now, or it proves nothing.
        """
        self.state = next_state(self.role, self.state, Direction.IN, control)
        if isinstance(control, Hello):
            self.peer = control
            return self._answer_hello(control, raw)
        if isinstance(control, Proof):
            self._check_proof(control)
        elif isinstance(control, Reject):
            self.rejection = control.reason
        return []

    def _answer_hello(self, hello: Hello, raw: bytes) -> list[bytes]:
        self._peer_raw = raw
        is_ours = hello.version == PROTOCOL_VERSION
        if self.role is Role.CALLER:
            if not is_ours:
                self.rejection = REASON_VERSION
                self.state = State.ENDED
                return []
            signature = self._own.sign(
                transcript(
                    self._own_raw,
                    raw,
                    self._nonce,
                    self._own.fingerprint,
                    self._callee_fingerprint,
                )
            )
            return [self.send(Proof(self._nonce, self._own.certificate_der, signature))]
        answers = [self.send(self._hello)]
        if not is_ours:
            answers.append(self.reject(REASON_VERSION))
        elif self._is_busy():
            answers.append(self.reject(REASON_BUSY))
        return answers

    def reject(self, reason: str) -> bytes:
        """Return the payload that refuses the caller."""
        self.rejection = reason
        return self.send(Reject(reason))

    def _check_proof(self, proof: Proof) -> None:
        assert self.peer is not None
        if commitment(proof.nonce) != self.peer.nonce:
            raise ProtocolError("the caller's nonce is not the one that it committed to")
        fingerprint = hashlib.sha256(proof.certificate).digest()
        signed = transcript(
            self._peer_raw, self._own_raw, proof.nonce, fingerprint, self._callee_fingerprint
        )
        self.peer_fingerprint = self._verify(proof.certificate, proof.signature, signed)
