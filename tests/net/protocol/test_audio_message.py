"""Claims about net/protocol/audio_message.py. One table drives encoding and decoding."""

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
def test_packet_has_these_bytes_and_these_bytes_the_packet(
    packet: AudioPacket, message: bytes
) -> None:
    assert encode_audio(packet) == message
    assert message[0] == MessageType.AUDIO
    assert AudioStream().decode(message[HEADER.size :]) == packet


def test_stream_counts_packets_and_bytes() -> None:
    stream = AudioStream()
    for sequence in (0, 1, 5):
        stream.decode(encode_audio(AudioPacket(sequence, 7, b"abc"))[HEADER.size :])
    assert (stream.packets, stream.received_bytes) == (3, 9)


@pytest.mark.parametrize("sequence", [3, 2, 0])
def test_packet_out_of_order_is_a_protocol_error(sequence: int) -> None:
    stream = AudioStream()
    stream.decode(encode_audio(AudioPacket(3, 7, b"abc"))[HEADER.size :])
    with pytest.raises(ProtocolError):
        stream.decode(encode_audio(AudioPacket(sequence, 8, b"abc"))[HEADER.size :])


@pytest.mark.parametrize("size_bytes", [0, 1, 11, 12, 12 + MAX_PACKET_BYTES + 1])
def test_message_of_impossible_size_is_a_protocol_error(size_bytes: int) -> None:
    with pytest.raises(ProtocolError):
        AudioStream().decode(bytes(size_bytes))


def test_impossible_time_is_a_protocol_error() -> None:
    with pytest.raises(ProtocolError):
        AudioStream().decode(bytes(4) + b"\x80" + bytes(7) + b"x")


@given(st.lists(st.binary(max_size=40)))
def test_any_bytes_yield_packets_or_a_protocol_error(payloads: list[bytes]) -> None:
    stream = AudioStream()
    for payload in payloads:
        try:
            packet = stream.decode(payload)
        except ProtocolError:
            continue
        assert encode_audio(packet)[HEADER.size :] == payload
