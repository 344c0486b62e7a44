import tracemalloc
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.errors import SourceError
from media.video.jpeg_splitter import MAX_JPEG_BYTES, JpegSplitter


def make_jpeg(shade: int, size: int = 24) -> bytes:
    noise = np.random.default_rng(shade).integers(0, 255, (size, size, 3), dtype=np.uint8)
    return cv2.imencode(".jpg", noise)[1].tobytes()


JPEGS = [make_jpeg(shade) for shade in range(3)]

DIALECTS: dict[str, Callable[[bytes], bytes]] = {
    "with length": lambda j: (
        b"--b\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%b\r\n" % (len(j), j)
    ),
    "with a wrong length": lambda j: (
        b"--b\r\nContent-Type: image/jpeg\r\nContent-Length: 7\r\n\r\n%b\r\n" % j
    ),
    "without length": lambda j: b"--b\r\nContent-Type: image/jpeg\r\n\r\n%b\r\n" % j,
    "more dashes": lambda j: b"----b\r\ncontent-type:image/jpeg\r\n\r\n%b\r\n" % j,
    "line feeds only": lambda j: b"--b\nContent-Type: image/jpeg\n\n%b\n" % j,
    "no line end after the picture": lambda j: b"--b\r\n\r\n%b" % j,
    "nothing but pictures": lambda j: j,
}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_is_read_with_every_split(dialect: str) -> None:
    stream = b"".join(DIALECTS[dialect](jpeg) for jpeg in JPEGS[:2])
    for cut in range(len(stream) + 1):
        splitter = JpegSplitter()
        found = [splitter.feed(stream[:cut]), splitter.feed(stream[cut:])]
        assert [f for f in found if f][-1] == JPEGS[1]
        assert len([f for f in found if f]) + splitter.skipped == 2


@pytest.mark.parametrize("dialect", DIALECTS)
def test_picture_is_complete_with_its_last_byte(dialect: str) -> None:
    splitter = JpegSplitter()
    stream = DIALECTS[dialect](JPEGS[0])
    end = stream.rindex(b"\xff\xd9") + 2
    assert splitter.feed(stream[: end - 1]) is None
    assert splitter.feed(stream[end - 1 : end]) == JPEGS[0]


def test_only_the_newest_of_several_pictures_is_returned() -> None:
    splitter = JpegSplitter()
    assert splitter.feed(b"".join(JPEGS)) == JPEGS[2]
    assert splitter.skipped == 2


def test_thumbnail_does_not_end_the_picture() -> None:
    thumbnail = make_jpeg(9, 8)
    segment = b"\xff\xe1" + (len(thumbnail) + 2).to_bytes(2, "big") + thumbnail
    jpeg = JPEGS[0][:2] + segment + JPEGS[0][2:]
    assert JpegSplitter().feed(b"--b\r\n\r\n" + jpeg) == jpeg


def test_picture_that_was_cut_off_is_skipped() -> None:
    cut_off = make_jpeg(3, 8)
    part = b"\r\n--b\r\n\r\n"
    others = part + JPEGS[1] * 60 + part + JPEGS[2]
    for cut in range(2, len(cut_off) - 2):
        splitter = JpegSplitter()
        assert splitter.feed(cut_off[:cut] + others) == JPEGS[2]
        # A segment length that was cut in two may skip 64 KiB before the error shows.
        assert splitter.skipped > 0


def test_picture_without_end_is_refused() -> None:
    splitter = JpegSplitter()
    splitter.feed(JPEGS[0][:-2])
    for _ in range(MAX_JPEG_BYTES // 100_000):
        assert splitter.feed(bytes(100_000)) is None
    with pytest.raises(SourceError, match="8 MiB"):
        splitter.feed(bytes(100_000))


def test_bytes_without_a_picture_are_not_kept() -> None:
    splitter = JpegSplitter()
    tracemalloc.start()
    try:
        for _ in range(200):
            assert splitter.feed(bytes(100_000)) is None
        kept_bytes, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept_bytes < 200_000


@given(st.lists(st.one_of(st.binary(max_size=40), st.sampled_from(JPEGS)), max_size=12))
def test_pictures_in_random_bytes_begin_and_end_with_their_marks(parts: list[bytes]) -> None:
    splitter = JpegSplitter()
    for part in parts:
        picture = splitter.feed(part)
        if picture is not None:
            assert picture.startswith(b"\xff\xd8\xff")
            assert picture.endswith(b"\xff\xd9")


@given(st.lists(st.sampled_from([*JPEGS, b"\r\n", b"--b\r\n"])), st.lists(st.integers(1, 400)))
def test_splits_lose_no_picture(parts: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(parts)
    splitter = JpegSplitter()
    found = 0
    for cut in cuts:
        found += splitter.feed(stream[:cut]) is not None
        stream = stream[cut:]
    found += splitter.feed(stream) is not None
    assert found + splitter.skipped == sum(part in JPEGS for part in parts)
