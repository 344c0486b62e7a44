"""doctor/camera.py: missing, forbidden, busy, silent, dark and slow cameras are named."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import cv2
import numpy as np
import pytest

from doctor import camera
from doctor.camera import check_camera
from doctor.finding import Finding, Mark
from media.video.camera_list import CameraDevice
from media.video.camera_spec import CameraIndex, CameraName, NoCamera, TestPattern, parse_camera
from media.video.settings import VideoSettings
from tests.support.peer_process import wait_until
from tests.support.phone_camera import HEAD, HTTP, JPEG, MemoryPins, part, server
from tests.support.remedy import as_another_user, follow

SETTINGS = VideoSettings(width_px=320, height_px=180, frame_rate_hz=10)
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="device nodes are Linux's")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


def check(spec: CameraIndex | CameraName, devices: Path, *present: CameraDevice) -> Finding:
    [finding] = check_camera(
        spec, SETTINGS, MemoryPins(), devices=devices, list_devices=lambda: list(present)
    )
    return finding


def check_phone(serve: Callable[[socket.socket], None]) -> Finding:
    """Check a camera in the network."""
    with server(serve) as port:
        [finding] = check_camera(parse_camera(HTTP.format(port)), SETTINGS, MemoryPins())
    return finding


def stream(jpeg: bytes, rate_hz: float) -> Callable[[socket.socket], None]:
    def serve(connection: socket.socket) -> None:
        connection.sendall(HEAD)
        next_s = time.monotonic()
        while True:
            connection.sendall(part(jpeg))
            next_s += 1 / rate_hz
            # The pace of the played camera, not a wait for the program.
            connection.settimeout(max(0.001, next_s - time.monotonic()))
            try:
                if not connection.recv(1 << 16):
                    return
            except TimeoutError:
                continue

    return serve


@linux_only
def test_missing_camera_is_a_warning_because_a_call_does_without(tmp_path: Path) -> None:
    finding = check(CameraIndex(0), tmp_path)
    assert finding.mark is Mark.WARNING
    assert finding.sentence == "This computer has no camera"


@linux_only
def test_camera_that_is_not_there_is_told_with_the_one_that_is(tmp_path: Path) -> None:
    finding = check(CameraIndex(0), tmp_path, CameraDevice(2, "USB Cam"))
    assert finding.mark is Mark.WARNING
    assert "2 (USB Cam)" in finding.sentence
    assert "--camera 2" in finding.next_step
    finding = check(CameraName("Logitech"), tmp_path, CameraDevice(2, "USB Cam"))
    assert "Logitech" in finding.sentence
    assert "--camera 2" in finding.next_step


@linux_only
@as_root
def test_forbidden_camera_is_named_with_the_group_that_may_open_it(tmp_path: Path) -> None:
    node = tmp_path / "video0"
    node.touch(mode=0o660)
    with as_another_user():
        finding = check(CameraIndex(0), tmp_path, CameraDevice(0, "Front"))
    assert finding.mark is Mark.WRONG
    assert f"usermod --append --groups {node.group()} " in finding.next_step


@linux_only
def test_program_that_holds_the_camera_is_named_and_can_be_ended(tmp_path: Path) -> None:
    node = tmp_path / "video97"
    node.touch()
    holder = subprocess.Popen(["tail", "-f", str(node)], stdout=subprocess.DEVNULL)
    try:
        opened = Path(f"/proc/{holder.pid}/fd")
        wait_until(lambda: any(each.resolve() == node for each in opened.iterdir()), "it opens it")
        finding = check(CameraIndex(97), tmp_path, CameraDevice(97, "Front"))
        assert finding.mark is Mark.WRONG
        assert f"tail (process {holder.pid})" in finding.sentence
        follow(finding)
        holder.wait(10)
    finally:
        holder.kill()
        holder.wait()


@linux_only
def test_device_that_is_no_camera_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "video97").touch()
    finding = check(CameraIndex(97), tmp_path, CameraDevice(97, "Front"))
    assert finding.mark is Mark.WRONG
    assert finding.next_step


def send_no_picture(connection: socket.socket) -> None:
    connection.sendall(HEAD)
    while connection.recv(1 << 16):
        pass


def test_camera_that_sends_no_picture_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(camera, "FIRST_PICTURE_S", 0.5)
    finding = check_phone(send_no_picture)
    assert finding.mark is Mark.WRONG


def test_camera_that_is_switched_off_is_wrong() -> None:
    with ExitStack() as stack:
        port = stack.enter_context(server(lambda connection: None))
    [finding] = check_camera(parse_camera(HTTP.format(port)), SETTINGS, MemoryPins())
    assert finding.mark is Mark.WRONG
    assert finding.next_step


def test_slow_camera_is_a_warning_with_its_rate() -> None:
    finding = check_phone(stream(JPEG, 2))
    assert finding.mark is Mark.WARNING, finding
    assert isinstance(finding.figures["rate_hz"], float)
    assert 1 <= finding.figures["rate_hz"] <= 3
    assert "instead of 10" in finding.sentence


def test_covered_camera_is_a_warning() -> None:
    black = cv2.imencode(".jpg", np.zeros((96, 128), np.uint8))[1].tobytes()
    finding = check_phone(stream(black, 20))
    assert finding.mark is Mark.WARNING, finding
    assert "black" in finding.sentence


def test_good_camera_is_fine_with_size_and_rate() -> None:
    finding = check_phone(stream(JPEG, 20))
    assert finding.mark is Mark.OK, finding
    assert finding.figures["width_px"] == 128
    assert finding.figures["height_px"] == 96


def test_test_pattern_and_no_camera_are_fine() -> None:
    for spec in (TestPattern(), NoCamera()):
        [finding] = check_camera(spec, SETTINGS, MemoryPins())
        assert finding.mark is Mark.OK
