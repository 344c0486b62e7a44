"""Claims about net/protocol/fragments.py."""

import random
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.packet import VideoPacket
from net.errors import ProtocolError
from net.protocol.fragments import (
    FIRST,
    KEYFRAME,
    LAST,
    MAX_FRAGMENT_BYTES,
    MAX_PACKET_BYTES,
    MIN_FRAGMENT_BYTES,
    OPENING,
    PacketAssembler,
    fragment_bytes,
    is_first_fragment,
    split_packet,
    together_bytes,
)
from net.protocol.framing import MAX_PAYLOAD_BYTES, Message, MessageParser, MessageType

# Whole messages with their headers: type 2, flags, length.
TABLE = (
    (
        VideoPacket(0, 0, True, b"K"),
        20,
        ["02 07 0011 00000000 0000000000000000 00000001 4b"],
    ),
    (
        VideoPacket(1, 2**32, False, b"abc"),
        19,
        ["02 03 0013 00000001 0000000100000000 00000003 616263"],
    ),
    (
        VideoPacket(2**32 - 1, 2**64 - 1, False, b"abcd"),
        19,
        [
            "02 01 0013 ffffffff ffffffffffffffff 00000004 616263",
            "02 02 0001 64",
        ],
    ),
    (
        VideoPacket(7, 5, True, b"a" * 3 + b"b" * 19 + b"c" * 19),
        19,
        [
            "02 05 0013 00000007 0000000000000005 00000029 616161",
            "02 04 0013" + "62" * 19,
            "02 06 0013" + "63" * 19,
        ],
    ),
)


@pytest.mark.parametrize(
    ("link_bps", "expected_bytes"),
    [(None, 0), (1e6, 156), (10e6, 1_562), (40e6, 6_250), (1e9, 16_384)],
)
def test_fragments_leave_together_for_the_time_of_a_fragment(
    link_bps: float | None, expected_bytes: int
) -> None:
    assert together_bytes(link_bps) == expected_bytes


def test_first_fragment_of_a_packet_is_recognised() -> None:
    messages = split_packet(VideoPacket(0, 0, False, bytes(3_000)), MIN_FRAGMENT_BYTES)
    assert [is_first_fragment(message) for message in messages] == [True, False, False]


def parsed(wire: bytes) -> list[Message]:
    parser = MessageParser()
    parser.feed(wire)
    messages = list(iter(parser.next_message, None))
    assert parser.held_bytes == 0
    return messages


def opening(sequence: int = 0, total: int = 1, captured_us: int = 0) -> bytes:
    return OPENING.pack(sequence, captured_us, total)


@pytest.mark.parametrize(("packet", "size_bytes", "wire"), TABLE)
def test_packet_is_split_into_these_messages(
    packet: VideoPacket, size_bytes: int, wire: list[str]
) -> None:
    fragments = [bytes.fromhex(fragment) for fragment in wire]
    assert list(split_packet(packet, size_bytes)) == fragments


@pytest.mark.parametrize(("packet", "size_bytes", "wire"), TABLE)
def test_these_messages_are_reassembled_into_the_packet(
    packet: VideoPacket, size_bytes: int, wire: list[str]
) -> None:
    assembler = PacketAssembler()
    messages = [message for fragment in wire for message in parsed(bytes.fromhex(fragment))]
    received = [assembler.add(message.flags, message.payload) for message in messages]
    assert received == [*[None] * (len(wire) - 1), packet]
    assert assembler.packets == 1
    assert assembler.received_bytes == len(packet.payload)


def test_unknown_flags_are_ignored() -> None:
    packet = PacketAssembler().add(0xF8 | FIRST | LAST, opening() + b"x")
    assert packet == VideoPacket(0, 0, False, b"x")


@pytest.mark.parametrize(
    ("target_bps", "size_bytes"),
    [
        (0, 1_200),
        (100_000, 1_200),
        (1_920_000, 1_200),
        (2_500_000, 1_562),
        (8_000_000, 5_000),
        (25_600_000, 16_000),
        (10**12, 16_000),
    ],
)
def test_fragment_holds_5_ms_of_the_target_within_bounds(target_bps: int, size_bytes: int) -> None:
    assert fragment_bytes(target_bps) == size_bytes
    assert MIN_FRAGMENT_BYTES <= size_bytes <= MAX_FRAGMENT_BYTES < MAX_PAYLOAD_BYTES


packets = st.builds(
    VideoPacket,
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**64 - 1),
    st.booleans(),
    st.binary(min_size=1, max_size=200) | st.integers(1, 9_000).map(lambda size: b"x" * size),
)


@given(
    st.lists(packets, max_size=5, unique_by=lambda packet: packet.sequence),
    st.integers(OPENING.size + 1, 3_000),
    st.integers(1, 5_000),
)
def test_packets_survive_any_split_of_the_stream(
    sent: list[VideoPacket], size_bytes: int, cut_bytes: int
) -> None:
    sent.sort(key=lambda packet: packet.sequence)
    stream = b"".join(fragment for packet in sent for fragment in split_packet(packet, size_bytes))
    parser, assembler = MessageParser(), PacketAssembler()
    received: list[VideoPacket] = []
    for start in range(0, len(stream), cut_bytes):
        parser.feed(stream[start : start + cut_bytes])
        for message in iter(parser.next_message, None):
            assert message.type == MessageType.VIDEO
            assert len(message.payload) <= size_bytes
            packet = assembler.add(message.flags, message.payload)
            if packet is not None:
                received.append(packet)
    assert received == sent
    assert assembler.packets == len(sent)
    assert assembler.received_bytes == sum(len(packet.payload) for packet in sent)


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_payload_may_be_any_bytes_type(kind: type) -> None:
    fragments = list(split_packet(VideoPacket(0, 0, False, kind(b"abcdef")), 20))
    assert b"".join(fragment[4:] for fragment in fragments)[OPENING.size :] == b"abcdef"


