"""Claims about net/protocol/file_messages.py. One table drives encoding and decoding."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from net.errors import ProtocolError
from net.protocol.file_messages import (
    MAX_PART_BYTES,
    FilePart,
    decode_part,
    encode_part,
    first_transfer,
)
from net.protocol.framing import HEADER, MAX_PAYLOAD_BYTES, MessageType

TABLE = [
    (FilePart(1, 0, b"x"), b"\x03\x00\x00\x0d\x00\x00\x00\x01" + bytes(8) + b"x"),
    (
        FilePart(0x01020304, 0x05060708090A, b"ab"),
        b"\x03\x00\x00\x0e\x01\x02\x03\x04\x00\x00\x05\x06\x07\x08\x09\x0aab",
    ),
    (
        FilePart(2**32 - 1, 2**63 - 1, b"c"),
        b"\x03\x00\x00\x0d\xff\xff\xff\xff\x7f" + b"\xff" * 7 + b"c",
    ),
]


@pytest.mark.parametrize(("part", "message"), TABLE)
def test_part_has_these_bytes_and_these_bytes_the_part(part: FilePart, message: bytes) -> None:
    assert encode_part(part) == message
    assert message[0] == MessageType.FILE
    assert decode_part(message[HEADER.size :]) == part


def test_largest_part_fills_a_message() -> None:
    message = encode_part(FilePart(1, 0, bytes(MAX_PART_BYTES)))
    assert len(message) == HEADER.size + MAX_PAYLOAD_BYTES


@pytest.mark.parametrize("payload", [b"", bytes(11), bytes(12), bytes(4) + b"\x80" + bytes(8)])
def test_empty_or_impossible_part_is_a_protocol_error(payload: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode_part(payload)


@given(st.binary(max_size=64))
def test_any_bytes_are_a_part_or_a_protocol_error(payload: bytes) -> None:
    try:
        part = decode_part(payload)
    except ProtocolError:
        return
    assert encode_part(part)[HEADER.size :] == payload


def test_transfers_of_both_peers_have_different_numbers() -> None:
    assert {first_transfer(is_caller=True), first_transfer(is_caller=False)} == {1, 2}
