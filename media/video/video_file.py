"""A video file as a source: in real time, in a loop. Capture thread, except `close`.

A picture is decoded before it is due, and returned when it is due. Late pictures and those above
the requested rate are skipped; nothing is queued.
"""

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.video.stream import VideoStream

from media.errors import SourceError, shortage_of
from media.frame import Content, FrameKind
from media.video.frame_normalizer import MAX_PIXELS, FrameNormalizer
from media.video.frame_pacing import RateLimit
from media.video.settings import VideoSettings
from media.video.use_guard import UseGuard
from media.video.webp_animation import is_webp_animation, read_webp_animation

_US_PER_S = 1_000_000
_LATE_US = 50_000
_TOO_LATE_US = 500_000
"""A decoder this far behind is too slow for the file. The file then plays more slowly, as it does
when skipping pictures, which must be decoded all the same, does not help to catch up."""
_DECODER_THREADS = 2
_DEFAULT_RATE_HZ = Fraction(30)


class VideoFileSource:
    """The first video stream of a file, looping.

    Args:
        now_us: this machine's monotonic clock, which paces the file.
    """

    kind = FrameKind.LIVE
    content = Content.MOTION

    def __init__(self, path: Path, settings: VideoSettings, now_us: Callable[[], int]) -> None:
        self.skipped = 0
        """Pictures skipped because they were late."""
        self._path = path
        self._rate_hz = settings.frame_rate_hz
        self._now_us = now_us
        self._guard = UseGuard(self._release)
        self._normalizer = FrameNormalizer()
        self._limit = RateLimit(self._rate_hz)
        self._container: InputContainer | None = None
        self._stream: VideoStream | None = None
        self._animation: list[av.VideoFrame] = []
        """The pictures of an animated WebP; empty for all other files."""
        self._decoded: Iterator[av.VideoFrame] = iter(())
        self._pending: tuple[int, av.VideoFrame] | None = None
        self._pixel_aspect: Fraction | None = None
        self._interval_us = 0
        self._file_start_us: int | None = None
        """Time of the first picture in the file; None at the start of each loop."""
        self._loop_start_us = 0
        self._last_media_us = 0
        self._anchor_us: int | None = None
        """This machine's clock at media time 0; None before the first picture."""

    def open(self) -> None:
        """Open the file and its first video stream. Raises SourceError."""
        with self._guard.use():
            self._start()

    def read(self, timeout_s: float) -> av.VideoFrame | None:
        """Return the next picture when it is due, or None. Raises SourceError."""
        with self._guard.use():
            if self._pending is None:
                self._pending = self._next_on_time()
            media_us, picture = self._pending
            if self._anchor_us is None:
                self._anchor_us = self._now_us() - media_us
            wait_us = max(0, self._anchor_us + media_us - self._now_us())
            if not self._guard.wait(wait_us, int(timeout_s * _US_PER_S)):
                return None
            self._pending = None
            return self._normalizer.convert(picture, self._pixel_aspect)

    def close(self) -> None:
        """Close, and wake a reader. Any thread."""
        self._guard.close()

    def _next_on_time(self) -> tuple[int, av.VideoFrame]:
        """Return the next picture that is neither late nor above the rate, and its media time."""
        late_before_us: int | None = None
        while True:
            media_us, picture = self._next()
            if not self._limit.allows(media_us):
                continue
            if self._anchor_us is None:
                return media_us, picture
            late_us = self._now_us() - self._anchor_us - media_us
            catches_up = late_before_us is None or late_us < late_before_us - self._interval_us // 2
            if late_us > _TOO_LATE_US or (late_us > _LATE_US and not catches_up):
                self._anchor_us += late_us
            elif late_us > _LATE_US:
                self.skipped += 1
                late_before_us = late_us
                continue
            return media_us, picture

    def _next(self) -> tuple[int, av.VideoFrame]:
        """Return the next picture of the loop; its media time continues across loops."""
        picture = self._decode()
        if picture is None:
            self._loop_start_us = self._last_media_us + self._interval_us
            self._file_start_us = None
            self._rewind()
            picture = self._decode()
            if picture is None:
                self._start()
                picture = self._decode()
            if picture is None:
                raise SourceError(*without_start(self._path))
        if picture.pts is not None and picture.time_base is not None:
            file_us = int(picture.pts * picture.time_base * _US_PER_S)
            if self._file_start_us is None:
                self._file_start_us = file_us
            media_us = self._loop_start_us + file_us - self._file_start_us
        elif self._file_start_us is None:  # a format without times
            self._file_start_us = 0
            media_us = self._loop_start_us
        else:
            media_us = self._last_media_us + self._interval_us
        self._last_media_us = max(media_us, self._last_media_us)
        return self._last_media_us, picture

    def _decode(self) -> av.VideoFrame | None:
        try:
            return next(self._decoded, None)
        except FFmpegError as error:
            raise word_decoding_error(self._path, error) from error

    def _start(self) -> None:
        self._release()
        if is_webp_animation(self._path):
            self._animation = self._animation or read_webp_animation(self._path)
            self._interval_us = _animation_interval_us(self._animation)
            self._decoded = iter(self._animation)
            return
        container, stream = open_video(self._path)
        self._container, self._stream = container, stream
        stream.thread_type = "AUTO"
        stream.codec_context.thread_count = _DECODER_THREADS
        self._pixel_aspect = stream.sample_aspect_ratio
        rate = stream.average_rate or stream.guessed_rate or _DEFAULT_RATE_HZ
        self._interval_us = int(_US_PER_S / rate)
        self._decoded = container.decode(stream)

    def _rewind(self) -> None:
        if self._container is None or self._stream is None:
            self._decoded = iter(self._animation)
            return
        try:
            stream = self._stream
            self._container.seek(stream.start_time or 0, stream=stream)
            self._decoded = self._container.decode(stream)
        except (FFmpegError, OSError):
            self._start()  # a format without an index

    def _release(self) -> None:
        self._decoded = iter(())
        self._pending = None
        if self._container is not None:
            self._container.close()
            self._container = None


