"""net/protocol/audio_message.py: one table for both ways, and what a hostile sender may try."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.packet import AudioPacket
from net.errors import ProtocolError
from net.protocol.audio_message import MAX_PACKET_BYTES, AudioStream, encode_audio
from net.protocol.framing import HEADER, MessageType

TABLE = [
    (
        AudioPacket(0, 0, b"x"),
        b"\x01\x00\x00\x0d" + bytes(4) + bytes(8) + b"x",
    ),
    (
        AudioPacket(0x01020304, 0x05060708090A, b"ab"),
        b"\x01\x00\x00\x0e\x01\x02\x03\x04\x00\x00\x05\x06\x07\x08\x09\x0aab",
    ),
    (
        AudioPacket(2**32 - 1, 2**63 - 1, b"c"),
        b"\x01\x00\x00\x0d\xff\xff\xff\xff\x7f" + b"\xff" * 7 + b"c",
    ),
]


@pytest.mark.parametrize(("packet", "message"), TABLE)
def test_a_packet_and_its_bytes(packet: AudioPacket, message: bytes) -> None:
    assert encode_audio(packet) == message
    assert message[0] == MessageType.AUDIO
    assert AudioStream().take(message[HEADER.size :]) == packet


def test_the_stream_counts_what_came() -> None:
    stream = AudioStream()
    for sequence in (0, 1, 5):
        stream.take(encode_audio(AudioPacket(sequence, 7, b"abc"))[HEADER.size :])
    assert (stream.packets, stream.received_bytes) == (3, 9)


@pytest.mark.parametrize("sequence", [3, 2, 0])
def test_a_packet_out_of_order_is_an_error(sequence: int) -> None:
    stream = AudioStream()
    stream.take(encode_audio(AudioPacket(3, 7, b"abc"))[HEADER.size :])
    with pytest.raises(ProtocolError):
        stream.take(encode_audio(AudioPacket(sequence, 8, b"abc"))[HEADER.size :])


@pytest.mark.parametrize("size_bytes", [0, 1, 11, 12, 12 + MAX_PACKET_BYTES + 1])
def test_a_message_without_a_possible_packet_is_an_error(size_bytes: int) -> None:
    with pytest.raises(ProtocolError):
        AudioStream().take(bytes(size_bytes))


def test_a_time_that_no_clock_shows_is_an_error() -> None:
    with pytest.raises(ProtocolError):
        AudioStream().take(bytes(4) + b"\x80" + bytes(7) + b"x")


@given(st.lists(st.binary(max_size=40)))
def test_any_bytes_are_packets_or_a_protocol_error(payloads: list[bytes]) -> None:
    stream = AudioStream()
    for payload in payloads:
        try:
            packet = stream.take(payload)
        except ProtocolError:
            continue
        assert encode_audio(packet)[HEADER.size :] == payload
