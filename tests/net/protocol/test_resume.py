"""Claims about net/protocol/resume.py: two ends of a resume, and ends that have no right to one."""

import dataclasses
import secrets
from itertools import combinations

import pytest

from net.errors import NotTrusted, ProtocolError
from net.protocol.control import (
    Accept,
    Bye,
    Control,
    Hello,
    Reject,
    Resume,
    ResumeAnswer,
    ResumeProof,
    decode_control,
    encode_control,
)
from net.protocol.handshake import Handshake
from net.protocol.reasons import Reason
from net.protocol.resume import (
    CallIdentity,
    ResumeRequest,
    derive_identity,
    resume_mac,
)
from net.protocol.states import Role, State
from net.trust.identity import Identity
from tests.support.local_ends import local_end

DIGEST = b"s" * 32
CALL = derive_identity(b"a" * 32, b"b" * 32, DIGEST)
STRANGER = derive_identity(b"x" * 32, b"b" * 32, DIGEST)


def caller_of(
    bob: Identity, identity: CallIdentity = CALL, generation: int = 2, nonce: bytes = b"c" * 32
) -> ResumeRequest:
    return ResumeRequest(identity, generation, nonce=nonce, callee_fingerprint=bob.fingerprint)


def callee_of(bob: Identity, nonce: bytes | None = None) -> Handshake:
    """Return a callee that is in the call."""
    return Handshake(
        Role.CALLEE,
        local_end(bob, "Bob"),
        nonce=nonce or secrets.token_bytes(32),
        callee_fingerprint=bob.fingerprint,
        find_refusal=lambda: Reason.BUSY,
        find_call=lambda call_id: CALL if call_id == CALL.call_id else None,
    )


def decoded(payload: bytes) -> Control:
    control = decode_control(payload)
    assert control is not None
    return control


def deliver(receiver: Handshake | ResumeRequest, payloads: list[bytes]) -> list[bytes]:
    return [answer for raw in payloads for answer in receiver.receive(decoded(raw), raw)]


def test_both_ends_of_the_call_reach_it_on_a_new_link(bob: Identity) -> None:
    caller, callee = caller_of(bob, generation=7), callee_of(bob)
    answer = deliver(callee, caller.start())
    assert deliver(callee, deliver(caller, answer)) == []
    assert (caller.state, callee.state) == (State.AWAITS_RESUME, State.RESUMING)
    assert callee.resume is not None
    assert callee.resume.generation == 7
    deliver(caller, [callee.send(Accept())])
    assert caller.state is callee.state is State.CALL


def test_identity_depends_on_each_part_and_has_no_secret_in_its_text() -> None:
    identities = [
        CALL,
        STRANGER,
        derive_identity(b"a" * 32, b"x" * 32, DIGEST),
        derive_identity(b"b" * 32, b"a" * 32, DIGEST),
        derive_identity(b"a" * 32, b"b" * 32, b"t" * 32),
    ]
    for one, other in combinations(identities, 2):
        assert one.secret != other.secret
        assert one.call_id != other.call_id
    assert CALL.secret not in encode_control(Resume(CALL.call_id, 2, bytes(32)))
    assert repr(CALL.secret) not in repr(CALL)


def test_unknown_call_is_refused(bob: Identity) -> None:
    caller, callee = caller_of(bob, STRANGER), callee_of(bob)
    [payload] = deliver(callee, caller.start())
    assert decoded(payload) == Reject(Reason.NO_SUCH_CALL)
    deliver(caller, [payload])
    assert caller.rejection == Reason.NO_SUCH_CALL
    assert caller.state is callee.state is State.ENDED


def test_caller_without_the_secret_is_refused(bob: Identity) -> None:
    callee = callee_of(bob)
    deliver(callee, [encode_control(Resume(CALL.call_id, 2, bytes(32)))])
    [payload] = deliver(callee, [encode_control(ResumeProof(bytes(32)))])
    assert decoded(payload) == Reject(Reason.WRONG_PROOF)
    assert callee.state is State.ENDED


