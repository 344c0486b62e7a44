"""The identity of a call, and the proof that a new link continues it. Pure: no I/O, no clock.

    caller, on a new link                 callee
      resume (id, generation, nonce)  ->
                                      <-  resume_answer (nonce, MAC), or reject
      resume_proof (MAC)              ->
                                      <-  accept, or reject

Either end may say bye instead of its last message: it has hung up while it had no link.

Both ends derive the identity from two random shares, which they exchange on the call's first link,
inside TLS. The key of each MAC is the call's secret. A MAC covers its sender's role, the call's
id, the generation, both nonces and the callee's fingerprint, so no MAC is of use on another link.
The caller compares that fingerprint with the one of the first link before it sends anything.
"""

import hmac
from dataclasses import dataclass, field

from net.errors import NotTrusted
from net.protocol.control import (
    Bye,
    Control,
    Reject,
    Resume,
    ResumeAnswer,
    ResumeProof,
    encode_control,
)
from net.protocol.states import Direction, Role, State, next_state
from net.protocol.transcript import joined

SECRET_LABEL = b"visavis secret of a call"
ID_LABEL = b"visavis id of a call"
PROOF_LABELS = {
    Role.CALLER: b"visavis caller's proof of a resume",
    Role.CALLEE: b"visavis callee's proof of a resume",
}
ID_BYTES = 16
FIRST_GENERATION = 1


@dataclass(frozen=True, slots=True)
class CallIdentity:
    """The identity of a call, which outlives its links. Both ends have the same.

    Attributes:
        call_id: names the call on a new link; known to its two ends only.
        secret: the key of the proofs; never sent, and kept out of every text.
    """

    call_id: bytes
    secret: bytes = field(repr=False)


def derive_identity(
    caller_share: bytes, callee_share: bytes, session_digest: bytes
) -> CallIdentity:
    """Return the identity of a call from both shares and the handshake of its first link.

    The shares are random and were sent inside TLS, so they are the secret. The digest binds them
    to that handshake: ends that see different keys or nonces derive different secrets.
    """
    parts = joined(SECRET_LABEL, session_digest)
    secret = hmac.digest(caller_share + callee_share, parts, "sha256")
    return CallIdentity(hmac.digest(secret, ID_LABEL, "sha256")[:ID_BYTES], secret)


def resume_mac(
    identity: CallIdentity,
    role: Role,
    request: Resume,
    callee_nonce: bytes,
    callee_fingerprint: bytes,
) -> bytes:
    """Return the MAC with which a role proves that it knows the call's secret."""
    parts = joined(
        PROOF_LABELS[role],
        request.call_id,
        request.generation.to_bytes(8, "big"),
        request.nonce,
        callee_nonce,
        callee_fingerprint,
    )
    return hmac.digest(identity.secret, parts, "sha256")


class ResumeRequest:
    """The caller's side of a resume on one new link: messages in, payloads to send out.

    Args:
        generation: higher than that of every attempt before.
        nonce: 32 random bytes, used for this link only.
        callee_fingerprint: of the certificate in TLS; the caller of this class has compared it.
    Attributes:
        rejection: the reason of the reject that was received, if any.
        bye_reason: the reason of the bye with which a proven callee answered our proof: it has
            hung up; None if it has not.
    """

    def __init__(
        self, identity: CallIdentity, generation: int, *, nonce: bytes, callee_fingerprint: bytes
    ) -> None:
        self.state = State.AWAITS_HELLO
        self.rejection: str | None = None
        self.bye_reason: str | None = None
        self._identity = identity
        self._callee_fingerprint = callee_fingerprint
        self._request = Resume(identity.call_id, generation, nonce)

    def start(self) -> list[bytes]:
        """Return the first payloads to send: the request."""
        return [self.send(self._request)]

    def send(self, control: Control) -> bytes:
        """Advance the state for a message to send, and return its payload.

        Raises:
            ValueError: this peer may not send it in this state; a bug in this program.
        """
        self.state = next_state(Role.CALLER, self.state, Direction.OUT, control)
        return encode_control(control)

    def receive(self, control: Control, payload: bytes) -> list[bytes]:
        """Handle a message from the callee, and return the payloads that answer it.

        Raises:
            ProtocolError: the message is out of turn.
            NotTrusted: the callee does not know the call's secret.
        """
        has_proven = self.state is State.AWAITS_RESUME
        self.state = next_state(Role.CALLER, self.state, Direction.IN, control)
        if isinstance(control, Bye) and has_proven:
            self.bye_reason = control.reason
            return [self.send(Bye())]
        if isinstance(control, Reject):
            self.rejection = control.reason
        elif isinstance(control, ResumeAnswer):
            if not hmac.compare_digest(control.mac, self._mac(Role.CALLEE, control.nonce)):
                raise NotTrusted("The other side does not know the secret of the call")
            return [self.send(ResumeProof(self._mac(Role.CALLER, control.nonce)))]
        return []

    def _mac(self, role: Role, callee_nonce: bytes) -> bytes:
        return resume_mac(
            self._identity, role, self._request, callee_nonce, self._callee_fingerprint
        )


class ResumeCheck:
    """The callee's check of one resume request.

    Args:
        nonce: 32 random bytes, used for this link only.
        callee_fingerprint: of our own certificate.
    Attributes:
        call_id: of the call that the caller wants to continue.
        is_proven: True once the caller has proven that it knows the call's secret.
    """

    def __init__(
        self, identity: CallIdentity, request: Resume, *, nonce: bytes, callee_fingerprint: bytes
    ) -> None:
        self.call_id = request.call_id
        self.generation = request.generation
        self.is_proven = False
        self._expected, own_mac = (
            resume_mac(identity, role, request, nonce, callee_fingerprint)
            for role in (Role.CALLER, Role.CALLEE)
        )
        self.answer = ResumeAnswer(nonce, own_mac)

    def is_proven_by(self, proof: ResumeProof) -> bool:
        """Return whether the caller knows the call's secret. Takes the same time for any MAC."""
        self.is_proven = hmac.compare_digest(proof.mac, self._expected)
        return self.is_proven
