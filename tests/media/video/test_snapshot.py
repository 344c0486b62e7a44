"""media/video/snapshot.py: the PNG file is the old one or the new one, never half."""

import os
import stat
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from av import VideoFrame

from media.errors import MediaError
from media.video.colour_range import LIMITED_RANGE, mark_yuv
from media.video.snapshot import save_snapshot

GREY = 126  # in limited range; 128 in full range


def picture_of(value: int, width: int = 66, height: int = 50) -> VideoFrame:
    """Return a yuv420p picture of one shade of grey."""
    picture = VideoFrame(width, height, "yuv420p")
    for plane, filling in zip(picture.planes, (value, 128, 128), strict=True):
        plane.update(bytes([filling]) * plane.buffer_size)
    return mark_yuv(picture, LIMITED_RANGE)


def red() -> VideoFrame:
    pixels = np.zeros((50, 66, 3), np.uint8)
    pixels[:, :, 2] = 255
    return VideoFrame.from_ndarray(pixels, "bgr24")


def test_snapshot_is_a_png_with_the_size_and_colours_of_the_picture(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    save_snapshot(picture_of(GREY), path)
    assert path.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    pixels = cv2.imread(str(path))
    assert pixels is not None
    assert pixels.shape == (50, 66, 3)
    assert np.abs(pixels.astype(int) - 128).max() <= 2
    save_snapshot(red(), path)
    pixels = cv2.imread(str(path))
    assert pixels is not None
    assert pixels[25, 33].tolist() == [0, 0, 255]


def test_older_snapshot_is_replaced_without_leftovers(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(b"old")
    save_snapshot(picture_of(GREY), path)
    assert path.read_bytes() != b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_open_reader_still_reads_the_whole_old_file(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(b"old")
    with path.open("rb") as reader:
        save_snapshot(picture_of(GREY), path)
        if sys.platform != "win32":
            assert reader.read() == b"old"


@pytest.mark.skipif(sys.platform == "win32", reason="no mode bits")
@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_snapshot_has_the_permissions_of_any_new_file(tmp_path: Path, umask: int) -> None:
    path = tmp_path / "picture.png"
    before = os.umask(umask)
    try:
        save_snapshot(picture_of(GREY), path)
        assert os.umask(umask) == umask
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~umask


def test_missing_folder_is_reported_with_the_path_and_the_option(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "picture.png"
    with pytest.raises(MediaError, match="could not be written to") as caught:
        save_snapshot(picture_of(GREY), path)
    assert "--snapshot" in caught.value.next_step
    assert str(path) in caught.value.sentence


def test_folder_at_the_path_is_reported_without_leftovers(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.mkdir()
    with pytest.raises(MediaError):
        save_snapshot(picture_of(GREY), path)
    assert list(tmp_path.iterdir()) == [path]


def test_name_too_long_for_the_disk_is_reported(tmp_path: Path) -> None:
    with pytest.raises(MediaError):
        save_snapshot(picture_of(GREY), tmp_path / ("x" * 300 + ".png"))