def open_video(path: Path) -> tuple[InputContainer, VideoStream]:
    """Open a file that contains pictures. Raises SourceError."""
    try:
        container = av.open(
            str(path), options={"max_pixels": str(MAX_PIXELS)}, metadata_errors="replace"
        )
    except FileNotFoundError as error:
        raise SourceError(f"{path.name} no longer exists") from error
    except PermissionError as error:
        raise SourceError(f"You have no permission to read {path.name}") from error
    except (FFmpegError, OSError, ValueError) as error:
        if (shortage := shortage_of(error, path.name)) is not None:
            raise shortage from error
        raise SourceError(f"{path.name} is neither a video nor a picture") from error
    stream = container.streams.best("video")
    if isinstance(stream, VideoStream) and has_decoder(stream):
        return container, stream
    container.close()
    if stream is not None:
        raise SourceError(
            f"The pictures in {path.name} have a format that cannot be decoded",
            "Save it as PNG or JPEG, or a video as MP4",
        )
    raise SourceError(f"{path.name} contains no pictures")


def has_decoder(stream: VideoStream) -> bool:
    """Return whether FFmpeg can decode a stream; PyAV's annotations do not say that it may not."""
    context: object = stream.codec_context
    return context is not None


def _animation_interval_us(pictures: list[av.VideoFrame]) -> int:
    """Return how long the last picture stands: as long as the others on average."""
    last = pictures[-1]
    if len(pictures) < 2 or last.pts is None or last.time_base is None:
        return int(_US_PER_S / _DEFAULT_RATE_HZ)
    return int(last.pts * last.time_base * _US_PER_S) // (len(pictures) - 1)


def word_decoding_error(path: Path, error: FFmpegError) -> SourceError:
    """Return the error for a file whose pictures FFmpeg refuses."""
    shortage = shortage_of(error, path.name)
    return shortage or SourceError(
        f"{path.name} cannot be decoded", "It may be damaged: copy or download it again"
    )


def without_start(path: Path) -> tuple[str, str]:
    """Return sentence and next step for a file of which no picture decodes."""
    return (
        f"{path.name} contains no picture that can be decoded",
        "Its beginning may be missing: copy or download it again",
    )
