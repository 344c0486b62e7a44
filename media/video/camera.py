"""A camera of this computer, through OpenCV. Capture thread, except `close`.

On Linux, JPEG and YUYV are read as the camera delivers them, without a conversion to BGR. Other
formats, and all formats on other systems, are converted to BGR by OpenCV. OpenCV also converts BGR
to planar YUV: 0.3 ms for 1280x720, against 1.1 to 1.5 ms by FFmpeg's scaler.
"""

import logging
import os
import sys
from enum import Enum
from pathlib import Path

# OpenCV reads these when it first needs them: it gives up on a camera that hangs after one second,
# not ten; Media Foundation opens in one second, not twenty; macOS itself asks the user.
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "1")
os.environ.setdefault("OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS", "0")
os.environ.setdefault("OPENCV_AVFOUNDATION_SKIP_AUTH", "1")

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from media.errors import CodecError, SourceError
from media.frame import Content, FrameKind
from media.video.camera_list import find_camera, list_cameras
from media.video.camera_spec import CameraIndex, CameraName, camera_title
from media.video.colour_range import LIMITED_RANGE, mark_rgb, mark_yuv
from media.video.i420 import frame_from_i420
from media.video.jpeg import JpegDecoder
from media.video.settings import VideoSettings
from media.video.use_guard import UseGuard

_BACKENDS = {"linux": cv2.CAP_V4L2, "darwin": cv2.CAP_AVFOUNDATION, "win32": cv2.CAP_DSHOW}
"""DirectShow opens a camera in a fraction of Media Foundation's time, and offers MJPG."""
_MAX_INDEX = 99
_MAX_FAILED_READS = 3
_MAX_UNEXPECTED = 3
_RETRY_S = 0.05
_DEVICES = Path("/dev")
_log = logging.getLogger(__name__)


class _PixelFormat(Enum):
    """The format of the arrays that OpenCV returns."""

    MJPEG = "MJPG"
    YUYV = "YUYV"
    BGR = "BGR"