def test_bytes_of_an_incomplete_packet_count_at_once() -> None:
    assembler = PacketAssembler()
    assembler.add(FIRST, opening(total=10) + b"abc")
    assert (assembler.received_bytes, assembler.packets) == (3, 0)
    assembler.add(0, b"defg")
    assert (assembler.received_bytes, assembler.packets) == (7, 0)
    assembler.add(LAST, b"hij")
    assert (assembler.received_bytes, assembler.packets) == (10, 1)


def test_sequence_may_have_gaps() -> None:
    assembler = PacketAssembler()
    assembler.add(FIRST | LAST, opening(3) + b"x")
    packet = assembler.add(FIRST | LAST | KEYFRAME, opening(9) + b"y")
    assert packet == VideoPacket(9, 0, True, b"y")


@pytest.mark.parametrize("sequence", [0, 4, 5])
def test_sequence_must_grow(sequence: int) -> None:
    assembler = PacketAssembler()
    assembler.add(FIRST | LAST, opening(5) + b"x")
    with pytest.raises(ProtocolError, match="out of order"):
        assembler.add(FIRST | LAST, opening(sequence) + b"x")


@pytest.mark.parametrize("flags", [0, LAST, KEYFRAME])
def test_fragment_without_a_first_one_is_a_protocol_error(flags: int) -> None:
    with pytest.raises(ProtocolError, match="without the first"):
        PacketAssembler().add(flags, b"x")


def test_interleaved_packets_are_a_protocol_error() -> None:
    assembler = PacketAssembler()
    assembler.add(FIRST, opening(0, 10) + b"x")
    with pytest.raises(ProtocolError, match="before the last one was complete"):
        assembler.add(FIRST, opening(1, 10) + b"x")


@pytest.mark.parametrize("size", range(OPENING.size))
def test_first_fragment_without_its_opening_is_a_protocol_error(size: int) -> None:
    with pytest.raises(ProtocolError, match="cut short"):
        PacketAssembler().add(FIRST | LAST, bytes(size))


@pytest.mark.parametrize("total", [0, MAX_PACKET_BYTES + 1, 2**32 - 1])
def test_total_outside_the_bounds_is_a_protocol_error(total: int) -> None:
    with pytest.raises(ProtocolError, match=f"packet of {total} bytes"):
        PacketAssembler().add(FIRST | LAST, opening(0, total) + b"x")


def test_empty_fragment_is_a_protocol_error() -> None:
    with pytest.raises(ProtocolError, match="empty video fragment"):
        PacketAssembler().add(FIRST, opening(0, 1))
    assembler = PacketAssembler()
    assembler.add(FIRST, opening(0, 2) + b"x")
    with pytest.raises(ProtocolError, match="empty video fragment"):
        assembler.add(0, b"")


def test_packet_longer_than_announced_is_a_protocol_error() -> None:
    with pytest.raises(ProtocolError, match="longer"):
        PacketAssembler().add(FIRST | LAST, opening(0, 1) + b"xy")
    assembler = PacketAssembler()
    assembler.add(FIRST, opening(0, 2) + b"x")
    with pytest.raises(ProtocolError, match="longer"):
        assembler.add(0, b"yz")


def test_packet_shorter_than_announced_is_a_protocol_error() -> None:
    with pytest.raises(ProtocolError, match="shorter"):
        PacketAssembler().add(FIRST | LAST, opening(0, 3) + b"xy")


def test_packet_may_have_the_maximum_size() -> None:
    sent = VideoPacket(0, 0, True, random.Random(1).randbytes(MAX_PACKET_BYTES))
    assembler = PacketAssembler()
    received = None
    for fragment in split_packet(sent, MAX_FRAGMENT_BYTES):
        [message] = parsed(fragment)
        received = assembler.add(message.flags, message.payload)
    assert received == sent


def test_memory_grows_with_arrived_bytes_not_with_the_announced_total() -> None:
    tracemalloc.start()
    try:
        assemblers = [PacketAssembler() for _ in range(100)]
        for assembler in assemblers:
            assembler.add(FIRST, opening(0, MAX_PACKET_BYTES) + b"x")
            assembler.add(0, b"y" * 500)
        grown_bytes, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert grown_bytes < 100 * 3_000
    assert peak_bytes < 100 * 3_000 + 10_000


def test_random_bytes_yield_packets_or_a_protocol_error() -> None:
    dice = random.Random(5000)
    left = 1_000_000
    assembler = PacketAssembler()
    while left > 0:
        payload = dice.randbytes(dice.choice((0, 1, 15, 16, 17, 40, 400, 16_000)))
        if dice.random() < 0.5:  # Otherwise hardly any packet would begin.
            payload = opening(dice.randrange(2**32), dice.randrange(60)) + payload
        left -= len(payload)
        try:
            packet = assembler.add(dice.randrange(256), payload)
        except ProtocolError:
            assembler = PacketAssembler()
        else:
            assert packet is None or 0 < len(packet.payload) <= MAX_PACKET_BYTES


@given(st.lists(st.tuples(st.integers(0, 7), st.binary(max_size=40)), max_size=12))
def test_any_fragments_yield_packets_or_a_protocol_error(
    fragments: list[tuple[int, bytes]],
) -> None:
    assembler = PacketAssembler()
    for flags, payload in fragments:
        try:
            assembler.add(flags, payload)
        except ProtocolError:
            return
