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


BINDING, ANOTHER_BINDING = b"c" * 48, b"d" * 48


def caller_of(bob: Identity, identity: CallIdentity = CALL, generation: int = 2) -> ResumeRequest:
    return ResumeRequest(
        identity, generation, channel_binding=BINDING, callee_fingerprint=bob.fingerprint
    )


def callee_of(bob: Identity, channel_binding: bytes = BINDING) -> Handshake:
    """Return a callee that is in the call."""
    return Handshake(
        Role.CALLEE,
        local_end(bob, "Bob"),
        nonce=secrets.token_bytes(32),
        channel_binding=channel_binding,
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
    assert deliver(caller, deliver(callee, caller.start())) == []
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
    [payload] = deliver(callee, [encode_control(Resume(CALL.call_id, 2, bytes(32)))])
    assert decoded(payload) == Reject(Reason.WRONG_PROOF)
    assert callee.state is State.ENDED


def test_replayed_request_is_refused_on_another_link(bob: Identity) -> None:
    request = caller_of(bob).start()
    deliver(callee_of(bob), request)
    [payload] = deliver(callee_of(bob, ANOTHER_BINDING), request)
    assert decoded(payload) == Reject(Reason.WRONG_PROOF)


def test_link_without_a_binding_resumes_nothing(bob: Identity) -> None:
    with pytest.raises(ValueError, match="channel binding"):
        deliver(callee_of(bob, b""), caller_of(bob).start())


def test_bye_after_both_proofs_is_the_callees_and_is_answered(bob: Identity) -> None:
    caller, callee = caller_of(bob), callee_of(bob)
    deliver(caller, deliver(callee, caller.start()))
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
        deliver(caller, [encode_control(ResumeAnswer(bytes(32)))])


def test_callees_own_mac_does_not_prove_the_caller(bob: Identity) -> None:
    [payload] = deliver(callee_of(bob), caller_of(bob).start())
    answer = decoded(payload)
    assert isinstance(answer, ResumeAnswer)
    [refusal] = deliver(callee_of(bob), [encode_control(Resume(CALL.call_id, 2, answer.mac))])
    assert decoded(refusal) == Reject(Reason.WRONG_PROOF)


def test_mac_covers_role_call_generation_binding_and_fingerprint() -> None:
    def mac(
        identity: CallIdentity = CALL,
        role: Role = Role.CALLER,
        generation: int = 2,
        binding: bytes = BINDING,
        callee: bytes = b"f" * 32,
    ) -> bytes:
        return resume_mac(
            identity, role, generation, channel_binding=binding, callee_fingerprint=callee
        )

    macs = [
        mac(),
        mac(role=Role.CALLEE),
        mac(generation=3),
        mac(binding=ANOTHER_BINDING),
        mac(callee=b"x" * 32),
        mac(STRANGER),
        mac(dataclasses.replace(CALL, call_id=bytes(16))),
    ]
    assert len(set(macs)) == len(macs)


def test_changed_secret_of_equal_id_is_refused(bob: Identity) -> None:
    """An id that leaked does not resume a call."""
    thief = dataclasses.replace(STRANGER, call_id=CALL.call_id)
    caller, callee = caller_of(bob, thief), callee_of(bob)
    [refusal] = deliver(callee, caller.start())
    assert decoded(refusal) == Reject(Reason.WRONG_PROOF)


@pytest.mark.parametrize(
    "control",
    [ResumeAnswer(bytes(32)), Accept(), Hello(1, "Ann", bytes(32))],
    ids=lambda control: type(control).__name__,
)
def test_message_out_of_turn_is_a_protocol_error(control: Control, bob: Identity) -> None:
    callee = callee_of(bob)
    if isinstance(control, Hello):
        deliver(callee, caller_of(bob).start())
    with pytest.raises(ProtocolError):
        deliver(callee, [encode_control(control)])
    caller = caller_of(bob)
    caller.start()
    with pytest.raises(NotTrusted if isinstance(control, ResumeAnswer) else ProtocolError):
        deliver(caller, [encode_control(control)])


def test_second_resume_on_one_link_is_a_protocol_error(bob: Identity) -> None:
    callee = callee_of(bob)
    request = caller_of(bob).start()
    deliver(callee, request)
    with pytest.raises(ProtocolError):
        deliver(callee, request)
