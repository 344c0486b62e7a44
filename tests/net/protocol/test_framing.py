"""Claims about net/protocol/framing.py. One table drives encoding and parsing."""

import random
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from net.errors import ProtocolError
from net.protocol.framing import (
    HEADER,
    MAX_PAYLOAD_BYTES,
    Message,
    MessageParser,
    MessageType,
    encode_message,
)

TABLE = (
    (Message(MessageType.CONTROL, 0, b""), "00 00 0000"),
    (Message(MessageType.CONTROL, 0, b"\x81\xa4type\xa3bye"), "00 00 000a 81a474797065a3627965"),
    (Message(MessageType.AUDIO, 0, b"\x00\xff"), "01 00 0002 00ff"),
    (Message(MessageType.VIDEO, 7, b"abc"), "02 07 0003 616263"),
    (Message(MessageType.FILE, 255, b"\x00"), "03 ff 0001 00"),
    (Message(MessageType.VIDEO, 1, bytes(256)), "02 01 0100" + "00" * 256),
    (Message(MessageType.VIDEO, 2, bytes(MAX_PAYLOAD_BYTES)), "02 02 3ffc" + "00" * 16_380),
)


def messages_in(parser: MessageParser) -> list[Message]:
    return list(iter(parser.next_message, None))


@pytest.mark.parametrize(("message", "wire"), TABLE)
def test_message_encodes_to_these_bytes(message: Message, wire: str) -> None:
    packed = encode_message(MessageType(message.type), message.payload, message.flags)
    assert packed == bytes.fromhex(wire)


@pytest.mark.parametrize(("message", "wire"), TABLE)
def test_these_bytes_parse_to_the_message(message: Message, wire: str) -> None:
    parser = MessageParser()
    parser.feed(bytes.fromhex(wire))
    assert messages_in(parser) == [message]
    assert parser.held_bytes == 0


def test_type_numbers_are_priorities() -> None:
    assert [(kind.name, kind.value) for kind in MessageType] == [
        ("CONTROL", 0),
        ("AUDIO", 1),
        ("VIDEO", 2),
        ("FILE", 3),
    ]


def test_message_of_unknown_type_is_returned_for_the_receiver_to_skip() -> None:
    parser = MessageParser()
    parser.feed(bytes.fromhex("c8 2a 0001 ff"))
    assert messages_in(parser) == [Message(200, 42, b"\xff")]


def test_largest_message_fits_one_tls_record() -> None:
    assert HEADER.size + MAX_PAYLOAD_BYTES == 2**14


def test_payload_too_long_for_a_message_is_a_bug() -> None:
    with pytest.raises(ValueError, match="16381 bytes"):
        encode_message(MessageType.VIDEO, bytes(MAX_PAYLOAD_BYTES + 1))


@pytest.mark.parametrize("length", [MAX_PAYLOAD_BYTES + 1, 0xFFFF])
def test_header_that_announces_too_much_is_a_protocol_error(length: int) -> None:
    parser = MessageParser()
    parser.feed(b"\x02\x00" + length.to_bytes(2, "big"))
    for _ in range(2):
        with pytest.raises(ProtocolError, match=f"message of {length} bytes"):
            parser.next_message()


def test_messages_before_an_overlong_one_are_returned() -> None:
    parser = MessageParser()
    parser.feed(encode_message(MessageType.AUDIO, b"good") + b"\x00\x00\xff\xff")
    assert parser.next_message() == Message(MessageType.AUDIO, 0, b"good")
    with pytest.raises(ProtocolError):
        parser.next_message()


def test_every_split_of_a_stream_yields_the_same_messages() -> None:
    small = [message for message, _ in TABLE[:5]]
    stream = b"".join(bytes.fromhex(wire) for _, wire in TABLE[:5])
    for first in range(len(stream) + 1):
        for second in range(first, len(stream) + 1):
            parser = MessageParser()
            received: list[Message] = []
            for part in (stream[:first], stream[first:second], stream[second:]):
                parser.feed(part)
                received += messages_in(parser)
            assert received == small


messages = st.builds(
    Message, st.integers(0, 255), st.integers(0, 255), st.binary(max_size=40) | st.just(bytes(300))
)


@given(st.lists(messages, max_size=8), st.lists(st.integers(1, 50), max_size=40))
def test_messages_split_anywhere_are_returned_whole_and_in_order(
    sent: list[Message], sizes: list[int]
) -> None:
    stream = b"".join(HEADER.pack(m.type, m.flags, len(m.payload)) + m.payload for m in sent)
    parser = MessageParser()
    received: list[Message] = []
    for size in [*sizes, len(stream)]:
        parser.feed(stream[:size])
        stream = stream[size:]
        received += messages_in(parser)
    assert received == sent
    assert parser.held_bytes == 0


def test_messages_may_be_read_long_after_they_were_fed() -> None:
    parser = MessageParser()
    for message, wire in TABLE[:3]:
        parser.feed(bytes.fromhex(wire))
        assert parser.held_bytes >= HEADER.size + len(message.payload)
    assert messages_in(parser) == [message for message, _ in TABLE[:3]]


def test_random_bytes_yield_messages_or_a_protocol_error() -> None:
    dice = random.Random(5000)
    stream = dice.randbytes(1_000_000)
    parser = MessageParser()
    received = errors = 0
    while stream:
        size = dice.randint(1, 2_000)
        parser.feed(stream[:size])
        stream = stream[size:]
        try:
            for message in messages_in(parser):
                received += 1
                assert len(message.payload) <= MAX_PAYLOAD_BYTES
        except ProtocolError:
            errors += 1
            parser = MessageParser()
        assert parser.held_bytes < HEADER.size + MAX_PAYLOAD_BYTES
    assert received > 5
    assert errors > 20


def test_memory_grows_with_arrived_bytes_not_with_announced_lengths() -> None:
    parsers = [MessageParser() for _ in range(200)]
    opening = HEADER.pack(MessageType.VIDEO, 1, MAX_PAYLOAD_BYTES)
    tracemalloc.start()
    try:
        for parser in parsers:
            for byte in opening:
                parser.feed(bytes([byte]))
                assert parser.next_message() is None
        grown_bytes, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert grown_bytes < 200 * 1_000


def test_parser_holds_less_than_one_message() -> None:
    parser = MessageParser()
    message = encode_message(MessageType.VIDEO, bytes(3_000))
    for index in range(2 * len(message)):
        parser.feed(message[index % len(message) :][:1])
        parser.next_message()
        assert parser.held_bytes < len(message)
