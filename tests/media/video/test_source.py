import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from media.frame import Content, FrameKind
from media.video.camera_spec import CameraSettingError, FilePath, parse_camera
from media.video.settings import VideoSettings
from media.video.source import Source, check_camera, create_source
from tests.support.phone_camera import MemoryPins


def create(text: str) -> Source | None:
    return create_source(parse_camera(text), VideoSettings(), MemoryPins(), lambda: 0)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("test", "PatternSource"),
        ("screen", "ScreenSource"),
        ("0", "CameraSource"),
        ("HD Webcam", "CameraSource"),
        ("http://phone/", "HttpCameraSource"),
        ("rtsp://phone/", "RtspCameraSource"),
    ],
)
def test_every_setting_has_its_source(text: str, name: str) -> None:
    assert type(create(text)).__name__ == name


def test_screen_alone_shows_detail() -> None:
    sources = {text: create(text) for text in ("test", "screen", "0", "http://phone/")}
    detailed = [text for text, s in sources.items() if s and s.content is Content.DETAIL]
    assert detailed == ["screen"]


def test_no_camera_has_no_source() -> None:
    assert create("none") is None


def test_picture_file_is_a_still(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    cv2.imwrite(str(path), np.zeros((20, 20, 3), np.uint8))
    source = create_source(FilePath(path), VideoSettings(), MemoryPins(), lambda: 0)
    assert source is not None
    source.open()
    assert source.kind is FrameKind.STILL
    assert source.content is Content.DETAIL
    source.close()
    check_camera(FilePath(path))


@pytest.mark.parametrize("content", [b"", b"just text", b"\xff\xd8\xff\xe0garbage"])
def test_unreadable_file_fails_the_check(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "video.mp4"
    path.write_bytes(content)
    with pytest.raises(CameraSettingError) as caught:
        check_camera(FilePath(path))
    assert "video.mp4" in caught.value.sentence
    assert caught.value.next_step


@pytest.mark.parametrize(
    "text", ["test", "screen", "none", "7", "No such camera", "http://x/", "rtsp://x/"]
)
def test_source_that_may_appear_later_passes_the_check(text: str) -> None:
    check_camera(parse_camera(text))


def test_import_of_the_module_imports_no_large_library() -> None:
    code = (
        "import sys, media.video.source, media.video.capture;"
        "print(sorted({'av', 'cv2', 'mss', 'numpy', 'ssl'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
