"""Claims about net/protocol/handshake.py without a call code: two ends with real keys."""

import hashlib
from collections.abc import Callable

import msgspec
import pytest
from msgspec.structs import replace

from net.errors import ProtocolError
from net.protocol.control import (
    PROTOCOL_VERSION,
    Accept,
    Bye,
    Control,
    Decodable,
    Hello,
    Ping,
    Proof,
    Reject,
    Ringing,
    decode_control,
    encode_control,
)
from net.protocol.handshake import Handshake
from net.protocol.states import Role, State
from net.protocol.transcript import LABEL, commitment, transcript
from net.trust.identity import Identity, load_or_make_identity, verify
from tests.support.local_ends import local_end

CALLER_NONCE = b"c" * 32
CALLEE_NONCE = b"d" * 32
CAN_DECODE = [Decodable("h264", 1920, 1080)]


def caller_of(alice: Identity, bob: Identity, nonce: bytes = CALLER_NONCE) -> Handshake:
    return Handshake(
        Role.CALLER,
        local_end(alice, "Alice", can_decode=CAN_DECODE, can_hear=["opus"]),
        nonce=nonce,
        callee_fingerprint=bob.fingerprint,
    )


def callee_of(
    bob: Identity, nonce: bytes = CALLEE_NONCE, find_refusal: Callable[[], str] = lambda: ""
) -> Handshake:
    return Handshake(
        Role.CALLEE,
        local_end(bob, "Bob"),
        nonce=nonce,
        callee_fingerprint=bob.fingerprint,
        find_refusal=find_refusal,
    )


def decoded(payload: bytes) -> Control:
    control = decode_control(payload)
    assert control is not None
    return control


def deliver(receiver: Handshake, payloads: list[bytes]) -> list[bytes]:
    return [answer for raw in payloads for answer in receiver.receive(decoded(raw), raw)]


def to_proof(caller: Handshake, callee: Handshake) -> Proof:
    """Exchange the hellos, and return the caller's proof."""
    [payload] = deliver(caller, deliver(callee, caller.start()))
    proof = decoded(payload)
    assert isinstance(proof, Proof)
    return proof


def test_two_ends_with_real_keys_reach_ringing_and_call(alice: Identity, bob: Identity) -> None:
    caller, callee = caller_of(alice, bob), callee_of(bob)
    proof = deliver(caller, deliver(callee, caller.start()))
    assert deliver(callee, proof) == []
    assert callee.peer_fingerprint == alice.fingerprint
    assert caller.peer_fingerprint == bob.fingerprint
    assert deliver(caller, [callee.send(Ringing())]) == []
    assert {caller.state, callee.state} == {State.RINGING}
    assert deliver(caller, [callee.send(Accept())]) == []
    assert {caller.state, callee.state} == {State.CALL}
    assert caller.rejection is callee.rejection is None


def test_each_end_keeps_the_peers_hello(alice: Identity, bob: Identity) -> None:
    caller, callee = caller_of(alice, bob), callee_of(bob)
    to_proof(caller, callee)
    assert callee.peer_hello == Hello(
        PROTOCOL_VERSION, "Alice", commitment(CALLER_NONCE), CAN_DECODE, ["opus"]
    )
    assert caller.peer_hello == Hello(PROTOCOL_VERSION, "Bob", CALLEE_NONCE, [])


def test_caller_reveals_its_nonce_only_after_the_callees(alice: Identity, bob: Identity) -> None:
    caller, callee = caller_of(alice, bob), callee_of(bob)
    hello = caller.start()
    assert CALLER_NONCE not in hello[0]
    assert hashlib.sha256(CALLER_NONCE).digest() in hello[0]
    [answer] = deliver(callee, hello)
    assert CALLEE_NONCE in answer
    [proof] = deliver(caller, [answer])
    assert CALLER_NONCE in proof


def test_callee_starts_with_nothing_to_send_and_no_peer(bob: Identity) -> None:
    callee = callee_of(bob)
    assert callee.start() == []
    assert callee.peer_hello is None
    assert callee.peer_fingerprint == b""


def test_signature_covers_the_transcript(alice: Identity, bob: Identity) -> None:
    parts = (
        b"visavis caller's proof",
        (1).to_bytes(8, "big"),
        b"caller's hello",
        b"callee's hello",
        b"caller's nonce",
        b"caller's fingerprint",
        b"callee's fingerprint",
    )
    assert transcript(*parts[2:]) == b"".join(len(p).to_bytes(4, "big") + p for p in parts)
    assert parts[0] == LABEL

    caller, callee = caller_of(alice, bob), callee_of(bob)
    [hello] = caller.start()
    [answer] = deliver(callee, [hello])
    [payload] = deliver(caller, [answer])
    proof = decoded(payload)
    assert isinstance(proof, Proof)
    signed = transcript(hello, answer, CALLER_NONCE, alice.fingerprint, bob.fingerprint)
    assert verify(proof.certificate, proof.signature, signed) == alice.fingerprint


