"""The check of the camera: there, permitted, not busy, and its pictures. Blocks for some seconds.

It opens the camera as a call does, and its light goes on. No picture is kept.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from core.clock import Deadline, now_us
from core.program import COMMAND
from doctor.finding import Finding, ok, warning, wrong
from doctor.holders import holders_of_file
from media.errors import SourceError
from media.video.camera_list import CameraDevice, find_camera, list_cameras
from media.video.camera_spec import (
    CameraIndex,
    CameraName,
    CameraSpec,
    CameraUrl,
    NoCamera,
    camera_title,
)
from media.video.certificate_pins import CameraPins
from media.video.settings import VideoSettings
from media.video.source import Source, create_source

FIRST_PICTURE_S = 6.0
"""Some cameras take 3 s for their first picture."""
MEASURE_S = 2.0
READ_S = 0.25
SLOW = 0.7
"""Below this part of the frame rate that the settings request, the camera counts as slow."""
SMALL_PX = (640, 360)
DARK_LUMA = 20
"""Luma of black is 16; a covered lens gives that, and some noise."""
_DEVICES = Path("/dev")
_WITHOUT = "A call goes on without it"


def check_camera(
    spec: CameraSpec,
    settings: VideoSettings,
    pins: CameraPins,
    *,
    devices: Path = _DEVICES,
    list_devices: Callable[[], list[CameraDevice]] = list_cameras,
) -> list[Finding]:
    """Check that the camera of the settings delivers pictures.

    Args:
        devices: Linux's folder of device nodes.
    """
    if isinstance(spec, NoCamera):
        return [ok("camera", "No camera is wanted: video.camera is none")]
    node: Path | None = None
    if isinstance(spec, CameraIndex | CameraName):
        index = _find_index(spec, list_devices)
        node = devices / f"video{index}"
        is_missing = index is None or (sys.platform == "linux" and not node.exists())
        if is_missing:
            return [_explain_missing(spec, list_devices())]
        if sys.platform == "linux" and not os.access(node, os.R_OK | os.W_OK):
            return [_explain_forbidden(spec, node)]
    return [_try_source(spec, settings, pins, node)]


def _find_index(
    spec: CameraIndex | CameraName, list_devices: Callable[[], list[CameraDevice]]
) -> int | None:
    if isinstance(spec, CameraIndex):
        return spec.index
    try:
        return find_camera(spec.name, list_devices()).index
    except SourceError:
        return None


def _explain_missing(spec: CameraSpec, present: list[CameraDevice]) -> Finding:
    if not present:
        return warning("camera", "This computer has no camera", f"Connect one. {_WITHOUT}")
    names = ", ".join(f"{camera.index} ({camera.name})" for camera in present)
    return warning(
        "camera",
        f"{camera_title(spec)} is not there; there is {names}",
        f"Choose one with --camera {present[0].index}, or connect the other. {_WITHOUT}",
    )


def _explain_forbidden(spec: CameraSpec, node: Path) -> Finding:
    return wrong(
        "camera",
        f"{camera_title(spec)} may not be opened by you",
        f"Enter `sudo usermod --append --groups {_group_of(node)} $(id -un)`, log out, and log in"
        " again",
    )


def _group_of(node: Path) -> str:
    if sys.platform == "win32":  # Devices are no files there.
        return ""
    try:
        return node.group()
    except (KeyError, OSError):
        return "video"


def _try_source(
    spec: CameraSpec, settings: VideoSettings, pins: CameraPins, node: Path | None
) -> Finding:
    try:
        source = create_source(spec, settings, pins, now_us)
        assert source is not None
        try:
            source.open()
            return _measure(spec, source, settings)
        finally:
            source.close()
    except SourceError as error:
        holders = holders_of_file(node) if node is not None else []
        if holders:
            first = holders[0]
            return wrong(
                "camera",
                f"{camera_title(spec)} is used by {first}",
                f"End that program: {first.end_command}",
            )
        return wrong("camera", error.sentence, error.next_step or _choose_another())


def _measure(spec: CameraSpec, source: Source, settings: VideoSettings) -> Finding:
    """Read pictures, and return what they tell of the camera."""
    deadline = Deadline(FIRST_PICTURE_S)
    picture = None
    while picture is None and not deadline.has_passed:
        picture = source.read(READ_S)
    title = camera_title(spec)
    if picture is None:
        return wrong(
            "camera",
            f"{title} is open, but no picture came within {FIRST_PICTURE_S:g} s",
            "Look whether its own app shows a picture, and start that again"
            if isinstance(spec, CameraUrl)
            else "Disconnect it and connect it again, or use another USB port",
        )
    began_us = last_us = now_us()
    count = 0
    deadline = Deadline(MEASURE_S)
    while not deadline.has_passed:
        following = source.read(READ_S)
        if following is not None:
            picture, last_us = following, now_us()
            count += 1
    rate_hz = round(count * 1e6 / (last_us - began_us), 1) if count else 0.0
    figures = {"width_px": picture.width, "height_px": picture.height, "rate_hz": rate_hz}
    size = f"{picture.width}x{picture.height}"
    if not isinstance(spec, CameraIndex | CameraName | CameraUrl):
        return ok("camera", f"{title} delivers pictures of {size}", **figures)
    if picture.to_ndarray(format="gray").mean() < DARK_LUMA:
        return warning(
            "camera",
            f"{title} delivers only black pictures of {size}",
            "Open the cover of its lens, or turn on a light",
            **figures,
        )
    if rate_hz < settings.frame_rate_hz * SLOW:
        return warning(
            "camera",
            f"{title} delivers {rate_hz:g} pictures of {size} a second instead of"
            f" {settings.frame_rate_hz}",
            _speed_up(spec, settings),
            **figures,
        )
    return ok("camera", f"{title} delivers {rate_hz:g} pictures of {size} a second", **figures)


def _speed_up(spec: CameraSpec, settings: VideoSettings) -> str:
    if isinstance(spec, CameraUrl):
        return "Choose a smaller picture or a higher rate in its own app, or move it nearer"
    step = "Turn on more light, or use another USB port"
    if settings.width_px <= SMALL_PX[0]:
        return step
    width_px, height_px = SMALL_PX
    size = f"--set video.width_px={width_px} --set video.height_px={height_px}"
    return f"{step}, or ask for a smaller picture: {size}"


def _choose_another() -> str:
    return f"Choose another with --camera; `{COMMAND} devices` lists them"
