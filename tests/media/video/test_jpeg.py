from contextlib import suppress

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from media.errors import CodecError
from media.video.jpeg import JpegDecoder, jpeg_size


def picture(width: int = 64, height: int = 48) -> NDArray[np.uint8]:
    rows, columns = np.mgrid[0:height, 0:width]
    return np.stack([rows * 5 % 256, columns * 3 % 256, rows + columns], -1).astype(np.uint8)


def encode(array: NDArray[np.uint8], *flags: int) -> bytes:
    return cv2.imencode(".jpg", array, list(flags))[1].tobytes()


JPEG = encode(picture())


def with_size(width: int, height: int) -> bytes:
    at = JPEG.index(b"\xff\xc0") + 5
    return JPEG[:at] + height.to_bytes(2, "big") + width.to_bytes(2, "big") + JPEG[at + 4 :]


@pytest.mark.parametrize(("width", "height"), [(64, 48), (1, 1), (33, 7), (4096, 16)])
def test_size_is_read_from_the_header(width: int, height: int) -> None:
    assert jpeg_size(encode(picture(width, height))) == (width, height)


@pytest.mark.parametrize(("width", "height"), [(0, 48), (64, 0), (4097, 48), (65535, 65535)])
def test_sizes_out_of_bounds_are_refused_before_decoding(width: int, height: int) -> None:
    with pytest.raises(CodecError):
        jpeg_size(with_size(width, height))


@pytest.mark.parametrize(
    ("sampling", "format_name"),
    [
        (cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420, "yuvj420p"),
        (cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422, "yuvj422p"),
        (cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444, "yuvj444p"),
    ],
)
def test_picture_keeps_the_format_of_the_file_marked_as_full_range(
    sampling: int, format_name: str
) -> None:
    frame = JpegDecoder().decode(encode(picture(), cv2.IMWRITE_JPEG_SAMPLING_FACTOR, sampling))
    assert frame.format.name == format_name
    assert (frame.color_range, frame.colorspace, frame.pict_type) == (2, 6, 0)
    luma = frame.reformat(format="gray", dst_color_range=2).to_ndarray()
    expected = cv2.cvtColor(picture(), cv2.COLOR_BGR2GRAY)
    assert float(np.abs(luma.astype(int) - expected).mean()) < 3


def test_gray_and_progressive_are_decoded() -> None:
    assert JpegDecoder().decode(encode(picture()[:, :, 0].copy())).format.name == "gray"
    assert JpegDecoder().decode(encode(picture(), cv2.IMWRITE_JPEG_PROGRESSIVE, 1)).width == 64


def test_picture_without_huffman_tables_as_from_some_cameras_is_decoded() -> None:
    at = JPEG.index(b"\xff\xc4")
    stripped = JPEG
    while (at := stripped.find(b"\xff\xc4")) >= 0:
        length = int.from_bytes(stripped[at + 2 : at + 4], "big")
        stripped = stripped[:at] + stripped[at + 2 + length :]
    assert JpegDecoder().decode(stripped).width == 64


def test_zeros_after_the_end_are_ignored() -> None:
    assert JpegDecoder().decode(JPEG + bytes(500)).width == 64


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xd8\xff\xd9",
        b"no picture at all",
        JPEG[: len(JPEG) // 2],
        JPEG[:-2],
        JPEG[: JPEG.index(b"\xff\xda")] + b"\xff\xd9",
        JPEG.replace(b"\xff\xc0", b"\xff\xc3"),
        JPEG.replace(b"\xff\xda", b"\xff\xda\x00\x00" * 100),
    ],
)
def test_bad_picture_is_refused_and_the_next_one_decodes(data: bytes) -> None:
    decoder = JpegDecoder()
    with pytest.raises(CodecError):
        decoder.decode(data)
    assert decoder.decode(JPEG).width == 64


def test_second_frame_header_cannot_change_the_size() -> None:
    at = JPEG.index(b"\xff\xc0")
    length = int.from_bytes(JPEG[at + 2 : at + 4], "big")
    header = bytearray(JPEG[at : at + 2 + length])
    header[5:9] = b"\xff\xff\xff\xff"
    decoder = JpegDecoder()
    with pytest.raises(CodecError):
        decoder.decode(JPEG[: at + 2 + length] + bytes(header) + JPEG[at + 2 + length :])
    assert decoder.decode(JPEG).width == 64


@given(st.binary(max_size=300))
def test_random_bytes_have_a_size_or_are_refused(data: bytes) -> None:
    for candidate in (data, b"\xff\xd8" + data, b"\xff\xd8\xff\xe0" + data):
        try:
            width, height = jpeg_size(candidate)
        except CodecError:
            continue
        assert 1 <= width <= 4096
        assert 1 <= height <= 4096


@given(st.integers(0, len(JPEG)))
def test_truncated_picture_has_the_size_or_is_refused(cut: int) -> None:
    try:
        assert jpeg_size(JPEG[:cut]) == (64, 48)
    except CodecError:
        assert cut < JPEG.index(b"\xff\xc0") + 10


@given(st.lists(st.tuples(st.integers(2, len(JPEG) - 1), st.integers(0, 255)), max_size=6))
def test_changed_bytes_are_a_picture_or_refused_and_the_next_one_decodes(
    changes: list[tuple[int, int]],
) -> None:
    data = bytearray(JPEG)
    for at, value in changes:
        data[at] = value
    decoder = JpegDecoder()
    with suppress(CodecError):
        decoder.decode(bytes(data))
    assert decoder.decode(JPEG).width == 64
