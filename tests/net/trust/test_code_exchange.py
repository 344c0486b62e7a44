"""Claims about net/trust/code_exchange.py."""

import pytest

from net.errors import ProtocolError
from net.protocol.states import Role
from net.trust.code_exchange import MESSAGE_BYTES, CodeExchange


def exchange(caller_words: bytes, callee_words: bytes) -> tuple[bytes, bytes]:
    caller = CodeExchange(Role.CALLER, caller_words)
    callee = CodeExchange(Role.CALLEE, callee_words)
    return caller.finish(callee.message), callee.finish(caller.message)


def test_same_words_yield_the_same_key() -> None:
    one, other = exchange(b"rabbit-lamp", b"rabbit-lamp")
    assert one == other
    assert len(one) == 32


def test_other_words_yield_another_key() -> None:
    one, other = exchange(b"rabbit-lamp", b"rabbit-land")
    assert one != other


def test_every_exchange_yields_another_key() -> None:
    assert exchange(b"rabbit-lamp", b"rabbit-lamp") != exchange(b"rabbit-lamp", b"rabbit-lamp")


def test_half_has_33_bytes() -> None:
    assert len(CodeExchange(Role.CALLER, b"rabbit-lamp").message) == MESSAGE_BYTES


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"A",
        b"B" * 32,
        b"B" * 34,
        b"C" + bytes(32),
        b"B" + bytes(32),
        b"B" + b"\x01" + bytes(31),
        b"B" + b"\xff" * 32,
        b"B" * 33,
    ],
)
def test_invalid_half_is_a_protocol_error(message: bytes) -> None:
    with pytest.raises(ProtocolError, match="half of the code exchange"):
        CodeExchange(Role.CALLER, b"rabbit-lamp").finish(message)


def test_reflected_half_is_a_protocol_error() -> None:
    caller = CodeExchange(Role.CALLER, b"rabbit-lamp")
    with pytest.raises(ProtocolError):
        caller.finish(caller.message)
    caller = CodeExchange(Role.CALLER, b"rabbit-lamp")
    with pytest.raises(ProtocolError):
        caller.finish(b"B" + caller.message[1:])
