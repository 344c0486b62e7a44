"""The order of a call up to its ring, for both roles. Pure: no I/O, no clock, no dice.

    caller                          callee
      hello (SHA-256 of nonce)  ->
                                <-  hello (nonce)           another version, or busy: reject
      proof (nonce, signature)  ->                          a wrong one: the protocol error
                                <-  ringing, or reject

    with a call code, in place of proof:
      code_proof (with half)    ->                          counted as a wrong guess from here on
                                <-  code_answer (half)      when the listener says so
      code_confirm (MAC)        ->
                                <-  code_confirm (MAC), or reject

The signature covers a label, the version, both hellos as they went over the wire, both nonces and
both fingerprints, so that it is worth nothing on another link; so do the two MACs, and both halves
besides. The callee's key is proven by TLS. Whoever sits between two links has other fingerprints,
so neither signature nor MAC can be relayed. A caller that has a code takes nothing for an answer
but the callee's MAC.
"""

import hashlib
import hmac
from collections.abc import Callable
from typing import Protocol

from net.errors import NotTrusted, ProtocolError
from net.protocol.control import (
    PROTOCOL_VERSION,
    CodeAnswer,
    CodeConfirm,
    CodeProof,
    Control,
    Decodable,
    Hello,
    Proof,
    Reject,
    Ringing,
    encode_control,
)
from net.protocol.reasons import Reason
from net.protocol.states import Direction, Role, State, next_state
from net.protocol.transcript import (
    CODE_LABEL,
    LABEL,
    WORDS_LABEL,
    commitment,
    confirmation,
    transcript,
)


class Credentials(Protocol):
    """What an end proves itself with."""

    @property
    def certificate_der(self) -> bytes: ...

    @property
    def fingerprint(self) -> bytes: ...

    def sign(self, data: bytes) -> bytes: ...


