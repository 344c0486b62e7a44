"""What a source of pictures is, and which one a setting names.

The modules of the sources are imported only when one is made: each brings a large library.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from media.errors import SourceError
from media.frame import FrameKind
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
from media.video.settings import VideoSettings

if TYPE_CHECKING:
    from av import VideoFrame


class Source(Protocol):
    """Pictures from somewhere. One thread opens and reads; any thread closes."""

    @property
    def kind(self) -> FrameKind:
        """Whether pictures keep coming."""
        ...

    def open(self) -> None:
        """Get ready, once; may take seconds. Raises SourceError."""
        ...

    def read(self, timeout_s: float) -> "VideoFrame | None":
        """Return a picture as soon as there is one; None: none within about the time.

        Raises SourceError when it fails for good; it is then closed, and another one opened later.
        """
        ...

    def close(self) -> None:
        """Free everything, and end a wait of the other thread where the system can; idempotent."""
        ...


def make_source(
    spec: CameraSpec, settings: VideoSettings, pins: CameraPins, now_us: Callable[[], int]
) -> Source | None:
    """Return the source that a setting names, not opened yet; None for no camera.

    Raises SourceError for a file that has become unreadable.
    """
    match spec:
        case NoCamera():
            return None
        case TestPattern():
            from media.video.pattern import PatternSource

            return PatternSource(settings, now_us)
        case Screen():
            from media.video.screen import ScreenSource

            return ScreenSource(settings, now_us)
        case CameraIndex() | CameraName():
            from media.video.camera import CameraSource

            return CameraSource(spec, settings)
        case CameraUrl():
            from media.video.http_camera import HttpCameraSource

            return HttpCameraSource(spec.target, settings, pins, now_us)
        case FilePath():
            from media.video.still_picture import StillPictureSource, is_still
            from media.video.video_file import VideoFileSource

            if is_still(spec.path):
                return StillPictureSource(spec.path, settings)
            return VideoFileSource(spec.path, settings, now_us)


def open_source(
    spec: CameraSpec, settings: VideoSettings, pins: CameraPins, now_us: Callable[[], int]
) -> Source:
    """Return the source that a setting names, open. Raises SourceError, also for no camera."""
    source = make_source(spec, settings, pins, now_us)
    if source is None:
        raise SourceError("No camera is wanted")
    try:
        source.open()
    except SourceError:
        source.close()
        raise
    return source


def check_camera(spec: CameraSpec) -> None:
    """Decode the first picture of a file, so that a wrong one is an error at the program's start.

    Raises CameraSettingError. Everything but a file passes: what is away now may come.
    """
    if not isinstance(spec, FilePath):
        return
    from media.video.still_picture import read_picture

    try:
        read_picture(spec.path)
    except SourceError as error:
        raise CameraSettingError(
            error.sentence, error.next_step or "Give a video or a picture that plays elsewhere"
        ) from error
