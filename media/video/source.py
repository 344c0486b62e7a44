"""Picture sources: their interface, and the choice of one by its specification. Any thread.

The module of a source is imported only when one is created: each needs a large library.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from media.errors import SourceError
from media.frame import Content, FrameKind
from media.video.camera_spec import (
    CameraIndex,
    CameraName,
    CameraSettingError,
    CameraSpec,
    CameraUrl,
    FilePath,
    NoCamera,
    Screen,
    TestPattern,
)
from media.video.certificate_pins import CameraPins
from media.video.rtsp_target import RtspTarget
from media.video.settings import VideoSettings

if TYPE_CHECKING:
    from av import VideoFrame


class Source(Protocol):
    """A source of pictures. The capture thread opens and reads it; any thread closes it."""

    @property
    def kind(self) -> FrameKind:
        """The kind of its frames."""
        ...

    @property
    def content(self) -> Content:
        """The content of its frames."""
        ...

    def open(self) -> None:
        """Open the device, file or connection, once. May block for seconds.

        Raises SourceError.
        """
        ...

    def read(self, timeout_s: float) -> "VideoFrame | None":
        """Return the next picture, or None if none comes within about this time.

        Raises SourceError if the source has failed; the caller then closes it, and opens a new one
        later.
        """
        ...

    def close(self) -> None:
        """Release everything, and end a wait of the capture thread if the system can.

        Any thread, any number of times.
        """
        ...


def create_source(
    spec: CameraSpec, settings: VideoSettings, pins: CameraPins, now_us: Callable[[], int]
) -> Source | None:
    """Return the source of a specification, not open yet; None for no camera.

    Raises SourceError if a file has become unreadable.
    """
    match spec:
        case NoCamera():
            return None
        case TestPattern():
            from media.video.pattern import PatternSource

            return PatternSource(settings, now_us)
        case Screen(window=0):
            from media.video.screen import ScreenSource

            return ScreenSource(settings, now_us, spec.number)
        case Screen():
            from media.video.window_source import WindowSource

            return WindowSource(spec.window, settings, now_us)
        case CameraIndex() | CameraName():
            from media.video.camera import CameraSource

            return CameraSource(spec, settings)
        case CameraUrl():
            if isinstance(spec.target, RtspTarget):
                from media.video.rtsp_camera import RtspCameraSource

                return RtspCameraSource(spec.target, pins, now_us)
            from media.video.http_camera import HttpCameraSource

            return HttpCameraSource(spec.target, settings, pins, now_us)
        case FilePath():
            from media.video.still_picture import StillPictureSource, is_still
            from media.video.video_file import VideoFileSource

            if is_still(spec.path):
                return StillPictureSource(spec.path, settings)
            return VideoFileSource(spec.path, settings, now_us)


def check_camera(spec: CameraSpec) -> None:
    """Decode the first picture of a file, so that a bad file is an error at the program's start.

    Raises CameraSettingError. Only files are checked: any other source may appear later.
    """
    if not isinstance(spec, FilePath):
        return
    from media.video.still_picture import read_picture

    try:
        read_picture(spec.path)
    except SourceError as error:
        raise CameraSettingError(
            error.sentence,
            error.next_step or "Give a video or picture that another program can play",
        ) from error
