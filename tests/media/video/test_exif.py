import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.video.exif import jpeg_orientation


def jpeg(order: str, value: int, *, before: bytes = b"") -> bytes:
    mark = b"II" if order == "<" else b"MM"
    entries = struct.pack(order + "HHIHH", 0x010F, 2, 1, 0, 0)
    entries += struct.pack(order + "HHIHH", 0x0112, 3, 1, value, 0)
    tiff = mark + struct.pack(order + "HIH", 42, 8, 2) + entries + bytes(4)
    exif = b"Exif\x00\x00" + tiff
    return b"\xff\xd8" + before + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("value", range(1, 9))
def test_orientation_is_read_in_both_byte_orders(order: str, value: int) -> None:
    assert jpeg_orientation(jpeg(order, value)) == value


def test_exif_is_found_behind_another_segment() -> None:
    assert jpeg_orientation(jpeg(">", 6, before=b"\xff\xe0\x00\x04ab")) == 6


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_unknown_orientation_is_none(value: int) -> None:
    assert jpeg_orientation(jpeg(">", value)) is None


@given(st.binary(max_size=100), st.booleans())
def test_random_bytes_give_an_orientation_or_none(data: bytes, has_mark: bool) -> None:
    start = b"\xff\xd8\xff\xe1\x00\x40Exif\x00\x00MM" if has_mark else b""
    assert jpeg_orientation(start + data) in {None, *range(1, 9)}


def test_cut_file_gives_none_or_its_orientation() -> None:
    whole = jpeg(">", 6)
    for end in range(len(whole)):
        assert jpeg_orientation(whole[:end]) in (None, 6)
