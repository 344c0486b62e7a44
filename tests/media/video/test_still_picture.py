from pathlib import Path

import cv2
import numpy as np
import pytest

from media.errors import SourceError
from media.frame import FrameKind
from media.video.settings import VideoSettings
from media.video.still_picture import StillPictureSource, is_still, read_picture


def write(path: Path, width: int = 200, height: int = 100) -> Path:
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[: height // 2, : width // 2] = 255
    assert cv2.imwrite(str(path), pixels)
    return path


@pytest.mark.parametrize("suffix", ["png", "jpg", "bmp", "webp", "tif"])
def test_picture_is_returned_once(tmp_path: Path, suffix: str) -> None:
    path = write(tmp_path / f"photo.{suffix}")
    assert is_still(path)
    source = StillPictureSource(path, VideoSettings())
    source.open()
    picture = source.read(0)
    assert picture is not None
    assert source.kind is FrameKind.STILL
    assert (picture.width, picture.height) == (200, 100)
    assert picture.format.name in ("yuv420p", "yuvj420p")
    assert source.read(0) is None
    source.close()


def test_large_picture_is_scaled_down(tmp_path: Path) -> None:
    path = write(tmp_path / "large.jpg", 4000, 3000)
    picture = read_picture(path, (1280, 720))
    assert (picture.width, picture.height) == (960, 720)


def test_photo_is_turned_by_its_exif_orientation(tmp_path: Path) -> None:
    path = write(tmp_path / "photo.jpg")
    jpeg = path.read_bytes()
    entry = b"\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00"  # orientation 6: turn clockwise
    tiff = b"MM\x00\x2a\x00\x00\x00\x08\x00\x01" + entry + bytes(4)
    exif = b"Exif\x00\x00" + tiff
    segment = b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif
    path.write_bytes(jpeg[:2] + segment + jpeg[2:])
    picture = read_picture(path)
    assert (picture.width, picture.height) == (100, 200)
    luma = picture.to_ndarray()[:200]
    assert luma[50, 75] > 200
    assert luma[50, 25] < 50
    assert luma[150, 75] < 50


def test_damaged_picture_is_a_source_error(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    with pytest.raises(SourceError):
        read_picture(path)
    path = write(tmp_path / "cut.png")
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(SourceError):
        read_picture(path)
