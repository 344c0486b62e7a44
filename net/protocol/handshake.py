"""The handshake of a call, from hello to ringing, in both roles. Pure: no I/O, clock, randomness.

    caller                          callee
      hello (SHA-256 of nonce)  ->
                                <-  hello (nonce)           another version, or busy: reject
      proof (nonce, signature)  ->                          a wrong proof: the protocol error
                                <-  ringing, or reject

    with a call code, instead of proof:
      code_proof (and half)     ->                          counts as a wrong guess from here on
                                <-  code_answer (half)      when the listener calls `answer_code`
      code_confirm (MAC)        ->
                                <-  code_confirm (MAC), or reject

    to measure goodput, which never rings, both hellos say so, and instead of proof:
      goodput_proof             ->
                                <-  goodput_ready, or reject; the rest is in `goodput_messages.py`

A half is one peer's message of the SPAKE2 exchange. The signature covers a label, the version, both
hellos as sent, both nonces and both fingerprints, so it is worthless on any other link. Each MAC
covers all that and both halves. TLS proves the callee's key. A relay between two links has
other fingerprints, so neither signature nor MAC is valid beyond it. A caller with a code accepts no
answer but the callee's MAC.

A caller may open with a resume instead of a hello, to continue a call on a new link: `resume.py`.
"""

import hashlib
import hmac
from collections.abc import Callable
from typing import Protocol

from msgspec import UNSET
from msgspec.structs import replace

from net.errors import NotTrusted, ProtocolError
from net.protocol.control import (
    PROTOCOL_VERSION,
    Bye,
    CodeAnswer,
    CodeConfirm,
    CodeProof,
    Control,
    Hello,
    Proof,
    Reject,
    Resume,
    Ringing,
    encode_control,
)
from net.protocol.goodput_messages import Filler, GoodputProof, GoodputReport
from net.protocol.local_end import LocalEnd
from net.protocol.reasons import Reason
from net.protocol.resume import CallIdentity, ResumeCheck
from net.protocol.states import Direction, Role, State, next_state
from net.protocol.transcript import (
    CODE_LABEL,
    GOODPUT_LABEL,
    LABEL,
    WORDS_LABEL,
    commitment,
    confirmation,
    transcript,
)

_RELAY_WARNING = (
    "somebody may be between you and the other side: do not make this call over this network"
)


class Exchange(Protocol):
    """One peer's side of a SPAKE2 exchange, made for one link."""

    @property
    def message(self) -> bytes: ...

    def finish(self, message: bytes) -> bytes: ...


