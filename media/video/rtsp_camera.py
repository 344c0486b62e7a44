"""A camera in the network that speaks RTSP, through FFmpeg. Capture thread, except `close`.

RTP comes over the same TCP connection, or over UDP where the camera refuses that. What has piled up
while nobody read is decoded, since later pictures need it, but only the newest picture is returned.
Where decoding cannot keep up, everything up to the next keyframe is skipped.

FFmpeg cannot be interrupted, so each step has a time limit: `close` takes effect within two
seconds.
"""

import socket
from collections.abc import Callable, Iterator

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
from media.video.rtsp_target import RtspTarget
from media.video.tls_relay import LOCAL_HOST, TlsRelay
from media.video.use_guard import UseGuard
from media.video.video_file import has_decoder

OPEN_TIMEOUT_S = 4.0
"""For the connection, and again for the first packets."""
READ_TIMEOUT_S = 2.0
_NO_PICTURE_US = 10_000_000
_UNWAITED_US = 1_000
"""A packet that came sooner lay ready: there may be newer ones."""
_LATE_US = 100_000
_FAR_BEHIND_US = 1_000_000
_DRAIN_US = 100_000
"""Bounds the time in which older pictures are decoded and not returned."""
_LEAK = 1_000
"""The least delay seen so far counts as 1 us more each ms, since clocks drift."""
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
        self.skipped = 0
        """Pictures that `read` did not return, because a newer one was there."""
        self._target = target
        self._pins = pins
        self._now_us = now_us
        self._guard = UseGuard(self._release)
        self._relay: TlsRelay | None = None
        self._container: InputContainer | None = None
        self._stream: VideoStream | None = None
        self._packets: Iterator[av.Packet[VideoStream]] = iter(())
        self._normalizer = FrameNormalizer()
        self._delay = _LeastDelay()
        self._has_waited = False
        self._needs_keyframe = False
        self._damaged_in_row = 0
        self._last_picture_us = 0

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
            self._packets = self._container.demux(stream)
            self._last_picture_us = self._now_us()

    def read(self, timeout_s: float) -> av.VideoFrame | None:
        """Return the newest picture, or None. Blocks for at most 2 s. Raises SourceError."""
        with self._guard.use():
            began_us = self._now_us()
            newest: av.VideoFrame | None = None
            while True:
                before_us = self._now_us()
                packet = self._next_packet()
                came_us = self._now_us()
                has_waited = came_us - before_us >= _UNWAITED_US
                self._has_waited |= has_waited
                picture = self._decode(packet)
                if picture is not None:
                    self.skipped += newest is not None
                    newest = picture
                    self._last_picture_us = came_us
                passed_us = self._now_us() - began_us
                if newest is not None:
                    behind_us = self._behind_us(newest, came_us)
                    may_be_old = not has_waited and (behind_us > _LATE_US or not self._has_waited)
                    if not may_be_old or passed_us > _DRAIN_US:
                        self._needs_keyframe = behind_us > _FAR_BEHIND_US and not has_waited
                        return self._convert(newest)
                elif came_us - self._last_picture_us > _NO_PICTURE_US:
                    raise SourceError(f"{self._target.label} sends no pictures")
                elif passed_us >= timeout_s * _US_PER_S or self._guard.closed.is_set():
                    return None

    def close(self) -> None:
        """Close the connection, within 2 s if another thread is inside. Any thread."""
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

    def _next_packet(self) -> "av.Packet[VideoStream]":
        label = self._target.label
        try:
            packet = next(self._packets, None)
        except av.error.ExitError:
            raise SourceError(
                f"{label} sends nothing", "Check that the camera is on, and check the network"
            ) from None
        except (FFmpegError, OSError) as error:
            raise shortage_of(error, label) or SourceError(
                f"The connection to {label} was lost"
            ) from None
        if packet is None or packet.size == 0:
            raise SourceError(f"{label} has ended the stream")
        return packet

    def _decode(self, packet: "av.Packet[VideoStream]") -> av.VideoFrame | None:
        if self._needs_keyframe and not packet.is_keyframe:
            self.skipped += 1
            return None
        self._needs_keyframe = False
        try:
            pictures = packet.decode()
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

    def _behind_us(self, picture: av.VideoFrame, now_us: int) -> int:
        if picture.pts is None or picture.time_base is None:
            return 0
        return self._delay.excess_us(int(picture.pts * picture.time_base * _US_PER_S), now_us)

    def _convert(self, picture: av.VideoFrame) -> av.VideoFrame:
        aspect = None if self._stream is None else self._stream.sample_aspect_ratio
        return self._normalizer.convert(picture, aspect)

    def _release(self) -> None:
        self._packets = iter(())
        self._stream = None
        if self._relay is not None:
            self._relay.close()
            self._relay = None
        if self._container is not None:
            self._container.close()
            self._container = None


class _LeastDelay:
    """The least difference so far between this machine's clock and the pictures' own times."""

    def __init__(self) -> None:
        self._least_us: int | None = None
        self._at_us = 0

    def excess_us(self, media_us: int, now_us: int) -> int:
        """Return how much later than the least delayed picture this one came."""
        difference_us = now_us - media_us
        leaked_us = (now_us - self._at_us) // _LEAK
        is_first = self._least_us is None
        self._least_us = min(
            difference_us, difference_us if self._least_us is None else self._least_us + leaked_us
        )
        if is_first or leaked_us:
            self._at_us = now_us
        return difference_us - self._least_us


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
