"""The identity of a call, and the proof that a new link continues it. Pure: no I/O, no clock.

    caller, on a new link                 callee
      resume (id, generation, MAC)    ->
                                      <-  resume_answer (MAC) and accept, or reject

Either end may say bye after its MAC, instead of going on: it has hung up while it had no link. If
a reject crosses that bye, the callee has not read it.

Both ends derive the identity from two random shares, which they exchange on the call's first link,
inside TLS. The key of each MAC is the call's secret. A MAC covers its sender's role, the call's
id, the generation, the callee's fingerprint and the link's channel binding, which no two TLS
handshakes share, so no MAC is of use on another link. The caller compares that fingerprint with
the one of the first link before it sends anything.

The binding replaces nonces, which would cost another round trip before the call goes on.
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
    generation: int,
    *,
    channel_binding: bytes,
    callee_fingerprint: bytes,
) -> bytes:
    """Return the MAC with which a role proves that it knows the call's secret.

    Raises:
        ValueError: the binding is empty, so that the MAC would be of use on any link; a bug.
    """
    if not channel_binding:
        raise ValueError("a resume needs the channel binding of its link")
    parts = joined(
        PROOF_LABELS[role],
        identity.call_id,
        generation.to_bytes(8, "big"),
        channel_binding,
        callee_fingerprint,
    )
    return hmac.digest(identity.secret, parts, "sha256")


class ResumeRequest:
    """The caller's side of a resume on one new link: messages in, payloads to send out.

    Args:
        generation: higher than that of every attempt before.
        channel_binding: of the link's TLS.
        callee_fingerprint: of the certificate in TLS; the caller of this class has compared it.
    Attributes:
        rejection: the reason of the reject that was received, if any.
        bye_reason: the reason of the bye that followed the callee's proof: it has hung up; None
            if it has not.
    """

    def __init__(
        self,
        identity: CallIdentity,
        generation: int,
        *,
        channel_binding: bytes,
        callee_fingerprint: bytes,
    ) -> None:
        self.state = State.AWAITS_HELLO
        self.rejection: str | None = None
        self.bye_reason: str | None = None
        own_mac, self._expected = (
            resume_mac(
                identity,
                role,
                generation,
                channel_binding=channel_binding,
                callee_fingerprint=callee_fingerprint,
            )
            for role in (Role.CALLER, Role.CALLEE)
        )
        self._request = Resume(identity.call_id, generation, own_mac)

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
        elif isinstance(control, ResumeAnswer) and not hmac.compare_digest(
            control.mac, self._expected
        ):
            raise NotTrusted("The other side does not know the secret of the call")
        return []


class ResumeCheck:
    """The callee's check of one resume request.

    Args:
        channel_binding: of the link's TLS.
        callee_fingerprint: of our own certificate.
    Attributes:
        call_id: of the call that the caller wants to continue.
        is_proven: whether the caller knows the call's secret. Found in the same time for any MAC.
        answer: the callee's proof.
    """

    def __init__(
        self,
        identity: CallIdentity,
        request: Resume,
        *,
        channel_binding: bytes,
        callee_fingerprint: bytes,
    ) -> None:
        self.call_id = request.call_id
        self.generation = request.generation
        expected, own_mac = (
            resume_mac(
                identity,
                role,
                request.generation,
                channel_binding=channel_binding,
                callee_fingerprint=callee_fingerprint,
            )
            for role in (Role.CALLER, Role.CALLEE)
        )
        self.is_proven = hmac.compare_digest(request.mac, expected)
        self.answer = ResumeAnswer(own_mac)