class Exchange(Protocol):
    """One end's half of SPAKE2, made for this link alone."""

    @property
    def message(self) -> bytes: ...

    def finish(self, message: bytes) -> bytes: ...


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
        refusal: a callee's: asked once, after hello, for the reason why nobody may ring now.
        exchange: a caller's that was given a code.
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
        refusal: Callable[[], str] = lambda: "",
        exchange: Exchange | None = None,
    ) -> None:
        self.role = role
        self.state = State.AWAITS_HELLO
        self.peer: Hello | None = None
        self.peer_name = ""
        """As the other side gives it; unproven, to be cleaned before it is shown."""
        self.peer_fingerprint = callee_fingerprint if role is Role.CALLER else b""
        self.rejection: str | None = None
        self.wait_s = 0
        """After which a rejected caller may try again; 0 where that is not a matter of time."""
        self.is_code_proven = False
        self.is_code_wrong = False
        """The other side has taken its guess, and that was it."""
        self._own = own
        self._verify = verify
        self._nonce = nonce
        self._callee_fingerprint = callee_fingerprint
        self._refusal = refusal
        self._exchange = exchange
        self._caller_half = b""
        self._callee_half = b""
        self._key = b""
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
            NotTrusted: a callee that has to prove that it knows the code does not.
        """
        if isinstance(control, Ringing) and self.state in (
            State.AWAITS_ANSWER,
            State.AWAITS_CONFIRM,
        ):
            raise NotTrusted(
                "What answered would ring without having proven that it knows the code",
                "somebody may sit between both sides: do not call over this network",
            )
        self.state = next_state(self.role, self.state, Direction.IN, control)
        match control:
            case Hello():
                self.peer, self.peer_name = control, control.name
                return self._answer_hello(control, raw)
            case Proof():
                self._check_proof(control, LABEL)
            case CodeProof():
                self._check_proof(control, CODE_LABEL)
                self._caller_half = control.exchange
            case CodeAnswer():
                return [self._confirm_first(control)]
            case CodeConfirm():
                return self._check_confirmation(control)
            case Ringing():
                self.peer_name = control.name or self.peer_name
            case Reject():
                self.rejection, self.wait_s = control.reason, control.wait_s
        return []

    def _answer_hello(self, hello: Hello, raw: bytes) -> list[bytes]:
        self._peer_raw = raw
        is_ours = hello.version == PROTOCOL_VERSION
        if self.role is Role.CALLER:
            if not is_ours:
                self.rejection = Reason.VERSION
                self.state = State.ENDED
                return []
            return [self.send(self._prove())]
        answers = [self.send(self._hello)]
        if not is_ours:
            answers.append(self.reject(Reason.VERSION))
        elif reason := self._refusal():
            answers.append(self.reject(reason))
        return answers

    def _prove(self) -> Proof | CodeProof:
        certificate = self._own.certificate_der
        if self._exchange is None:
            return Proof(self._nonce, certificate, self._own.sign(self._transcript(LABEL)))
        self._caller_half = self._exchange.message
        signature = self._own.sign(self._transcript(CODE_LABEL))
        return CodeProof(self._nonce, certificate, signature, self._caller_half)

    def reject(self, reason: str, wait_s: int = 0) -> bytes:
        """Return the payload that refuses the caller."""
        self.rejection, self.wait_s = reason, wait_s
        return self.send(Reject(reason, wait_s))

    def _check_proof(self, proof: Proof | CodeProof, label: bytes) -> None:
        assert self.peer is not None
        if commitment(proof.nonce) != self.peer.nonce:
            raise ProtocolError("the caller's nonce is not the one that it committed to")
        self._caller_nonce = proof.nonce
        self._caller_fingerprint = hashlib.sha256(proof.certificate).digest()
        signed = self._transcript(label)
        self.peer_fingerprint = self._verify(proof.certificate, proof.signature, signed)

    def answer_code(self, exchange: Exchange) -> bytes:
        """Return the payload that answers a caller's half with that of a callee.

        Raises:
            ProtocolError: the caller's half is none.
        """
        self._key = exchange.finish(self._caller_half)
        self._callee_half = exchange.message
        return self.send(CodeAnswer(self._callee_half))

    def _confirm_first(self, answer: CodeAnswer) -> bytes:
        assert self._exchange is not None
        self._callee_half = answer.exchange
        self._key = self._exchange.finish(self._callee_half)
        return self.send(CodeConfirm(self._confirmation(Role.CALLER)))

    def _check_confirmation(self, confirm: CodeConfirm) -> list[bytes]:
        other = Role.CALLEE if self.role is Role.CALLER else Role.CALLER
        self.is_code_proven = hmac.compare_digest(confirm.mac, self._confirmation(other))
        if self.role is Role.CALLEE:
            if self.is_code_proven:
                return [self.send(CodeConfirm(self._confirmation(Role.CALLEE)))]
            self.is_code_wrong = True
            return [self.reject(Reason.WRONG_CODE)]
        if not self.is_code_proven:
            raise NotTrusted(
                "What answered does not know the code",
                "somebody may sit between both sides: do not call over this network",
            )
        return []

    def _confirmation(self, role: Role) -> bytes:
        signed = self._transcript(CODE_LABEL)
        return confirmation(self._key, role, signed, self._caller_half, self._callee_half)

    @property
    def session_digest(self) -> bytes:
        """What both ends of one link have in common and no two links do, 32 bytes.

        Known once the caller's proof has come. Source of the words that people read aloud; the
        caller has committed to its nonce before it saw the callee's, so neither end, and nobody
        between, can try for a digest that it likes.
        """
        return hashlib.sha256(self._transcript(WORDS_LABEL)).digest()

    def _transcript(self, label: bytes) -> bytes:
        if self.role is Role.CALLER:
            hellos = self._own_raw, self._peer_raw
            nonce, fingerprint = self._nonce, self._own.fingerprint
        else:
            hellos = self._peer_raw, self._own_raw
            nonce, fingerprint = self._caller_nonce, self._caller_fingerprint
        return transcript(*hellos, nonce, fingerprint, self._callee_fingerprint, label=label)
