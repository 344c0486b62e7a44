"""media/video/camera.py: every branch, through a fake `cv2.VideoCapture`. Needs no hardware."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from media.errors import SourceError
from media.video import camera as camera_module
from media.video.camera import CameraSource
from media.video.camera_list import CameraDevice
from media.video.camera_spec import CameraIndex, CameraName
from media.video.settings import VideoSettings
from media.video.use_guard import SourceClosedError

BGR = np.full((72, 128, 3), (200, 100, 50), np.uint8)
MJPEG = cv2.imencode(".jpg", BGR)[1].reshape(1, -1).astype(np.uint8)
YUYV = np.dstack([np.full((72, 128), 90, np.uint8), np.full((72, 128), 128, np.uint8)])


class Hardware:
    """The behaviour of the fake camera, set by each test."""

    def __init__(self) -> None:
        self.is_opened = True
        self.fourcc = "MJPG"
        self.allows_raw = True
        self.raw: Any = MJPEG
        self.converted: Any = BGR
        self.opened: list[tuple[int, int]] = []
        self.set_to: dict[int, float] = {}
        self.releases = 0


class FakeCapture:
    hardware = Hardware()

    def __init__(self, index: int, backend: int) -> None:
        self.hardware.opened.append((index, backend))

    def isOpened(self) -> bool:  # noqa: N802  # the name in OpenCV
        return self.hardware.is_opened

    def set(self, key: int, value: float) -> bool:
        if key == cv2.CAP_PROP_CONVERT_RGB and not value and not self.hardware.allows_raw:
            return False
        self.hardware.set_to[key] = value
        return True

    def get(self, key: int) -> float:
        assert key == cv2.CAP_PROP_FOURCC
        return float(cv2.VideoWriter.fourcc(*self.hardware.fourcc))

    def read(self) -> tuple[bool, NDArray[np.generic] | None]:
        is_raw = self.hardware.set_to.get(cv2.CAP_PROP_CONVERT_RGB) == 0
        answer = self.hardware.raw if is_raw else self.hardware.converted
        if isinstance(answer, Exception):
            raise answer
        return answer is not None, answer

    def release(self) -> None:
        self.hardware.releases += 1


@pytest.fixture
def hardware(monkeypatch: pytest.MonkeyPatch) -> Hardware:
    FakeCapture.hardware = Hardware()
    monkeypatch.setattr(cv2, "VideoCapture", FakeCapture)
    return FakeCapture.hardware


@pytest.fixture
def devices(tmp_path: Path) -> Path:
    (tmp_path / "video0").touch()
    return tmp_path


def opened(devices: Path, platform: str = "linux") -> CameraSource:
    source = CameraSource(CameraIndex(0), VideoSettings(), platform, devices)
    source.open()
    return source


def test_jpeg_of_the_camera_is_decoded_directly(hardware: Hardware, devices: Path) -> None:
    picture = opened(devices).read(0)
    assert picture is not None
    assert (picture.format.name, picture.color_range) == ("yuvj420p", 2)
    assert (picture.width, picture.height) == (128, 72)


def test_yuyv_is_kept(hardware: Hardware, devices: Path) -> None:
    hardware.fourcc, hardware.raw = "YUYV", YUYV
    picture = opened(devices).read(0)
    assert picture is not None
    assert (picture.format.name, picture.color_range) == ("yuyv422", 1)
    converted = picture.reformat(format="yuv420p", dst_color_range=1).to_ndarray()
    assert (converted[:72] == 90).all()
    assert (converted[72:] == 128).all()


def test_other_formats_are_converted_by_opencv(hardware: Hardware, devices: Path) -> None:
    hardware.fourcc = "NV12"
    picture = opened(devices).read(0)
    assert picture is not None
    assert (picture.format.name, picture.color_range) == ("yuv420p", 1)
    back = picture.to_ndarray(format="bgr24", src_color_range=1, dst_color_range=2)
    assert np.abs(back.astype(int) - BGR).max() <= 4


def test_camera_without_raw_access_is_converted_by_opencv(
    hardware: Hardware, devices: Path
) -> None:
    hardware.allows_raw = False
    picture = opened(devices).read(0)
    assert picture is not None
    assert picture.format.name == "yuv420p"


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_other_systems_convert_from_bgr(hardware: Hardware, devices: Path, platform: str) -> None:
    picture = opened(devices, platform).read(0)
    assert picture is not None
    assert picture.format.name == "yuv420p"
    expected = {"win32": cv2.CAP_DSHOW, "darwin": cv2.CAP_AVFOUNDATION}[platform]
    assert hardware.opened == [(0, expected)]


@pytest.mark.parametrize("shape", [(71, 128, 3), (72, 127, 3)])
def test_odd_sizes_stay_bgr(hardware: Hardware, devices: Path, shape: tuple[int, int, int]) -> None:
    hardware.fourcc, hardware.converted = "NV12", np.zeros(shape, np.uint8)
    picture = opened(devices).read(0)
    assert picture is not None
    assert (picture.format.name, picture.height, picture.width) == ("bgr24", *shape[:2])


def test_size_rate_and_one_buffer_are_requested(hardware: Hardware, devices: Path) -> None:
    opened(devices)
    assert hardware.set_to[cv2.CAP_PROP_BUFFERSIZE] == 1
    assert hardware.set_to[cv2.CAP_PROP_FRAME_WIDTH] == 1280
    assert hardware.set_to[cv2.CAP_PROP_FRAME_HEIGHT] == 720
    assert hardware.set_to[cv2.CAP_PROP_FPS] == 30
    assert hardware.opened == [(0, cv2.CAP_V4L2)]


@pytest.mark.parametrize(
    ("fourcc", "raw"),
    [
        ("MJPG", np.zeros((1, 500), np.uint8)),
        ("MJPG", BGR),
        ("MJPG", np.zeros((0,), np.uint8)),
        ("MJPG", np.zeros((1, 500), np.uint16)),
        ("YUYV", MJPEG),
        ("YUYV", BGR),
    ],
)
def test_unexpected_raw_format_falls_back_to_opencv_and_is_logged_once(
    hardware: Hardware,
    devices: Path,
    caplog: pytest.LogCaptureFixture,
    fourcc: str,
    raw: NDArray[np.generic],
) -> None:
    caplog.set_level("INFO")
    hardware.fourcc, hardware.raw = fourcc, raw
    source = opened(devices)
    pictures = [source.read(0) for _ in range(6)]
    assert pictures[:3] == [None] * 3
    assert all(p is not None and p.format.name == "yuv420p" for p in pictures[3:])
    assert len(caplog.records) == 1


def test_damaged_picture_is_skipped(hardware: Hardware, devices: Path) -> None:
    source = opened(devices)
    hardware.raw = MJPEG[:, :100]
    assert source.read(0) is None
    assert source.read(0) is None
    hardware.raw = MJPEG
    for _ in range(5):
        picture = source.read(0)
        assert picture is not None
        assert picture.format.name == "yuvj420p"


def test_array_that_is_not_bgr_is_a_source_error(hardware: Hardware, devices: Path) -> None:
    hardware.fourcc, hardware.converted = "NV12", np.zeros((72, 128), np.uint8)
    source = opened(devices)
    assert source.read(0) is None
    assert source.read(0) is None
    with pytest.raises(SourceError, match="cannot be decoded"):
        source.read(0)


def test_three_failed_reads_are_a_source_error(hardware: Hardware, devices: Path) -> None:
    source = opened(devices)
    hardware.raw = None
    assert source.read(0) is None
    assert source.read(0) is None
    with pytest.raises(SourceError, match="delivers no pictures"):
        source.read(0)


def test_opencv_error_becomes_a_source_error(hardware: Hardware, devices: Path) -> None:
    source = opened(devices)
    hardware.raw = cv2.error("select")
    with pytest.raises(SourceError, match="is gone"):
        source.read(0)


def test_camera_in_use_cannot_be_opened(hardware: Hardware, devices: Path) -> None:
    hardware.is_opened = False
    with pytest.raises(SourceError, match="cannot be opened") as caught:
        opened(devices)
    assert "other programs" in caught.value.next_step


@pytest.mark.parametrize("index", [1, -1, 10**19])
def test_missing_camera_is_not_opened(hardware: Hardware, devices: Path, index: int) -> None:
    source = CameraSource(CameraIndex(index), VideoSettings(), "linux", devices)
    with pytest.raises(SourceError, match=r"amera.* was not found"):
        source.open()
    assert hardware.opened == []


def test_camera_name_is_looked_up(
    hardware: Hardware, devices: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = [CameraDevice(3, "Phone")]
    monkeypatch.setattr(camera_module, "list_cameras", lambda platform: named)
    CameraSource(CameraName("phone"), VideoSettings(), "win32", devices).open()
    assert hardware.opened[0][0] == 3


def test_close_releases_once(hardware: Hardware, devices: Path) -> None:
    source = opened(devices)
    source.close()
    source.close()
    assert hardware.releases == 1
    with pytest.raises(SourceClosedError):
        source.read(0)
