"""A camera in the network that speaks RTSP, through FFmpeg. Capture thread, except `close`.

RTP comes over the same TCP connection, or over UDP where the camera refuses that. What has piled up
while nobody read is decoded from the newest keyframe on, since later pictures need it, but only the
newest picture is returned. Where decoding cannot keep up, everything up to the next keyframe is
skipped.

FFmpeg cannot be interrupted, so each step has a time limit: `close` ends a read at once, and the
connection within two seconds.
"""

import socket
from collections.abc import Callable

import av
from av.codec.context import Flags
from av.container import InputContainer
from av.error import FFmpegError
from av.video.stream import VideoStream

from media.errors import SourceError, shortage_of
from media.frame import Content, FrameKind
from media.video.certificate_pins import CameraPins
from media.video.frame_normalizer import FrameNormalizer
from media.video.jpeg import MAX_SIDE_PX
from media.video.packet_reader import ArrivedPacket, PacketReader
from media.video.rtsp_target import RtspTarget
from media.video.tls_relay import LOCAL_HOST, TlsRelay
from media.video.use_guard import UseGuard
from media.video.video_file import has_decoder

OPEN_TIMEOUT_S = 4.0
"""For the connection, and again for the first packets."""
READ_TIMEOUT_S = 2.0
_NO_PICTURE_US = 10_000_000
_FAR_BEHIND_US = 1_000_000
_DRAIN_US = 100_000
"""Bounds the time in which older pictures are decoded and not returned."""
_US_PER_S = 1_000_000
_MAX_DAMAGED_IN_ROW = 30
_OPTIONS = {
    "rtsp_transport": "tcp+udp",
    "rtsp_flags": "prefer_tcp",
    "allowed_media_types": "video",
    # Long enough for size and format, too short for guessing a frame rate.
    "analyzeduration": "500000",
    "fpsprobesize": "0",
    "max_delay": "100000",
    "max_pixels": str(MAX_SIDE_PX * MAX_SIDE_PX),
}


