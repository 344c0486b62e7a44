"""Claims about net/protocol/handshake.py with a call code: real keys, real SPAKE2, and a relay."""

import re

import pytest
from msgspec.structs import replace

from net.errors import NotTrusted, ProtocolError
from net.protocol.control import (
    CodeAnswer,
    CodeConfirm,
    CodeProof,
    Control,
    Proof,
    Ringing,
    decode_control,
    encode_control,
)
from net.protocol.handshake import Handshake
from net.protocol.reasons import Reason
from net.protocol.states import Role, State
from net.protocol.transcript import transcript
from net.trust.code_exchange import CodeExchange
from net.trust.identity import Identity, load_or_make_identity
from tests.support.local_ends import local_end

SECRET = b"rabbit-lamp"


@pytest.fixture(scope="module")
def people(
    alice: Identity, bob: Identity, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Identity]:
    """Return the identities of Alice, the caller, Bob, the callee, and Mallory, a relay."""
    mallory = load_or_make_identity(tmp_path_factory.mktemp("mallory"))
    return {"alice": alice, "bob": bob, "mallory": mallory}


class Ends:
    """The handshakes of a caller and a callee, which both know the callee's key from TLS.

    Attributes:
        caller_hello, callee_hello: the hellos as sent.
    """

    def __init__(
        self,
        people: dict[str, Identity],
        *,
        secret: bytes = SECRET,
        callee_secret: bytes = SECRET,
        seen_by_caller: str = "bob",
    ) -> None:
        self.callee_secret = callee_secret
        self.caller = self._end(
            Role.CALLER,
            people["alice"],
            people[seen_by_caller],
            CodeExchange(Role.CALLER, secret),
        )
        self.callee = self._end(Role.CALLEE, people["bob"], people["bob"], None)

    @staticmethod
    def _end(
        role: Role, own: Identity, callee: Identity, exchange: CodeExchange | None
    ) -> Handshake:
        return Handshake(
            role,
            local_end(own, role.value),
            nonce=role.value.encode().ljust(32, b"."),
            callee_fingerprint=callee.fingerprint,
            exchange=exchange,
        )

    def to_code_proof(self) -> bytes:
        """Exchange the hellos, and return the caller's proof."""
        [self.caller_hello] = self.caller.start()
        [self.callee_hello] = deliver(self.callee, self.caller_hello)
        [proof] = deliver(self.caller, self.callee_hello)
        return proof

    def answer(self) -> bytes:
        return self.callee.answer_code(CodeExchange(Role.CALLEE, self.callee_secret))

    def to_confirmation(self) -> bytes:
        """Continue to the caller's confirmation, and return it."""
        assert deliver(self.callee, self.to_code_proof()) == []
        [confirm] = deliver(self.caller, self.answer())
        return confirm


def decoded(payload: bytes) -> Control:
    control = decode_control(payload)
    assert control is not None
    return control


def deliver(receiver: Handshake, *payloads: bytes) -> list[bytes]:
    return [answer for raw in payloads for answer in receiver.receive(decoded(raw), raw)]


def changed(payload: bytes, **fields: object) -> bytes:
    return encode_control(replace(decoded(payload), **fields))


def test_both_ends_prove_the_code_and_reach_ringing(people: dict[str, Identity]) -> None:
    ends = Ends(people)
    confirm = ends.to_confirmation()
    deliver(ends.caller, *deliver(ends.callee, confirm))
    assert ends.caller.is_code_proven
    assert ends.callee.is_code_proven
    assert ends.callee.peer_fingerprint == people["alice"].fingerprint
    deliver(ends.caller, ends.callee.send(Ringing("Bob")))
    assert {ends.caller.state, ends.callee.state} == {State.RINGING}
    assert ends.caller.peer_name == "Bob"


def test_code_proof_waits_for_the_listener_to_answer(people: dict[str, Identity]) -> None:
    ends = Ends(people)
    assert deliver(ends.callee, ends.to_code_proof()) == []
    assert ends.callee.state is State.OWES_ANSWER


def test_wrong_code_is_rejected_and_marked_for_the_listener(people: dict[str, Identity]) -> None:
    ends = Ends(people, secret=b"rabbit-land")
    [rejection] = deliver(ends.callee, ends.to_confirmation())
    assert ends.callee.is_code_wrong
    assert not ends.callee.is_code_proven
    deliver(ends.caller, rejection)
    assert ends.caller.rejection == ends.callee.rejection == Reason.WRONG_CODE
    assert not ends.caller.is_code_proven