def test_signature_covers_the_hellos_as_sent(alice: Identity, bob: Identity) -> None:
    caller, callee = caller_of(alice, bob), callee_of(bob)
    # The hello gets a field of a later version, which decoding ignores.
    hello = {**msgspec.msgpack.decode(caller.start()[0]), "later": 1}
    changed = msgspec.msgpack.encode(hello)
    answers = deliver(callee, [changed])
    [proof] = deliver(caller, answers)
    with pytest.raises(ProtocolError, match="signature is wrong"):
        deliver(callee, [proof])


@pytest.mark.parametrize("place", [0, 20, 31, 32, 63])
def test_changed_signature_is_a_protocol_error(alice: Identity, bob: Identity, place: int) -> None:
    caller, callee = caller_of(alice, bob), callee_of(bob)
    proof = to_proof(caller, callee)
    signature = bytearray(proof.signature)
    signature[place] ^= 1
    changed = encode_control(replace(proof, signature=bytes(signature)))
    with pytest.raises(ProtocolError, match="signature is wrong"):
        deliver(callee, [changed])
    assert callee.peer_fingerprint == b""


@pytest.mark.parametrize("signature", [b"", b"x", bytes(64), bytes(1024)])
def test_invalid_signature_is_a_protocol_error(
    alice: Identity, bob: Identity, signature: bytes
) -> None:
    caller, callee = caller_of(alice, bob), callee_of(bob)
    proof = replace(to_proof(caller, callee), signature=signature)
    with pytest.raises(ProtocolError, match="signature is wrong"):
        deliver(callee, [encode_control(proof)])


@pytest.mark.parametrize("certificate", [b"", b"x", bytes(300), b"\x30\x82\xff\xff"])
def test_invalid_certificate_is_a_protocol_error(
    alice: Identity, bob: Identity, certificate: bytes
) -> None:
    caller, callee = caller_of(alice, bob), callee_of(bob)
    proof = replace(to_proof(caller, callee), certificate=certificate)
    with pytest.raises(ProtocolError, match="certificate cannot be read"):
        deliver(callee, [encode_control(proof)])


def test_certificate_with_another_key_is_a_protocol_error(alice: Identity, bob: Identity) -> None:
    caller, callee = caller_of(alice, bob), callee_of(bob)
    proof = replace(to_proof(caller, callee), certificate=bob.certificate_der)
    with pytest.raises(ProtocolError, match="signature is wrong"):
        deliver(callee, [encode_control(proof)])


def test_nonce_that_breaks_the_commitment_is_a_protocol_error(
    alice: Identity, bob: Identity
) -> None:
    caller, callee = caller_of(alice, bob), callee_of(bob)
    [hello] = caller.start()
    [answer] = deliver(callee, [hello])
    # The signature is right, so that only the commitment is wrong.
    other = b"x" * 32
    signed = transcript(hello, answer, other, alice.fingerprint, bob.fingerprint)
    proof = Proof(other, alice.certificate_der, alice.sign(signed))
    with pytest.raises(ProtocolError, match="not the one that it committed to"):
        deliver(callee, [encode_control(proof)])


def test_proof_is_worthless_on_another_link(alice: Identity, bob: Identity) -> None:
    caller, callee = caller_of(alice, bob), callee_of(bob)
    proof = encode_control(to_proof(caller, callee))
    # The same caller sends the same hello again, but the callee's nonce differs.
    again = callee_of(bob, nonce=b"e" * 32)
    deliver(again, caller_of(alice, bob).start())
    with pytest.raises(ProtocolError, match="signature is wrong"):
        deliver(again, [proof])


def test_proof_cannot_be_relayed_to_another_callee(
    alice: Identity, bob: Identity, tmp_path_factory: pytest.TempPathFactory
) -> None:
    mallory = load_or_make_identity(tmp_path_factory.mktemp("mallory"))
    # Alice calls Mallory, who relays everything between her and Bob, including Bob's hello.
    caller, callee = caller_of(alice, mallory), callee_of(bob)
    proof = encode_control(to_proof(caller, callee))
    with pytest.raises(ProtocolError, match="signature is wrong"):
        deliver(callee, [proof])