class CameraSource:
    """The pictures of one camera, at the requested size or the nearest that it has.

    Args:
        platform: a value of sys.platform.
        devices: Linux's folder of device nodes.
    """

    kind = FrameKind.LIVE
    content = Content.MOTION

    def __init__(
        self,
        spec: CameraIndex | CameraName,
        settings: VideoSettings,
        platform: str = sys.platform,
        devices: Path = _DEVICES,
    ) -> None:
        self._spec = spec
        self._settings = settings
        self._platform = platform
        self._devices = devices
        self._guard = UseGuard(self._release)
        self._capture: cv2.VideoCapture | None = None
        self._format = _PixelFormat.BGR
        self._decoder = JpegDecoder()
        self._failed_reads = 0
        self._unexpected = 0

    def open(self) -> None:
        """Find and open the camera. Blocks for up to some seconds and cannot be interrupted.

        Raises SourceError.
        """
        with self._guard.use():
            index = self._find_index()
            # Between two pictures, OpenCV's own threads only spin.
            cv2.setNumThreads(1)
            cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
            try:
                self._capture = cv2.VideoCapture(index, _BACKENDS.get(self._platform, cv2.CAP_ANY))
                if not self._capture.isOpened():
                    raise SourceError(
                        f"{camera_title(self._spec)} cannot be opened",
                        "Close other programs that use it, or reconnect it",
                    )
                self._configure(self._capture)
            except cv2.error as error:
                raise SourceError(f"{camera_title(self._spec)} cannot be opened") from error

    def read(self, timeout_s: float) -> av.VideoFrame | None:
        """Return the next picture, or None. Blocks for at most about one second.

        Raises SourceError if the camera has failed several times in a row.
        """
        with self._guard.use():
            if self._capture is None:
                raise SourceError(f"{camera_title(self._spec)} is not open")
            try:
                is_read, pixels = self._capture.read()
            except cv2.error as error:
                raise SourceError(f"{camera_title(self._spec)} is gone") from error
            if not is_read or pixels is None:
                self._failed_reads += 1
                if self._failed_reads >= _MAX_FAILED_READS:
                    raise SourceError(
                        f"{camera_title(self._spec)} delivers no pictures", "Connect it again"
                    )
                self._guard.closed.wait(min(timeout_s, _RETRY_S))
                return None
            self._failed_reads = 0
            picture = self._to_picture(np.asarray(pixels))
            if picture is None:
                self._on_unexpected(self._capture, np.asarray(pixels))
                return None
            self._unexpected = 0
            return picture

    def close(self) -> None:
        """Release the camera as soon as no call to it is in progress. Any thread."""
        self._guard.close()

    def _find_index(self) -> int:
        spec = self._spec
        if isinstance(spec, CameraName):
            return find_camera(spec.name, list_cameras(platform=self._platform)).index
        if not 0 <= spec.index <= _MAX_INDEX:
            raise SourceError(f"{camera_title(spec)} was not found", "Camera numbers start at 0")
        if self._platform == "linux":
            node = self._devices / f"video{spec.index}"
            if not node.exists():
                raise SourceError(
                    f"{camera_title(spec)} was not found", "Connect it, or choose another"
                )
            if not os.access(node, os.R_OK | os.W_OK):
                raise SourceError(
                    f"{camera_title(spec)} is not open to you",
                    f"Add yourself to the group that owns {node}, then log in again",
                )
        return spec.index

    def _configure(self, capture: cv2.VideoCapture) -> None:
        """Request MJPG, the size and the rate; a camera uses the nearest that it has."""
        settings = self._settings
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, settings.width_px)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, settings.height_px)
        capture.set(cv2.CAP_PROP_FPS, settings.frame_rate_hz)
        self._format = _PixelFormat.BGR
        fourcc = int(capture.get(cv2.CAP_PROP_FOURCC)) & 0xFFFFFFFF
        name = fourcc.to_bytes(4, "little").decode("ascii", "replace")
        is_known = name in (_PixelFormat.MJPEG.value, _PixelFormat.YUYV.value)
        if self._platform == "linux" and is_known and capture.set(cv2.CAP_PROP_CONVERT_RGB, 0):
            self._format = _PixelFormat(name)
        _log.debug("%s delivers %s as %s", self._spec.label, name, self._format.value)

    def _to_picture(self, pixels: NDArray[np.generic]) -> av.VideoFrame | None:
        """Return the picture, or None if the array is not in the expected format."""
        if pixels.dtype != np.uint8 or pixels.size == 0:
            return None
        octets = pixels.astype(np.uint8, copy=False)
        match self._format:
            case _PixelFormat.MJPEG:
                if octets.size != max(octets.shape):
                    return None
                try:
                    return self._decoder.decode(octets.tobytes())
                except CodecError:
                    return None
            case _PixelFormat.YUYV:
                return _from_yuyv(octets)
            case _PixelFormat.BGR:
                return _from_bgr(octets)

    def _on_unexpected(self, capture: cv2.VideoCapture, pixels: NDArray[np.generic]) -> None:
        """Skip a damaged picture; after a few in a row let OpenCV convert, or give up."""
        self._unexpected += 1
        if self._unexpected < _MAX_UNEXPECTED:
            return
        self._unexpected = 0
        if self._format is _PixelFormat.BGR:
            raise SourceError(
                f"{camera_title(self._spec)} delivers pictures that cannot be decoded"
            )
        _log.info(
            "%s does not deliver the %s that it announced (%s of %s); OpenCV converts now",
            camera_title(self._spec),
            self._format.value,
            pixels.shape,
            pixels.dtype,
        )
        self._format = _PixelFormat.BGR
        # Converting takes longer than the camera's blanking interval: with a single buffer, every
        # second picture would be lost.
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 2)
        if not capture.set(cv2.CAP_PROP_CONVERT_RGB, 1):
            raise SourceError(
                f"{camera_title(self._spec)} delivers pictures that cannot be decoded"
            )

    def _release(self) -> None:
        if self._capture is not None:
            self._capture.release()
            self._capture = None


def _from_yuyv(pixels: NDArray[np.uint8]) -> av.VideoFrame | None:
    if pixels.ndim != 3 or pixels.shape[2] != 2 or pixels.shape[1] % 2:
        return None
    height, width, _ = pixels.shape
    picture = av.VideoFrame(width, height, "yuyv422")
    plane = picture.planes[0]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(height, plane.line_size)
    rows[:, : width * 2] = pixels.reshape(height, width * 2)
    return mark_yuv(picture, LIMITED_RANGE)


def _from_bgr(pixels: NDArray[np.uint8]) -> av.VideoFrame | None:
    if pixels.ndim != 3 or pixels.shape[2] != 3:
        return None
    height, width, _ = pixels.shape
    if height % 2 or width % 2:
        whole = np.ascontiguousarray(pixels)
        return mark_rgb(av.VideoFrame.from_numpy_buffer(whole, "bgr24"))
    block = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2YUV_I420), np.uint8)
    return frame_from_i420(block)