def test_caller_does_not_trust_a_callee_without_the_code(people: dict[str, Identity]) -> None:
    ends = Ends(people, callee_secret=b"rabbit-land")
    ends.to_confirmation()
    with pytest.raises(NotTrusted, match="does not know the code"):
        deliver(ends.caller, encode_control(CodeConfirm(bytes(32))))
    assert not ends.caller.is_code_proven


def test_caller_does_not_trust_its_own_reflected_confirmation(
    people: dict[str, Identity],
) -> None:
    ends = Ends(people)
    confirm = ends.to_confirmation()
    with pytest.raises(NotTrusted):
        deliver(ends.caller, confirm)


def test_caller_does_not_trust_ringing_without_a_code_answer(people: dict[str, Identity]) -> None:
    ends = Ends(people)
    ends.to_code_proof()
    with pytest.raises(NotTrusted, match=re.escape("without having proven")):
        deliver(ends.caller, encode_control(Ringing()))


def test_caller_does_not_trust_ringing_without_the_callees_confirmation(
    people: dict[str, Identity],
) -> None:
    ends = Ends(people)
    ends.to_confirmation()
    with pytest.raises(NotTrusted):
        deliver(ends.caller, encode_control(Ringing()))


def test_relay_that_passes_everything_on_fails_at_the_signature(
    people: dict[str, Identity],
) -> None:
    ends = Ends(people, seen_by_caller="mallory")
    with pytest.raises(ProtocolError, match="signature is wrong"):
        deliver(ends.callee, ends.to_code_proof())


def test_relay_that_signs_itself_fails_at_the_confirmation(
    people: dict[str, Identity],
) -> None:
    ends = Ends(people, seen_by_caller="mallory")
    proof = ends.to_code_proof()
    claim = decoded(proof)
    assert isinstance(claim, CodeProof)
    mallory = people["mallory"]
    signed = transcript(
        ends.caller_hello,
        ends.callee_hello,
        claim.nonce,
        mallory.fingerprint,
        people["bob"].fingerprint,
        label=b"visavis caller's proof, with a code",
    )
    forged = changed(proof, certificate=mallory.certificate_der, signature=mallory.sign(signed))
    assert deliver(ends.callee, forged) == []
    [confirm] = deliver(ends.caller, ends.answer())
    deliver(ends.callee, confirm)
    assert ends.callee.is_code_wrong
    assert not ends.callee.is_code_proven


def test_code_proof_without_its_code_has_a_wrong_signature(people: dict[str, Identity]) -> None:
    ends = Ends(people)
    claim = decoded(ends.to_code_proof())
    assert isinstance(claim, CodeProof)
    stripped = Proof(claim.nonce, claim.certificate, claim.signature)
    with pytest.raises(ProtocolError, match="signature is wrong"):
        deliver(ends.callee, encode_control(stripped))


@pytest.mark.parametrize("end", ["caller", "callee"])
def test_replaced_half_fails_at_the_confirmation(people: dict[str, Identity], end: str) -> None:
    ends = Ends(people)
    proof = ends.to_code_proof()
    if end == "caller":
        proof = changed(proof, exchange=CodeExchange(Role.CALLER, SECRET).message)
    deliver(ends.callee, proof)
    answer = ends.answer()
    if end == "callee":
        answer = changed(answer, exchange=CodeExchange(Role.CALLEE, SECRET).message)
    [confirm] = deliver(ends.caller, answer)
    deliver(ends.callee, confirm)
    assert ends.callee.is_code_wrong


def test_half_off_the_curve_is_a_protocol_error(people: dict[str, Identity]) -> None:
    ends = Ends(people)
    deliver(ends.callee, changed(ends.to_code_proof(), exchange=b"A" + bytes(32)))
    with pytest.raises(ProtocolError, match="exchange is not valid"):
        ends.answer()
    ends = Ends(people)
    ends.to_code_proof()
    with pytest.raises(ProtocolError, match="exchange is not valid"):
        deliver(ends.caller, encode_control(CodeAnswer(b"B" + bytes(32))))


def test_confirmation_from_another_link_is_wrong(people: dict[str, Identity]) -> None:
    earlier = Ends(people).to_confirmation()
    ends = Ends(people)
    ends.to_confirmation()
    deliver(ends.callee, earlier)
    assert ends.callee.is_code_wrong


def test_session_digest_is_shared_by_both_ends_and_no_other_link(
    people: dict[str, Identity],
) -> None:
    ends = Ends(people)
    ends.to_confirmation()
    assert ends.caller.session_digest == ends.callee.session_digest
    between = Ends(people, seen_by_caller="mallory")
    between.to_code_proof()
    assert between.caller.session_digest != ends.caller.session_digest
