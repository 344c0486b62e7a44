import ast
import inspect
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.video import camera_spec
from media.video.camera_spec import (
    CameraIndex,
    CameraName,
    CameraSettingError,
    CameraUrl,
    FilePath,
    NoCamera,
    Screen,
    TestPattern,
    parse_camera,
)


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("test", TestPattern()),
        ("screen", Screen()),
        ("none", NoCamera()),
        ("0", CameraIndex(0)),
        (" 12 ", CameraIndex(12)),
        ("-1", CameraIndex(-1)),
        ("HD Webcam", CameraName("HD Webcam")),
        ("HD Webcam 2.0", CameraName("HD Webcam 2.0")),
        ("Logitech C920", CameraName("Logitech C920")),
        ("Test", CameraName("Test")),
        ("naïve caméra", CameraName("naïve caméra")),
    ],
)
def test_words_numbers_and_names_are_parsed(text: str, spec: object) -> None:
    assert parse_camera(text) == spec


def test_existing_file_is_a_file_unless_its_name_is_a_word_or_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "clip").touch()
    (tmp_path / "test").touch()
    (tmp_path / "7").touch()
    monkeypatch.chdir(tmp_path)
    assert parse_camera("clip") == FilePath(Path("clip"))
    assert parse_camera(str(tmp_path / "clip")) == FilePath(tmp_path / "clip")
    assert parse_camera("test") == TestPattern()
    assert parse_camera("7") == CameraIndex(7)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "video.mp4",
        "a.3gp",
        "a.ts",
        "a.h264",
        "photo.JPG",
        "folder/clip",
        "C:\\clip",
        "/dev/video99999",
        "rtmp://phone/stream",
        "rtsp://",
        "rtsps://phone:0/",
        "file://",
        "file:///no/such/file.mp4",
        "file://other/film.mp4",
        "http://",
        "http://:80/",
        "https://phone:99999/",
        "http://phone:0/",
        "http://ph one/",
        "x" * 5000 + "/",
        "a\0b/c",
        "~\0/c",
    ],
)
def test_impossible_camera_is_an_error_with_a_next_step(text: str) -> None:
    with pytest.raises(CameraSettingError) as caught:
        parse_camera(text)
    assert caught.value.sentence
    assert not caught.value.sentence.endswith(".")
    assert caught.value.next_step


@pytest.mark.parametrize("scheme", ["rtsp", "RTSPS"])
def test_password_of_an_rtsp_url_is_never_shown(scheme: str) -> None:
    spec = parse_camera(f"{scheme}://us%40er:sec%3Aret@phone:8554/stream?token=hidden")
    assert isinstance(spec, CameraUrl)
    assert spec.label == f"{scheme.lower()}://phone:8554/stream"
    assert "hidden" not in repr(spec) + repr(spec.target)
    assert "ret" not in repr(spec) + repr(spec.target)
    with pytest.raises(CameraSettingError) as caught:
        parse_camera(f"{scheme}://user:secret@phone:x/")
    assert "secret" not in caught.value.sentence + caught.value.next_step


def test_file_url_is_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a film #1.mp4"
    path.touch()
    quoted = str(path).replace(" ", "%20")
    for start in ("file://", "FILE://localhost"):
        assert parse_camera(start + quoted) == FilePath(path)
        assert parse_camera(start + quoted.replace("#", "%23")) == FilePath(path)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux names cameras by a path")
def test_device_of_linux_is_its_camera_even_while_it_is_away() -> None:
    assert parse_camera("/dev/video0") == CameraIndex(0)
    assert parse_camera("/dev/video987") == CameraIndex(987)
    with pytest.raises(CameraSettingError):
        parse_camera("/dev/null/x")


def test_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CameraSettingError, match="not a file"):
        parse_camera(str(tmp_path))


def test_password_of_a_url_is_never_shown() -> None:
    spec = parse_camera("HTTP://user:secret@phone:8080/video?token=hidden")
    assert isinstance(spec, CameraUrl)
    assert spec.label == "http://phone:8080/video"
    for shown in (repr(spec), repr(spec.target), spec.label):
        assert "secret" not in shown
        assert "hidden" not in shown
    with pytest.raises(CameraSettingError) as caught:
        parse_camera("http://user:secret@phone:http/")
    assert "secret" not in caught.value.sentence + caught.value.next_step


@given(st.text(max_size=60))
def test_random_text_is_a_camera_or_a_setting_error(text: str) -> None:
    with suppress(CameraSettingError):
        assert parse_camera(text).label


def test_parsing_imports_no_large_library() -> None:
    tree = ast.parse(inspect.getsource(camera_spec))
    names = {
        (node.module or "") if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert not {name.split(".")[0] for name in names} & {"av", "cv2", "mss", "numpy"}
