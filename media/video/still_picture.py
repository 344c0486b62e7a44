"""A still picture from a file, delivered once. Capture thread, except `close`."""

from pathlib import Path

import av
from av.error import FFmpegError

from media.errors import SourceError
from media.frame import Content, FrameKind
from media.video.exif import jpeg_orientation
from media.video.frame_normalizer import FrameNormalizer
from media.video.settings import VideoSettings
from media.video.use_guard import UseGuard
from media.video.video_file import open_video, without_start, word_decoding_error
from media.video.webp_animation import is_webp_animation, read_webp_animation

_JPEG_SCAN = b"\xff\xda"
_JPEG_END = b"\xff\xd9"


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
    normalizer = FrameNormalizer(max_size)
    if is_webp_animation(path):
        return normalizer.convert(read_webp_animation(path)[0], None)
    container, stream = open_video(path)
    with container:
        stream.codec_context.thread_count = 1
        is_jpeg = stream.codec_context.name == "mjpeg" and stream.frames <= 1
        orientation: int | None = None
        try:
            for packet in container.demux(stream):
                if is_jpeg and packet.size:
                    data = bytes(packet)
                    _check_end(path, data)
                    orientation = jpeg_orientation(data)
                for picture in packet.decode():
                    if isinstance(picture, av.VideoFrame):
                        return normalizer.convert(picture, stream.sample_aspect_ratio, orientation)
        except FFmpegError as error:
            raise word_decoding_error(path, error) from error
        raise SourceError(*without_start(path))


def is_still(path: Path) -> bool:
    """Return whether a file contains exactly one picture. Raises SourceError."""
    if is_webp_animation(path):
        return False
    container, stream = open_video(path)
    with container:
        try:
            pictures = container.decode(stream)
            return next(pictures, None) is not None and next(pictures, None) is None
        except FFmpegError as error:
            raise word_decoding_error(path, error) from error


def _check_end(path: Path, jpeg: bytes) -> None:
    """Raise SourceError if a JPEG has no end: FFmpeg would fill what is missing with green."""
    if jpeg.find(_JPEG_END, max(0, jpeg.rfind(_JPEG_SCAN))) < 0:
        raise SourceError(
            f"{path.name} is cut short: a part of the picture is missing",
            "Copy or download it again",
        )


def _release_nothing() -> None:
    """Do nothing: a picture holds no device."""
