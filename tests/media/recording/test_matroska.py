"""media/recording/ebml.py, annex_b.py and matroska.py: bytes by the specification."""

import pytest

from media.recording.annex_b import (
    FALLBACK,
    decoder_configuration,
    to_length_prefixed,
    units,
)
from media.recording.ebml import encode_size, unsigned, void
from media.recording.matroska import Block, encode_cluster

SPS, PPS, SLICE = b"\x67\x42\xc0\x1e\x11", b"\x68\xce\x3c\x80", b"\x65\x88\x84"


@pytest.mark.parametrize(
    ("size", "encoded"),
    [(0, "80"), (126, "fe"), (127, "407f"), (16_382, "7ffe"), (16_383, "203fff")],
)
def test_size_takes_as_few_bytes_as_it_can_and_is_never_all_ones(size: int, encoded: str) -> None:
    assert encode_size(size).hex() == encoded


@pytest.mark.parametrize("total_bytes", [2, 9, 96, 128, 129, 1000])
def test_reserved_space_has_the_size_that_was_asked_for(total_bytes: int) -> None:
    assert len(void(total_bytes)) == total_bytes


def test_number_has_no_leading_zeros() -> None:
    assert unsigned(0xD7, 0).hex() == "d78100"
    assert unsigned(0x2AD7B1, 1_000_000).hex() == "2ad7b1830f4240"


def test_units_are_found_after_short_and_long_start_codes() -> None:
    packet = b"\x00\x00\x00\x01" + SPS + b"\x00\x00\x01" + PPS + b"\x00\x00\x00\x01" + SLICE
    assert list(units(packet)) == [SPS, PPS, SLICE]
    assert to_length_prefixed(packet) == b"".join(
        len(unit).to_bytes(4, "big") + unit for unit in (SPS, PPS, SLICE)
    )


@pytest.mark.parametrize("packet", [b"", b"\x00", b"\x00\x00\x01", b"no start code"])
def test_packet_without_units_is_empty(packet: bytes) -> None:
    assert to_length_prefixed(packet) == b""


def test_parameter_sets_of_a_keyframe_describe_its_track() -> None:
    packet = b"".join(b"\x00\x00\x00\x01" + unit for unit in (SPS, PPS, SLICE))
    assert decoder_configuration(packet) == (
        b"\x01\x42\xc0\x1e\xff\xe1\x00\x05" + SPS + b"\x01\x00\x04" + PPS
    )


@pytest.mark.parametrize(
    "packet", [b"", b"\x00\x00\x01\x67", b"\x00\x00\x01\x67" + bytes(70_000) + b"\x01"]
)
def test_packet_without_usable_parameter_sets_has_the_usual_ones(packet: bytes) -> None:
    assert decoder_configuration(packet) == decoder_configuration(FALLBACK)


def test_cluster_has_its_time_and_each_block_the_difference() -> None:
    cluster = encode_cluster(
        [Block(1, 2_000_000, True, b"\xaa"), Block(2, 2_258_900, False, b"\xbb")]
    )
    assert cluster.hex() == "1f43b67592" + "e78207d0" + "a38581000080aa" + "a38582010200bb"
