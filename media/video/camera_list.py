"""The cameras of this computer, by name. Opens no camera. Any thread; may block for the system.

On Linux the names are in /sys/class/video4linux. On other systems the package cv2-enumerate-cameras
reads them; where it is not installed, cameras have numbers but no names.
"""

import importlib
import re
import sys
from pathlib import Path

import msgspec

from media.errors import SourceError
from media.video.camera_spec import CameraIndex, CameraName, CameraSpec

_SYSFS = Path("/sys/class/video4linux")
_NODE = re.compile(r"video([0-9]+)")
_BACKENDS = {"win32": 700, "darwin": 1200}
"""cv2.CAP_DSHOW and cv2.CAP_AVFOUNDATION, as in `camera`: a number is an index in their order."""
_BACKEND_STEP = 100


class CameraDevice(msgspec.Struct, frozen=True):
    """A camera: the number that opens it, and the name that its maker gave it."""

    index: int
    name: str


def list_cameras(root: Path = _SYSFS, platform: str = sys.platform) -> list[CameraDevice]:
    """Return the cameras that have a name, in the order of their numbers.

    Args:
        root: Linux's folder of video devices.
        platform: a value of sys.platform.
    """
    found = _list_linux(root) if platform == "linux" else _list_by_package(platform)
    return sorted(found, key=lambda device: device.index)


def find_camera(name: str, cameras: list[CameraDevice]) -> CameraDevice:
    """Return the camera with this name, else the only one whose name contains it.

    Raises SourceError if no name or several names match.
    """
    matches = [camera for camera in cameras if camera.name == name]
    if not matches:
        wanted = name.casefold()
        matches = [camera for camera in cameras if wanted in camera.name.casefold()]
    if len(matches) == 1:
        return matches[0]
    if matches:
        listed = ", ".join(f'{camera.index} "{camera.name}"' for camera in matches)
        raise SourceError(
            f'Several cameras match "{name}": {listed}', "Give more of the name, or the number"
        )
    listed = ", ".join(f'"{camera.name}"' for camera in cameras)
    raise SourceError(
        f'Camera "{name}" was not found',
        f"Choose from {listed}" if listed else "Connect it, or try the camera number 0",
    )


def are_same_camera(one: CameraSpec, other: CameraSpec) -> bool:
    """Return whether two settings mean the same source, as a camera has a number and a name."""
    cameras = (CameraIndex, CameraName)
    if one == other or not (isinstance(one, cameras) and isinstance(other, cameras)):
        return one == other
    devices = list_cameras()
    try:
        return _index(one, devices) == _index(other, devices)
    except SourceError:
        return False


def _index(spec: CameraIndex | CameraName, devices: list[CameraDevice]) -> int:
    return spec.index if isinstance(spec, CameraIndex) else find_camera(spec.name, devices).index


def _list_linux(root: Path) -> list[CameraDevice]:
    found = []
    try:
        nodes = list(root.iterdir())
    except OSError:
        return []
    for node in nodes:
        number = _NODE.fullmatch(node.name)
        if number is None:
            continue
        try:
            # A camera has one node for pictures, index 0, and others for metadata.
            is_first = (node / "index").read_text().strip() == "0"
            name = (node / "name").read_text(errors="replace").strip()
        except OSError:
            continue  # unplugged in the meantime
        if is_first:
            found.append(CameraDevice(int(number[1]), name or node.name))
    return found


def _list_by_package(platform: str) -> list[CameraDevice]:
    backend = _BACKENDS.get(platform)
    if backend is None:
        return []
    try:
        package = importlib.import_module("cv2_enumerate_cameras")
    except ImportError:
        return []
    return [
        CameraDevice(int(info.index) % _BACKEND_STEP, str(info.name))
        for info in package.enumerate_cameras(backend)
    ]