class RtspCameraSource:
    """The pictures of one URL.

    Args:
        now_us: this machine's monotonic clock.
    """

    kind = FrameKind.LIVE
    content = Content.MOTION

    def __init__(self, target: RtspTarget, pins: CameraPins, now_us: Callable[[], int]) -> None:
        self._target = target
        self._pins = pins
        self._now_us = now_us
        self._guard = UseGuard(self._release, self._interrupt)
        self._relay: TlsRelay | None = None
        self._container: InputContainer | None = None
        self._stream: VideoStream | None = None
        self._reader: PacketReader | None = None
        self._normalizer = FrameNormalizer()
        self._skipped = 0
        self._damaged_in_row = 0
        self._last_picture_us = 0

    @property
    def skipped(self) -> int:
        """Pictures that `read` did not return, because a newer one was there."""
        return self._skipped + (0 if self._reader is None else self._reader.waiting.dropped)

    def open(self) -> None:
        """Connect, log in, and start the stream. Blocks for seconds. Raises SourceError."""
        with self._guard.use():
            self._container = self._connect()
            stream = self._container.streams.best("video")
            if not isinstance(stream, VideoStream) or not has_decoder(stream):
                raise SourceError(
                    f"{self._target.label} sends no pictures that can be decoded",
                    "Choose H.264 in the camera's settings",
                )
            stream.codec_context.flags |= Flags.low_delay
            stream.codec_context.thread_count = 1  # frame threads would hold pictures back
            self._stream = stream
            self._last_picture_us = self._now_us()
            reader = PacketReader(self._container, stream, self._disconnect, self._now_us)
            reader.start()
            self._reader = reader

    def read(self, timeout_s: float) -> av.VideoFrame | None:
        """Return the newest picture, or None if none comes in time. Raises SourceError."""
        with self._guard.use():
            if self._reader is None:
                raise SourceError(f"{self._target.label} is not connected")
            waiting = self._reader.waiting
            began_us = self._now_us()
            timeout_us = wait_us = int(timeout_s * _US_PER_S)
            newest: av.VideoFrame | None = None
            while (arrived := waiting.take(wait_us)) is not None:
                picture = self._decode(arrived)
                now_us = self._now_us()
                passed_us = now_us - began_us
                if picture is not None:
                    self._skipped += newest is not None
                    newest = picture
                    self._last_picture_us = now_us
                if passed_us >= (timeout_us if newest is None else _DRAIN_US):
                    waiting.skip_if_behind(arrived, _FAR_BEHIND_US)
                    break
                if newest is None:
                    wait_us = timeout_us - passed_us
                else:
                    wait_us = min(arrived.wait_us, _DRAIN_US - passed_us)
            if newest is not None:
                return self._convert(newest)
            if waiting.is_over:
                raise self._word_end(waiting.error)
            if self._now_us() - self._last_picture_us > _NO_PICTURE_US:
                raise SourceError(f"{self._target.label} sends no pictures")
            return None

    def close(self) -> None:
        """End a read at once, and the connection within 2 s. Any thread."""
        self._guard.close()

    def _connect(self) -> InputContainer:
        target = self._target
        if target.is_tls:
            self._relay = TlsRelay(target, self._pins, self._now_us)
            url = target.url_at(LOCAL_HOST, self._start(self._relay))
        else:
            _look_up(target)
            url = target.url_at(target.host, target.port)
        try:
            return av.open(
                url,
                format="rtsp",
                options=_OPTIONS,
                timeout=(OPEN_TIMEOUT_S, READ_TIMEOUT_S),
                metadata_errors="replace",
            )
        except (FFmpegError, OSError, ValueError) as error:
            raise _word_refusal(target, error) from None  # its text has the password

    def _start(self, relay: TlsRelay) -> int:
        try:
            return relay.start()
        except OSError as error:
            raise shortage_of(error, self._target.label) or SourceError(
                f"{self._target.label} cannot be reached"
            ) from error

    def _word_end(self, error: BaseException | None) -> SourceError:
        """Return the error for a stream that has ended."""
        label = self._target.label
        match error:
            case None:
                return SourceError(f"{label} has ended the stream")
            case av.error.ExitError():
                return SourceError(
                    f"{label} sends nothing", "Check that the camera is on, and check the network"
                )
            case FFmpegError() | OSError() | MemoryError():
                return shortage_of(error, label) or SourceError(
                    f"The connection to {label} was lost"
                )
            case _:
                raise error

    def _decode(self, arrived: ArrivedPacket) -> av.VideoFrame | None:
        try:
            pictures = arrived.packet.decode()
        except FFmpegError as error:
            self._damaged_in_row += 1
            if self._damaged_in_row >= _MAX_DAMAGED_IN_ROW or isinstance(error, MemoryError):
                raise shortage_of(error, self._target.label) or SourceError(
                    f"{self._target.label} sends pictures that cannot be decoded"
                ) from None
            return None
        if not pictures:
            return None
        self._damaged_in_row = 0
        return pictures[-1]

    def _convert(self, picture: av.VideoFrame) -> av.VideoFrame:
        # Not the stream's: the reader's thread is inside the container.
        aspect = None if self._stream is None else self._stream.codec_context.sample_aspect_ratio
        return self._normalizer.convert(picture, aspect)

    def _interrupt(self) -> None:
        if self._reader is not None:
            self._reader.waiting.end()

    def _release(self) -> None:
        self._stream = None
        if self._reader is None:
            self._disconnect()
        else:
            self._reader.close()

    def _disconnect(self) -> None:
        container, self._container = self._container, None
        relay, self._relay = self._relay, None
        if container is not None:
            container.close()
        if relay is not None:
            relay.close()


def _look_up(target: RtspTarget) -> None:
    """Raise SourceError for a host without an address: FFmpeg's error would not say so."""
    try:
        socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise SourceError(
            f"{target.label} was not found", "Check the name in the URL, and the network"
        ) from error


def _word_refusal(target: RtspTarget, error: Exception) -> SourceError:
    label = target.label
    if (shortage := shortage_of(error, label)) is not None:
        return shortage
    match error:
        case av.error.HTTPUnauthorizedError() if target.credentials is None:
            return SourceError(
                f"{label} requires a user and password",
                f"Write them into the URL, as in {target.plain_scheme}://user:password@host",
            )
        case av.error.HTTPUnauthorizedError() | av.error.HTTPForbiddenError():
            return SourceError(
                f"{label} does not accept the user and password in the URL",
                "Check both; characters such as @ and / are written as %40 and %2F",
            )
        case av.error.HTTPNotFoundError():
            return SourceError(f"{label} has no stream of that name", "Check the path in the URL")
        case ConnectionRefusedError():
            return SourceError(
                f"{label} refused the connection",
                "Start the camera's app, and check the port in the URL",
            )
        case av.error.ExitError() | TimeoutError():
            return SourceError(
                f"{label} does not respond",
                "Check that the camera's app is running, and check the network",
            )
        case _:
            return SourceError(
                f"{label} does not respond as an RTSP camera does",
                "Check host, port and path in the URL",
            )
