"""net/protocol/handshake.py: a caller that measures proves its key as a caller, and never rings."""

from pathlib import Path

import pytest

from net.errors import ProofWrong, ProtocolError
from net.protocol.control import Bye, Control, Hello, Proof, decode_control, encode_control
from net.protocol.goodput_messages import (
    MIN_FILLER_BYTES,
    Filler,
    FillerEnd,
    GoodputProof,
    GoodputReady,
    GoodputReport,
)
from net.protocol.handshake import Handshake
from net.protocol.states import Role, State
from net.protocol.transcript import GOODPUT_LABEL, LABEL, transcript
from net.trust.identity import Identity, load_or_make_identity
from tests.support.local_ends import local_end

NONCE = b"c" * 32


class Ends:
    """A caller and a callee, with messages carried between them."""

    def __init__(self, folder: Path, *, wants_goodput: bool = True) -> None:
        self.alice: Identity = load_or_make_identity(folder / "alice")
        self.bob: Identity = load_or_make_identity(folder / "bob")
        self.caller = Handshake(
            Role.CALLER,
            local_end(self.alice, "Alice"),
            nonce=NONCE,
            callee_fingerprint=self.bob.fingerprint,
            wants_goodput=wants_goodput,
        )
        self.callee = Handshake(
            Role.CALLEE,
            local_end(self.bob, "Bob"),
            nonce=b"d" * 32,
            callee_fingerprint=self.bob.fingerprint,
        )

    def carry(self, end: Handshake, *payloads: bytes) -> list[bytes]:
        """Let an end receive payloads, and return its answers."""
        answers = []
        for payload in payloads:
            control = decode_control(payload)
            assert control is not None
            answers += end.receive(control, payload)
        return answers

    def prove(self) -> list[bytes]:
        """Carry both hellos, and return the caller's answer to the callee's."""
        answers = self.carry(self.callee, *self.caller.start())
        return self.carry(self.caller, *answers)


@pytest.fixture(name="ends")
def _ends(tmp_path: Path) -> Ends:
    return Ends(tmp_path)


def kinds(payloads: list[bytes]) -> list[type[Control] | None]:
    controls = [decode_control(payload) for payload in payloads]
    return [None if control is None else type(control) for control in controls]


def has_state(end: Handshake, state: State) -> bool:
    return end.state is state


def test_measurement_passes_both_ways_and_rings_at_no_step(ends: Ends) -> None:
    proof = ends.prove()
    assert kinds(proof) == [GoodputProof]
    assert ends.carry(ends.callee, *proof) == []
    assert has_state(ends.callee, State.OWES_READY)
    assert ends.callee.peer_fingerprint == ends.alice.fingerprint
    ends.carry(ends.caller, ends.callee.send(GoodputReady()))
    for _ in range(2):
        ends.carry(ends.callee, ends.caller.send(Filler(bytes(MIN_FILLER_BYTES))))
    ends.carry(ends.callee, ends.caller.send(FillerEnd()))
    assert ends.callee.filler_bytes == 2 * MIN_FILLER_BYTES
    ends.carry(ends.caller, ends.callee.send(GoodputReport(1_200, 7)))
    assert ends.caller.goodput_report == GoodputReport(1_200, 7)
    ends.carry(ends.caller, ends.callee.send(Filler(bytes(MIN_FILLER_BYTES))))
    ends.carry(ends.caller, ends.callee.send(FillerEnd()))
    assert ends.caller.filler_bytes == MIN_FILLER_BYTES
    assert (ends.caller.state, ends.callee.state) == (State.MEASURED, State.MEASURED)
    ends.carry(ends.callee, ends.caller.send(Bye()))
    assert has_state(ends.callee, State.ENDED)


def test_hello_of_a_call_says_nothing_of_measurements(tmp_path: Path) -> None:
    ends = Ends(tmp_path, wants_goodput=False)
    hello = ends.caller.start()
    answer = ends.carry(ends.callee, *hello)
    assert b"goodput" not in b"".join(hello + answer)
    assert kinds(ends.carry(ends.caller, *answer)) == [Proof]


def test_callee_of_an_earlier_version_gets_a_bye_and_no_proof(ends: Ends) -> None:
    ends.caller.start()
    answer = ends.carry(ends.caller, encode_control(Hello(1, "Bob", b"d" * 32)))
    assert kinds(answer) == [Bye]
    assert ends.caller.state is State.ENDED


def test_proof_of_a_measurement_is_worthless_for_a_ring(ends: Ends) -> None:
    [payload] = ends.prove()
    proof = decode_control(payload)
    assert isinstance(proof, GoodputProof)
    as_call = Proof(proof.nonce, proof.certificate, proof.signature)
    with pytest.raises(ProofWrong):
        ends.carry(ends.callee, encode_control(as_call))


def test_proof_of_a_call_is_worthless_for_a_measurement(tmp_path: Path) -> None:
    ends = Ends(tmp_path, wants_goodput=False)
    [payload] = ends.prove()
    proof = decode_control(payload)
    assert isinstance(proof, Proof)
    as_measurement = GoodputProof(proof.nonce, proof.certificate, proof.signature)
    with pytest.raises(ProofWrong):
        ends.carry(ends.callee, encode_control(as_measurement))


def test_callee_that_refuses_is_understood(ends: Ends) -> None:
    ends.carry(ends.callee, *ends.prove())
    ends.carry(ends.caller, ends.callee.reject("not known"))
    assert (ends.caller.rejection, ends.caller.state) == ("not known", State.ENDED)


@pytest.mark.parametrize("wants_goodput", [True, False])
def test_proof_that_the_hello_did_not_announce_is_a_protocol_error(
    tmp_path: Path, wants_goodput: bool
) -> None:
    ends = Ends(tmp_path, wants_goodput=wants_goodput)
    [hello] = ends.caller.start()
    [answer] = ends.carry(ends.callee, hello)
    label = LABEL if wants_goodput else GOODPUT_LABEL
    fingerprints = ends.alice.fingerprint, ends.bob.fingerprint
    signature = ends.alice.sign(transcript(hello, answer, NONCE, *fingerprints, label=label))
    kind = Proof if wants_goodput else GoodputProof
    proof = kind(NONCE, ends.alice.certificate_der, signature)
    with pytest.raises(ProtocolError, match="announced"):
        ends.carry(ends.callee, encode_control(proof))
