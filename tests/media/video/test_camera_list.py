import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from media.errors import SourceError
from media.video.camera_list import CameraDevice, find_camera, list_cameras


def add(root: Path, node: str, name: str, index: str = "0") -> None:
    (root / node).mkdir()
    (root / node / "name").write_text(name + "\n")
    (root / node / "index").write_text(index + "\n")


def test_linux_lists_the_first_node_of_each_camera_by_number(tmp_path: Path) -> None:
    add(tmp_path, "video10", "Phone")
    add(tmp_path, "video0", "HD Webcam")
    add(tmp_path, "video1", "HD Webcam", "1")
    add(tmp_path, "v4l-subdev0", "Sensor")
    (tmp_path / "video7").mkdir()
    assert list_cameras(tmp_path, "linux") == [
        CameraDevice(0, "HD Webcam"),
        CameraDevice(10, "Phone"),
    ]


def test_computer_without_cameras_lists_none(tmp_path: Path) -> None:
    assert list_cameras(tmp_path / "missing", "linux") == []
    assert list_cameras(tmp_path, "freebsd") == []


def test_other_systems_list_the_names_of_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    package = ModuleType("cv2_enumerate_cameras")

    def enumerate_cameras(backend: int) -> list[SimpleNamespace]:
        return [
            SimpleNamespace(index=backend + 1, name="Back"),
            SimpleNamespace(index=backend, name="Front"),
        ]

    monkeypatch.setattr(package, "enumerate_cameras", enumerate_cameras, raising=False)
    monkeypatch.setitem(sys.modules, "cv2_enumerate_cameras", package)
    expected = [CameraDevice(0, "Front"), CameraDevice(1, "Back")]
    assert list_cameras(platform="win32") == expected
    assert list_cameras(platform="darwin") == expected
    monkeypatch.setitem(sys.modules, "cv2_enumerate_cameras", None)
    assert list_cameras(platform="win32") == []


CAMERAS = [
    CameraDevice(0, "HD Webcam"),
    CameraDevice(2, "HD Webcam Pro"),
    CameraDevice(4, "Phone"),
]


@pytest.mark.parametrize(
    ("name", "index"), [("HD Webcam", 0), ("pro", 2), ("PHONE", 4), ("hone", 4)]
)
def test_name_matches_exactly_before_it_matches_in_part(name: str, index: int) -> None:
    assert find_camera(name, CAMERAS).index == index


def test_ambiguous_name_lists_the_matches() -> None:
    with pytest.raises(SourceError) as caught:
        find_camera("webcam", CAMERAS)
    assert '0 "HD Webcam", 2 "HD Webcam Pro"' in caught.value.sentence


def test_unknown_name_lists_all_cameras() -> None:
    with pytest.raises(SourceError) as caught:
        find_camera("Nokia", CAMERAS)
    assert "Phone" in caught.value.next_step
    with pytest.raises(SourceError):
        find_camera("Nokia", [])
