"""Picture files of every kind, shown upright and in their colours, or refused in one sentence."""

from collections.abc import Callable
from pathlib import Path

import pytest

from media.frame import FrameKind
from media.video.camera_spec import CameraSettingError, FilePath
from media.video.settings import VideoSettings
from media.video.source import Source, check_camera, create_source
from media.video.still_picture import read_picture
from tests.inputs.pictures import (
    write_alpha_png,
    write_animation,
    write_cmyk_jpeg,
    write_cut_jpeg,
    write_jpeg,
    write_palette_png,
    write_png,
    write_svg,
)
from tests.inputs.quadrants import BLUE, GREEN, RED, UPRIGHT, WHITE, Colour, assert_shows
from tests.support.manual_clock import ManualClock
from tests.support.phone_camera import MemoryPins

BLACK = (0, 0, 0)
GRAYS = (WHITE, (76, 76, 76), (150, 150, 150), (29, 29, 29))
"""The luma of each colour, by BT.601."""


def open_source(path: Path) -> Source:
    check_camera(FilePath(path))
    source = create_source(FilePath(path), VideoSettings(), MemoryPins(), ManualClock())
    assert source is not None
    source.open()
    return source


@pytest.mark.parametrize(
    ("write", "expected"),
    [
        (lambda path: write_jpeg(path, progressive=True), UPRIGHT),
        (lambda path: write_jpeg(path, gray=True), (WHITE, WHITE, BLACK, BLACK)),
        (write_cmyk_jpeg, UPRIGHT),
        (write_palette_png, UPRIGHT),
        (lambda path: write_palette_png(path, transparent=True), (WHITE, RED, GREEN, WHITE)),
        (write_alpha_png, (WHITE, RED, WHITE, WHITE)),
        (lambda path: write_png(path, "rgba"), UPRIGHT),
        (lambda path: write_png(path, "rgb48be"), UPRIGHT),
        (lambda path: write_png(path, "rgba64be"), UPRIGHT),
        (lambda path: write_png(path, "gray16be"), GRAYS),
        (lambda path: write_png(path, "ya8"), GRAYS),
    ],
    ids=[
        "progressive JPEG",
        "gray JPEG",
        "CMYK JPEG",
        "palette",
        "palette with a transparent colour",
        "transparent half",
        "opaque alpha",
        "16 bit",
        "16 bit with alpha",
        "16 bit gray",
        "gray with alpha",
    ],
)
def test_picture_is_shown_in_its_colours(
    tmp_path: Path, write: Callable[[Path], None], expected: tuple[Colour, ...]
) -> None:
    path = tmp_path / "a picture"
    write(path)
    source = open_source(path)
    picture = source.read(0)
    assert picture is not None
    assert source.kind is FrameKind.STILL
    assert (picture.width, picture.height) == (64, 48)
    assert picture.format.name in ("yuv420p", "yuvj420p")
    assert_shows(picture, expected)
    source.close()


@pytest.mark.parametrize(
    ("orientation", "expected"),
    [
        (1, (WHITE, RED, GREEN, BLUE)),
        (2, (RED, WHITE, BLUE, GREEN)),
        (3, (BLUE, GREEN, RED, WHITE)),
        (4, (GREEN, BLUE, WHITE, RED)),
        (5, (WHITE, GREEN, RED, BLUE)),
        (6, (GREEN, WHITE, BLUE, RED)),
        (7, (BLUE, RED, GREEN, WHITE)),
        (8, (RED, BLUE, WHITE, GREEN)),
    ],
)
def test_photo_is_turned_and_mirrored_as_its_camera_noted(
    tmp_path: Path, orientation: int, expected: tuple[Colour, ...]
) -> None:
    path = tmp_path / "photo.jpg"
    write_jpeg(path, orientation=orientation)
    picture = read_picture(path)
    assert (picture.width, picture.height) == ((64, 48) if orientation < 5 else (48, 64))
    assert_shows(picture, expected)


@pytest.mark.parametrize(
    ("name", "codec", "pixel_format"),
    [("a.gif", "gif", "rgb8"), ("a.webp", "libwebp_anim", "bgra")],
)
def test_animation_plays_and_loops(
    tmp_path: Path, name: str, codec: str, pixel_format: str
) -> None:
    path = tmp_path / name
    write_animation(path, codec, pixel_format)
    check_camera(FilePath(path))
    clock = ManualClock()
    source = create_source(FilePath(path), VideoSettings(), MemoryPins(), clock)
    assert source is not None
    assert source.kind is FrameKind.LIVE
    source.open()
    lengths = []
    for _ in range(16):  # 1.6 s: the four pictures last 0.8 s
        if (picture := source.read(0)) is not None:
            assert_shows(picture)
            bar = picture.to_ndarray(format="gray")[0]
            lengths.append(round(sum(bar < 40) / 8))
        clock.us += 100_000
    assert lengths == [1, 2, 3, 4] * 2
    source.close()


def test_still_gif_and_webp_are_stills(tmp_path: Path) -> None:
    for name, codec, pixel_format in (
        ("a.gif", "gif", "rgb8"),
        ("a.webp", "libwebp", "bgra"),
    ):
        write_animation(tmp_path / name, codec, pixel_format, count=1)
        source = open_source(tmp_path / name)
        assert source.kind is FrameKind.STILL, name
        source.close()


def _write_cut_webp(path: Path) -> None:
    write_animation(path, "libwebp_anim", "bgra")
    path.write_bytes(path.read_bytes()[:60])


def _write_huge_webp(path: Path) -> None:
    write_animation(path, "libwebp_anim", "bgra")
    data = bytearray(path.read_bytes())
    data[24:30] = b"\xff\x3f\x00\xff\x3f\x00"
    path.write_bytes(data)


def _write_cut_png(path: Path) -> None:
    write_png(path, "rgb24")
    path.write_bytes(path.read_bytes()[:120])


@pytest.mark.parametrize(
    ("name", "write", "sentence"),
    [
        ("a.jpg", write_cut_jpeg, "is cut short"),
        ("a.png", _write_cut_png, "cannot be decoded"),
        ("a.webp", _write_cut_webp, "cannot be decoded"),
        ("a.webp", _write_huge_webp, "too many or too large pictures"),
        ("a.svg", write_svg, "have a format that cannot be decoded"),
    ],
    ids=["cut JPEG", "cut PNG", "cut WebP", "huge WebP", "SVG"],
)
def test_picture_that_cannot_be_shown_is_refused_in_one_sentence(
    tmp_path: Path, name: str, write: Callable[[Path], None], sentence: str
) -> None:
    path = tmp_path / name
    write(path)
    with pytest.raises(CameraSettingError, match=sentence) as caught:
        check_camera(FilePath(path))
    assert name in caught.value.sentence
    assert caught.value.next_step