class Handshake:
    """The handshake of one link: received control messages in, payloads to send out.

    Args:
        nonce: 32 random bytes, used for this link only.
        callee_fingerprint: of the certificate in TLS: the peer's for a caller, ours for a callee.
        find_refusal: returns the reason why no caller may ring now, or "". A callee calls it once,
            after the caller's hello.
        exchange: the SPAKE2 exchange of a caller that was given a code.
        find_call: returns the identity of the callee's call with this id, or None.
        channel_binding: of the link's TLS, for a callee whose call can be resumed.
        wants_goodput: whether a caller measures goodput instead of ringing. It says bye to a callee
            that cannot.
    Attributes:
        peer_hello: the peer's hello; None before it arrives.
        peer_name: the peer's name for itself; unproven, so clean it before you show it.
        peer_fingerprint: of the peer's certificate; empty until the caller has proven its key.
        rejection: the reason of the reject that was sent or received, if any.
        wait_s: seconds after which a rejected caller may try again; 0 if waiting does not help.
        is_code_proven: whether the peer has proven that it knows the code.
        is_code_wrong: whether the caller's confirmation was wrong, so that its guess is spent.
        resume: the check of a caller that wants to continue a call; None otherwise.
        bye_reason: the reason of the peer's bye, or "".
        filler_bytes: of padding, received so far.
        goodput_report: of the filler that a caller has sent; None before it arrives.
    """

    def __init__(
        self,
        role: Role,
        local: LocalEnd,
        *,
        nonce: bytes,
        callee_fingerprint: bytes,
        find_refusal: Callable[[], str] = lambda: "",
        exchange: Exchange | None = None,
        find_call: Callable[[bytes], CallIdentity | None] = lambda _: None,
        channel_binding: bytes = b"",
        wants_goodput: bool = False,
    ) -> None:
        self.role = role
        self.state = State.AWAITS_HELLO
        self.peer_hello: Hello | None = None
        self.peer_name = ""
        self.peer_fingerprint = callee_fingerprint if role is Role.CALLER else b""
        self.rejection: str | None = None
        self.wait_s = 0
        self.is_code_proven = False
        self.is_code_wrong = False
        self.resume: ResumeCheck | None = None
        self.bye_reason = ""
        self.filler_bytes = 0
        self.goodput_report: GoodputReport | None = None
        self._wants_goodput = wants_goodput
        self._find_call = find_call
        self._channel_binding = channel_binding
        self._nonce = nonce
        self._local = local
        self._callee_fingerprint = callee_fingerprint
        self._find_refusal = find_refusal
        self._exchange = exchange
        self._caller_half = b""
        self._callee_half = b""
        self._exchange_key = b""
        public_nonce = commitment(nonce) if role is Role.CALLER else nonce
        self._hello = Hello(
            PROTOCOL_VERSION,
            local.name,
            public_nonce,
            local.can_decode,
            local.can_hear,
            True if wants_goodput else UNSET,
        )
        self._own_hello_payload = encode_control(self._hello)
        self._peer_hello_payload = b""
        # The callee learns both from the caller's proof.
        self._caller_nonce = nonce if role is Role.CALLER else b""
        self._caller_fingerprint = local.credentials.fingerprint if role is Role.CALLER else b""

    def start(self) -> list[bytes]:
        """Return the first payloads to send: the caller's hello; none from the callee."""
        return [self.send(self._hello)] if self.role is Role.CALLER else []

    def send(self, control: Control) -> bytes:
        """Advance the state for a message to send, and return its payload.

        Raises:
            ValueError: this peer may not send it in this state; a bug in this program.
        """
        self.state = next_state(self.role, self.state, Direction.OUT, control)
        return self._own_hello_payload if control is self._hello else encode_control(control)

    def receive(self, control: Control, payload: bytes) -> list[bytes]:
        """Handle a message from the peer, and return the payloads that answer it.

        Args:
            control: the decoded message.
            payload: its bytes as received.
        Raises:
            ProtocolError: the message is out of turn, or its proof is wrong.
            NotTrusted: the callee has not proven that it knows the code.
        """
        if isinstance(control, Ringing) and self.state in (
            State.AWAITS_ANSWER,
            State.AWAITS_CONFIRM,
        ):
            raise NotTrusted(
                "The other side rang without having proven that it knows the code", _RELAY_WARNING
            )
        self.state = next_state(self.role, self.state, Direction.IN, control)
        match control:
            case Hello():
                self.peer_hello, self.peer_name = control, control.name
                self._peer_hello_payload = payload
                return self._answer_hello(control)
            case Proof():
                self._check_proof(control, LABEL)
            case CodeProof():
                self._check_proof(control, CODE_LABEL)
                self._caller_half = control.exchange
            case GoodputProof():
                self._check_proof(control, GOODPUT_LABEL)
            case Filler():
                self.filler_bytes += len(control.padding)
            case GoodputReport():
                self.goodput_report = control
            case CodeAnswer():
                return [self._confirm_as_caller(control)]
            case CodeConfirm():
                return self._check_confirmation(control)
            case Ringing():
                self.peer_name = control.name or self.peer_name
            case Reject():
                self.rejection, self.wait_s = control.reason, control.wait_s
            case Bye():
                self.bye_reason = control.reason
            case Resume():
                return [self._answer_resume(control)]
        return []

    def reject(self, reason: str, wait_s: int = 0) -> bytes:
        """Return the payload that refuses the caller."""
        self.rejection, self.wait_s = reason, wait_s
        return self.send(Reject(reason, wait_s))

    def answer_code(self, exchange: Exchange) -> bytes:
        """Return the payload that answers the caller's half with the callee's.

        Raises:
            ProtocolError: the caller's half is not valid.
        """
        self._exchange_key = exchange.finish(self._caller_half)
        self._callee_half = exchange.message
        return self.send(CodeAnswer(self._callee_half))

    @property
    def session_digest(self) -> bytes:
        """The digest that both ends of this link share and no other link has, 32 bytes.

        Available once the callee has the caller's proof. The words that users compare aloud
        derive from it. The caller commits to its nonce before it sees the callee's, so nobody, not
        even a relay, can search for nonces that yield a chosen digest.
        """
        return hashlib.sha256(self._transcript(WORDS_LABEL)).digest()

    def _answer_hello(self, hello: Hello) -> list[bytes]:
        is_our_version = hello.version == PROTOCOL_VERSION
        if self.role is Role.CALLER:
            if not is_our_version:
                self.rejection = Reason.VERSION
                self.state = State.ENDED
                return []
            if self._wants_goodput and hello.measures_goodput is not True:
                return [self.send(Bye())]
            return [self.send(self._make_proof())]
        if hello.measures_goodput is True:
            self._hello = replace(self._hello, measures_goodput=True)
            self._own_hello_payload = encode_control(self._hello)
        answers = [self.send(self._hello)]
        if not is_our_version:
            answers.append(self.reject(Reason.VERSION))
        elif reason := self._find_refusal():
            answers.append(self.reject(reason))
        return answers

    def _answer_resume(self, request: Resume) -> bytes:
        identity = self._find_call(request.call_id)
        if identity is None:
            return self.reject(Reason.NO_SUCH_CALL)
        self.resume = ResumeCheck(
            identity,
            request,
            channel_binding=self._channel_binding,
            callee_fingerprint=self._callee_fingerprint,
        )
        if not self.resume.is_proven:
            return self.reject(Reason.WRONG_PROOF)
        return self.send(self.resume.answer)

    def _make_proof(self) -> Proof | CodeProof | GoodputProof:
        own = self._local.credentials
        if self._wants_goodput:
            signature = own.sign(self._transcript(GOODPUT_LABEL))
            return GoodputProof(self._caller_nonce, own.certificate_der, signature)
        if self._exchange is None:
            signature = own.sign(self._transcript(LABEL))
            return Proof(self._caller_nonce, own.certificate_der, signature)
        self._caller_half = self._exchange.message
        signature = own.sign(self._transcript(CODE_LABEL))
        return CodeProof(self._caller_nonce, own.certificate_der, signature, self._caller_half)

    def _check_proof(self, proof: Proof | CodeProof | GoodputProof, label: bytes) -> None:
        assert self.peer_hello is not None
        if commitment(proof.nonce) != self.peer_hello.nonce:
            raise ProtocolError("The caller's nonce is not the one that it committed to")
        self._caller_nonce = proof.nonce
        self._caller_fingerprint = hashlib.sha256(proof.certificate).digest()
        signed = self._transcript(label)
        self.peer_fingerprint = self._local.verify(proof.certificate, proof.signature, signed)
        if (label == GOODPUT_LABEL) != (self.peer_hello.measures_goodput is True):
            raise ProtocolError("The caller's proof is not the one that its hello announced")

    def _confirm_as_caller(self, answer: CodeAnswer) -> bytes:
        assert self._exchange is not None
        self._callee_half = answer.exchange
        self._exchange_key = self._exchange.finish(self._callee_half)
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
            raise NotTrusted("The other side does not know the code", _RELAY_WARNING)
        return []

    def _confirmation(self, role: Role) -> bytes:
        signed = self._transcript(CODE_LABEL)
        return confirmation(self._exchange_key, role, signed, self._caller_half, self._callee_half)

    def _transcript(self, label: bytes) -> bytes:
        hellos = [self._own_hello_payload, self._peer_hello_payload]
        if self.role is Role.CALLEE:
            hellos.reverse()
        caller_hello, callee_hello = hellos
        return transcript(
            caller_hello,
            callee_hello,
            self._caller_nonce,
            self._caller_fingerprint,
            self._callee_fingerprint,
            label=label,
        )
