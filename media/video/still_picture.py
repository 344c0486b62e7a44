"""A still picture from a file, delivered once. Capture thread, except `close`."""

from pathlib import Path

import av
from av.error import FFmpegError

from media.errors import SourceError
from media.frame import Content, FrameKind
from media.video.frame_normalizer import FrameNormalizer
from media.video.settings import VideoSettings
from media.video.use_guard import UseGuard
from media.video.video_file import open_video


class StillPictureSource:
    """One picture, scaled down to the requested size because it is encoded many times."""

    kind = FrameKind.STILL
    content = Content.DETAIL

    def __init__(self, path: Path, settings: VideoSettings) -> None:
        self._path = path
        self._size = settings.width_px, settings.height_px
        self._picture: av.VideoFrame | None = None
        self._guard = UseGuard(_release_nothing)

    def open(self) -> None:
        """Read the file. Raises SourceError."""
        with self._guard.use():
            self._picture = read_picture(self._path, self._size)

    def read(self, timeout_s: float) -> av.VideoFrame | None:
        """Return the picture the first time, and None after the timeout from then on."""
        with self._guard.use():
            if self._picture is None:
                self._guard.closed.wait(timeout_s)
                return None
            picture, self._picture = self._picture, None
            return picture

    def close(self) -> None:
        """Close, and wake a reader. Any thread."""
        self._guard.close()


def read_picture(path: Path, max_size: tuple[int, int] | None = None) -> av.VideoFrame:
    """Return the first picture of a file, normalized. Raises SourceError."""
    container, stream = open_video(path)
    with container:
        stream.codec_context.thread_count = 1
        try:
            picture = next(container.decode(stream), None)
        except FFmpegError as error:
            raise SourceError(f"{path.name} cannot be decoded") from error
        if picture is None:
            raise SourceError(f"{path.name} contains no pictures")
        return FrameNormalizer(max_size).convert(picture, stream.sample_aspect_ratio)


def is_still(path: Path) -> bool:
    """Return whether a file contains exactly one picture. Raises SourceError."""
    container, stream = open_video(path)
    with container:
        try:
            pictures = container.decode(stream)
            return next(pictures, None) is not None and next(pictures, None) is None
        except FFmpegError as error:
            raise SourceError(f"{path.name} cannot be decoded") from error


def _release_nothing() -> None:
    """Do nothing: a picture holds no device."""
