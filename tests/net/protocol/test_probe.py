"""net/protocol/probe.py: a padded hello that a callee answers, and a bye instead of a proof."""

from pathlib import Path

import pytest

from net.errors import ProtocolError
from net.protocol.control import PROTOCOL_VERSION, Accept, Bye, Hello, decode_control
from net.protocol.handshake import Handshake
from net.protocol.probe import MAX_PADDING_BYTES, Probe
from net.protocol.states import Role, State
from net.trust.identity import load_or_make_identity
from tests.support.local_ends import local_end

NONCE = b"n" * 32


@pytest.fixture
def answering(tmp_path: Path) -> Handshake:
    """Return the callee's side."""
    bob = load_or_make_identity(tmp_path)
    return Handshake(
        Role.CALLEE,
        local_end(bob, "Bob"),
        nonce=b"m" * 32,
        callee_fingerprint=bob.fingerprint,
    )


@pytest.mark.parametrize("padding_bytes", [0, 4096, MAX_PADDING_BYTES])
def test_callee_answers_a_padded_hello_and_is_not_asked_to_ring(
    answering: Handshake, padding_bytes: int
) -> None:
    probe = Probe(name="", nonce=NONCE, padding_bytes=padding_bytes)
    [payload] = probe.start()
    assert len(payload) >= padding_bytes
    hello = decode_control(payload)
    assert isinstance(hello, Hello)
    assert hello.version == PROTOCOL_VERSION
    [answer] = answering.receive(hello, payload)
    control = decode_control(answer)
    assert control is not None
    [bye] = probe.receive(control, answer)
    assert probe.answer is not None
    assert probe.answer.name == "Bob"
    farewell = decode_control(bye)
    assert isinstance(farewell, Bye)
    answering.receive(farewell, bye)
    assert (probe.state, answering.state) == (State.ENDED, State.ENDED)


def test_answer_that_is_no_hello_is_a_protocol_error() -> None:
    probe = Probe(name="", nonce=NONCE, padding_bytes=0)
    probe.start()
    with pytest.raises(ProtocolError):
        probe.receive(Accept(), b"")