def test_peer_may_call_itself(alice: Identity) -> None:
    caller, callee = caller_of(alice, alice), callee_of(alice)
    deliver(callee, [encode_control(to_proof(caller, callee))])
    assert callee.peer_fingerprint == caller.peer_fingerprint == alice.fingerprint


def test_callee_rejects_another_version_after_its_own_hello(alice: Identity, bob: Identity) -> None:
    callee = callee_of(bob)
    answers = deliver(callee, [encode_control(Hello(2, "Alice", bytes(32)))])
    assert [decoded(answer) for answer in answers] == [
        Hello(PROTOCOL_VERSION, "Bob", CALLEE_NONCE, []),
        Reject("version"),
    ]
    assert callee.state is State.ENDED
    assert callee.rejection == "version"


@pytest.mark.parametrize("version", [0, 2, 2**63 - 1])
def test_caller_ends_when_the_callee_has_another_version(
    alice: Identity, bob: Identity, version: int
) -> None:
    caller = caller_of(alice, bob)
    caller.start()
    assert deliver(caller, [encode_control(Hello(version, "Bob", bytes(32)))]) == []
    assert caller.state is State.ENDED
    assert caller.rejection == "version"


def test_busy_callee_rejects_right_after_hello(alice: Identity, bob: Identity) -> None:
    answered = iter(["busy"])  # A second call would raise StopIteration.
    callee = callee_of(bob, find_refusal=lambda: next(answered))
    caller = caller_of(alice, bob)
    answers = deliver(callee, caller.start())
    assert [type(decoded(answer)) for answer in answers] == [Hello, Reject]
    deliver(caller, answers)
    assert {caller.state, callee.state} == {State.ENDED}
    assert caller.rejection == callee.rejection == "busy"


def test_declined_ring_carries_its_reason_to_the_caller(alice: Identity, bob: Identity) -> None:
    caller, callee = caller_of(alice, bob), callee_of(bob)
    deliver(callee, [encode_control(to_proof(caller, callee))])
    deliver(caller, [callee.send(Ringing())])
    deliver(caller, [callee.reject("declined")])
    assert {caller.state, callee.state} == {State.ENDED}
    assert caller.rejection == callee.rejection == "declined"


def test_caller_accepts_a_reject_instead_of_hello(alice: Identity, bob: Identity) -> None:
    caller = caller_of(alice, bob)
    caller.start()
    deliver(caller, [encode_control(Reject("full"))])
    assert caller.state is State.ENDED
    assert caller.rejection == "full"
    assert caller.peer_hello is None


def test_bye_while_ringing_is_not_a_rejection(alice: Identity, bob: Identity) -> None:
    caller, callee = caller_of(alice, bob), callee_of(bob)
    deliver(callee, [encode_control(to_proof(caller, callee))])
    deliver(caller, [callee.send(Ringing())])
    deliver(caller, [callee.send(Bye())])
    assert caller.state is State.ENDED
    assert caller.rejection is None


@pytest.mark.parametrize("control", [Ringing(), Accept(), Proof(bytes(32), b"", b""), Ping(1)])
def test_no_message_may_precede_hello(alice: Identity, bob: Identity, control: Control) -> None:
    for handshake in (caller_of(alice, bob), callee_of(bob)):
        handshake.start()
        with pytest.raises(ProtocolError, match="while this side was awaiting hello"):
            deliver(handshake, [encode_control(control)])


def test_second_hello_is_a_protocol_error(alice: Identity, bob: Identity) -> None:
    caller, callee = caller_of(alice, bob), callee_of(bob)
    hello = caller.start()
    answer = deliver(callee, hello)
    with pytest.raises(ProtocolError):
        deliver(callee, hello)
    deliver(caller, answer)
    with pytest.raises(ProtocolError):
        deliver(caller, answer)


def test_second_proof_is_a_protocol_error(alice: Identity, bob: Identity) -> None:
    caller, callee = caller_of(alice, bob), callee_of(bob)
    proof = encode_control(to_proof(caller, callee))
    deliver(callee, [proof])
    with pytest.raises(ProtocolError):
        deliver(callee, [proof])


def test_callee_cannot_accept_before_the_proof(alice: Identity, bob: Identity) -> None:
    callee = callee_of(bob)
    deliver(callee, caller_of(alice, bob).start())
    with pytest.raises(ValueError, match="accept may not be sent while awaiting the proof"):
        callee.send(Accept())


def test_caller_may_not_send_accept(alice: Identity, bob: Identity) -> None:
    caller, callee = caller_of(alice, bob), callee_of(bob)
    deliver(callee, [encode_control(to_proof(caller, callee))])
    with pytest.raises(ProtocolError, match="sent accept while"):
        deliver(callee, [encode_control(Accept())])