def test_replayed_proof_is_refused(bob: Identity) -> None:
    caller, callee, again = caller_of(bob), callee_of(bob), callee_of(bob)
    request = caller.start()
    proof = deliver(caller, deliver(callee, request))
    deliver(again, request)
    [payload] = deliver(again, proof)
    assert decoded(payload) == Reject(Reason.WRONG_PROOF)


def test_bye_after_both_proofs_is_the_callees_and_is_answered(bob: Identity) -> None:
    caller, callee = caller_of(bob), callee_of(bob)
    deliver(callee, deliver(caller, deliver(callee, caller.start())))
    [answer] = deliver(caller, [callee.send(Bye("enough"))])
    assert decoded(answer) == Bye()
    assert caller.bye_reason == "enough"


def test_bye_before_the_callees_proof_is_not_believed(bob: Identity) -> None:
    caller = caller_of(bob)
    caller.start()
    deliver(caller, [encode_control(Bye())])
    assert caller.bye_reason is None


def test_callee_without_the_secret_is_not_trusted(bob: Identity) -> None:
    caller = caller_of(bob)
    caller.start()
    with pytest.raises(NotTrusted):
        deliver(caller, [encode_control(ResumeAnswer(bytes(32), bytes(32)))])


def test_callees_own_mac_does_not_prove_the_caller(bob: Identity) -> None:
    callee = callee_of(bob)
    [payload] = deliver(callee, [encode_control(Resume(CALL.call_id, 2, bytes(32)))])
    answer = decoded(payload)
    assert isinstance(answer, ResumeAnswer)
    [refusal] = deliver(callee, [encode_control(ResumeProof(answer.mac))])
    assert decoded(refusal) == Reject(Reason.WRONG_PROOF)


def test_mac_covers_role_request_nonce_and_fingerprint() -> None:
    request = Resume(CALL.call_id, 2, b"c" * 32)
    macs = [
        resume_mac(CALL, Role.CALLER, request, b"d" * 32, b"f" * 32),
        resume_mac(CALL, Role.CALLEE, request, b"d" * 32, b"f" * 32),
        resume_mac(CALL, Role.CALLER, request, b"x" * 32, b"f" * 32),
        resume_mac(CALL, Role.CALLER, request, b"d" * 32, b"x" * 32),
        resume_mac(STRANGER, Role.CALLER, request, b"d" * 32, b"f" * 32),
        *(
            resume_mac(CALL, Role.CALLER, changed, b"d" * 32, b"f" * 32)
            for changed in (
                Resume(bytes(16), 2, b"c" * 32),
                Resume(CALL.call_id, 3, b"c" * 32),
                Resume(CALL.call_id, 2, b"x" * 32),
            )
        ),
    ]
    assert len(set(macs)) == len(macs)


def test_changed_secret_of_equal_id_is_refused(bob: Identity) -> None:
    """An id that leaked does not resume a call."""
    thief = dataclasses.replace(STRANGER, call_id=CALL.call_id)
    caller, callee = caller_of(bob, thief), callee_of(bob)
    answer = deliver(callee, caller.start())
    with pytest.raises(NotTrusted):
        deliver(caller, answer)


@pytest.mark.parametrize(
    "control",
    [ResumeProof(bytes(32)), Accept(), Hello(1, "Ann", bytes(32))],
    ids=lambda control: type(control).__name__,
)
def test_message_out_of_turn_is_a_protocol_error(control: Control, bob: Identity) -> None:
    callee = callee_of(bob)
    if isinstance(control, Hello):
        deliver(callee, [encode_control(Resume(CALL.call_id, 2, bytes(32)))])
    with pytest.raises(ProtocolError):
        deliver(callee, [encode_control(control)])
    caller = caller_of(bob)
    caller.start()
    with pytest.raises(ProtocolError):
        deliver(caller, [encode_control(control)])


def test_second_resume_on_one_link_is_a_protocol_error(bob: Identity) -> None:
    callee = callee_of(bob)
    request = [encode_control(Resume(CALL.call_id, 2, bytes(32)))]
    deliver(callee, request)
    with pytest.raises(ProtocolError):
        deliver(callee, request)
