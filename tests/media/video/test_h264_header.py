"""media/video/h264_header.py: parameter sets of x264, built ones and damaged ones."""

from collections.abc import Sequence
from fractions import Fraction

import pytest
from av import VideoFrame
from av.video.codeccontext import VideoCodecContext
from hypothesis import given
from hypothesis import strategies as st

from media.errors import CodecError
from media.video.h264_encoder import H264Encoder
from media.video.h264_header import (
    MAX_SPS_BYTES,
    SequenceHeader,
    parse_sequence_header,
    sequence_headers,
)

START = b"\x00\x00\x01"
LONG_START = b"\x00\x00\x00\x01"


def ue(value: int) -> str:
    """Return a number as an Exp-Golomb code, in binary digits; H.264, 9.1."""
    digits = bin(value + 1)[2:]
    return "0" * (len(digits) - 1) + digits


def unit_of(bits: str) -> bytes:
    """Return a NAL unit without its type byte: stop bit, then emulation prevention; 7.4.1."""
    bits += "1"
    bits += "0" * (-len(bits) % 8)
    unit, zeros = bytearray(), 0
    for byte in int(bits, 2).to_bytes(len(bits) // 8, "big"):
        if zeros >= 2 and byte <= 3:
            unit.append(3)
            zeros = 0
        unit.append(byte)
        zeros = zeros + 1 if byte == 0 else 0
    return bytes(unit)


def sps(
    *,
    profile: int = 66,
    chroma: str = "",
    order_count: str = "1" + "00101",  # type 0 and 16 bits less 4
    references: int = 1,
    blocks: tuple[int, int] = (80, 45),
    is_progressive: bool = True,
    crop: Sequence[int] = (),
) -> bytes:
    """Return a sequence parameter set; 7.3.2.1.1."""
    return unit_of(
        f"{profile:08b}" + "0" * 8 + "00011111" + ue(0) + chroma + ue(0)
        + order_count
        + ue(references) + "0"
        + ue(blocks[0] - 1) + ue(blocks[1] - 1)
        + ("1" if is_progressive else "00") + "1"
        + ("1" + "".join(map(ue, crop)) if crop else "0")
        + "0"
    )  # fmt: skip  # one line for each step of the standard


CHROMA_420 = ue(1) + ue(0) + ue(0) + "0" + "0"
BUILT = (
    (sps(), (1280, 720, 1, 8, 1)),
    (sps(blocks=(120, 68), crop=(0, 0, 0, 4)), (1920, 1080, 1, 8, 1)),
    (sps(blocks=(40, 30), crop=(1, 2, 3, 4)), (634, 466, 1, 8, 1)),
    (sps(blocks=(120, 34), is_progressive=False, crop=(0, 0, 0, 2)), (1920, 1080, 1, 8, 1)),
    (sps(references=16), (1280, 720, 1, 8, 16)),
    (sps(order_count=ue(2)), (1280, 720, 1, 8, 1)),
    (sps(order_count=ue(1) + "0" + ue(3) + ue(4) + ue(2) + ue(5) + ue(6)), (1280, 720, 1, 8, 1)),
    (sps(profile=100, chroma=CHROMA_420), (1280, 720, 1, 8, 1)),
    (sps(profile=110, chroma=ue(1) + ue(2) + ue(0) + "00"), (1280, 720, 1, 10, 1)),
    (sps(profile=110, chroma=ue(1) + ue(0) + ue(6) + "00"), (1280, 720, 1, 14, 1)),
    (sps(profile=100, chroma=ue(0) + ue(0) * 2 + "00", crop=(0, 1, 0, 1)), (1279, 719, 0, 8, 1)),
    (sps(profile=122, chroma=ue(2) + ue(0) * 2 + "00", crop=(0, 1, 0, 1)), (1278, 719, 2, 8, 1)),
    (
        sps(profile=244, chroma=ue(3) + "0" + ue(0) * 2 + "00", crop=(0, 1, 0, 1)),
        (1279, 719, 3, 8, 1),
    ),
    (
        sps(profile=244, chroma=ue(3) + "1" + ue(0) * 2 + "00", crop=(0, 1, 0, 1)),
        (1279, 719, 3, 8, 1),
    ),
    # Scaling lists: the first has 16 steps of 0, the second ends at once with a step of -8.
    (
        sps(profile=100, chroma=ue(1) + ue(0) * 2 + "011" + ue(0) * 16 + "1" + ue(16) + "0" * 6),
        (1280, 720, 1, 8, 1),
    ),
)


@pytest.mark.parametrize(("unit", "fields"), BUILT)
def test_fields_of_a_parameter_set_are_read(unit: bytes, fields: tuple[int, ...]) -> None:
    header = parse_sequence_header(unit)
    assert (
        header.width_px,
        header.height_px,
        header.chroma_format,
        header.bit_depth,
        header.reference_frames,
    ) == fields


def real_packet(size: tuple[int, int], pixels: str, profile: str) -> bytes:
    """Return x264's first packet of a grey picture."""
    context = VideoCodecContext.create("libx264", "w")
    context.width, context.height = size
    context.pix_fmt = pixels
    context.framerate = Fraction(30)
    context.thread_count = 1
    context.options = {"preset": "medium", "tune": "zerolatency", "profile": profile}
    picture = VideoFrame(*size, pixels)
    for plane in picture.planes:
        plane.update(bytes([100]) * plane.buffer_size)
    picture.pts = 0
    return b"".join(map(bytes, context.encode(picture)))


@pytest.mark.parametrize(
    ("size", "pixels", "profile", "chroma_format", "bit_depth"),
    [
        ((16, 16), "yuv420p", "baseline", 1, 8),
        ((18, 34), "yuv420p", "baseline", 1, 8),
        ((320, 180), "yuv420p", "main", 1, 8),
        ((1280, 720), "yuv420p", "high", 1, 8),
        ((1366, 768), "yuv420p", "high", 1, 8),
        ((1920, 1080), "yuv420p", "high", 1, 8),
        ((406, 720), "yuv420p", "high", 1, 8),
        ((322, 182), "yuv420p10le", "high10", 1, 10),
        ((322, 181), "yuv422p", "high422", 2, 8),
        ((321, 181), "yuv444p", "high444", 3, 8),
        ((321, 181), "gray", "high", 0, 8),
    ],
)
def test_parameter_set_of_x264_is_read(
    size: tuple[int, int], pixels: str, profile: str, chroma_format: int, bit_depth: int
) -> None:
    [unit] = sequence_headers(real_packet(size, pixels, profile))
    header = parse_sequence_header(unit)
    assert (header.width_px, header.height_px) == size
    assert (header.chroma_format, header.bit_depth) == (chroma_format, bit_depth)
    assert 1 <= header.reference_frames <= 16


@given(st.integers(8, 130), st.integers(8, 130))
def test_our_encoder_announces_every_even_size(half_width: int, half_height: int) -> None:
    size = (2 * half_width, 2 * half_height)
    picture = VideoFrame(*size, "yuv420p")
    for plane in picture.planes:
        plane.update(bytes(plane.buffer_size))
    picture.pts = 0
    packet = H264Encoder(size, 30, 100_000).encode(picture, 100_000, keyframe=False)
    [unit] = sequence_headers(packet.payload)
    header = parse_sequence_header(unit)
    assert (header.width_px, header.height_px) == size
    assert (header.chroma_format, header.bit_depth) == (1, 8)


def test_parameter_sets_are_found_anywhere_in_a_packet() -> None:
    first, second = sps(), sps(blocks=(40, 30))
    packet = (
        LONG_START + b"\x67" + first + START + b"\x68\xce" + START + b"\x27" + second
        + LONG_START + b"\x65" + b"\x67" * 5
    )  # fmt: skip  # one line for each side of the cut
    found = list(sequence_headers(packet))
    assert [parse_sequence_header(unit).width_px for unit in found] == [1280, 640]
    assert found[0].rstrip(b"\x00") == first


@pytest.mark.parametrize(
    "packet", [b"", b"\x67" + sps(), START, LONG_START, START + b"\x65" + START]
)
def test_packet_without_parameter_sets_yields_none(packet: bytes) -> None:
    assert list(sequence_headers(packet)) == []


@pytest.mark.parametrize("unit", [unit for unit, _ in BUILT])
def test_truncated_parameter_set_is_refused(unit: bytes) -> None:
    whole = parse_sequence_header(unit)
    for length in range(len(unit)):
        # The last byte may hold no field.
        try:
            assert parse_sequence_header(unit[:length]) == whole
        except CodecError:
            continue
        assert length == len(unit) - 1


@pytest.mark.parametrize(
    "unit",
    [
        b"",
        bytes(MAX_SPS_BYTES),
        b"\xff" * (MAX_SPS_BYTES + 1),
        b"\x42\xc0\x1f" + bytes(40),  # a number of more than 32 bits
        sps(order_count=ue(1) + "0" + ue(0) * 2 + ue(256) + ue(0) * 256),
    ],
)
def test_malformed_parameter_set_is_refused(unit: bytes) -> None:
    with pytest.raises(CodecError):
        parse_sequence_header(unit)


@given(st.binary(max_size=200))
def test_random_bytes_are_a_header_or_refused(unit: bytes) -> None:
    try:
        header = parse_sequence_header(unit)
    except CodecError:
        return
    assert isinstance(header, SequenceHeader)
    assert 0 <= header.reference_frames < 2**32


@given(st.sampled_from(BUILT), st.data())
def test_changed_parameter_set_is_a_header_or_refused(
    example: tuple[bytes, tuple[int, ...]], data: st.DataObject
) -> None:
    unit = bytearray(example[0])
    for _ in range(data.draw(st.integers(1, 4))):
        unit[data.draw(st.integers(0, len(unit) - 1))] = data.draw(st.integers(0, 255))
    try:
        parse_sequence_header(bytes(unit))
    except CodecError:
        return


@given(
    st.lists(
        st.sampled_from([b"\x00", b"\x01", b"\x00\x00\x01", b"\x67", b"\x03", b"x"]), max_size=60
    )
)
def test_random_packet_is_searched_without_an_error(parts: list[bytes]) -> None:
    packet = b"".join(parts)
    for unit in sequence_headers(packet):
        assert START not in unit
        assert b"\x67" + unit in packet
