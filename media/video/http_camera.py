"""A camera in the network: MJPEG over HTTP(S), or single pictures that are requested in turn.

Capture thread, except `close`. Reads everything that the socket holds and decodes only the last
complete picture, so no backlog can build up; older pictures are dropped undecoded.
"""

import secrets
from collections.abc import Callable

import av

from media.errors import CodecError, SourceError
from media.frame import Content, FrameKind
from media.video.certificate_pins import CameraPins
from media.video.frame_pacing import FramePacer
from media.video.http_login import CameraLogin, can_answer
from media.video.http_response import ResponseHead, ResponseReader
from media.video.http_socket import CameraSocket
from media.video.http_target import HttpTarget
from media.video.jpeg import JpegDecoder
from media.video.jpeg_splitter import JpegSplitter
from media.video.settings import VideoSettings
from media.video.use_guard import SourceClosedError, UseGuard

_SILENCE_US = 2_000_000
_NO_PICTURE_US = 10_000_000
_DRAIN_US = 50_000
"""Bounds the reading if a camera sends faster than we read."""
_MAX_REQUESTS = 8
"""For redirects and log-ins together."""
_MAX_SEARCHED_BYTES = 64 * 1024
"""Of a body without a telling type: a picture must begin within them."""
_MAX_DAMAGED_IN_ROW = 30
_MAX_SHOWN_TYPE_CHARACTERS = 80
_US_PER_S = 1_000_000
_OK = 200
_NONCE_BYTES = 8
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_LOG_IN = frozenset({401, 403})
_STREAMS = ("multipart/",)
"""Mostly multipart/x-mixed-replace, but also multipart/mixed."""
_PICTURES = frozenset({"image/jpeg", "image/jpg"})
_VAGUE_TYPES = frozenset(
    {"", "application/octet-stream", "video/mjpeg", "video/x-mjpeg", "video/x-motion-jpeg"}
)
"""Types with which some cameras send JPEGs; what comes is looked at."""


class HttpCameraSource:
    """The pictures of one URL."""

    kind = FrameKind.LIVE
    content = Content.MOTION

    def __init__(
        self,
        target: HttpTarget,
        settings: VideoSettings,
        pins: CameraPins,
        now_us: Callable[[], int],
    ) -> None:
        self._target = target
        self._login = CameraLogin(target.credentials, _random_nonce)
        self._pins = pins
        self._now_us = now_us
        self._guard = UseGuard(self._disconnect, self._interrupt)
        self._socket: CameraSocket | None = None
        self._response = ResponseReader()
        self._splitter = JpegSplitter()
        self._decoder = JpegDecoder()
        self._newest: bytes | None = None
        self._damaged_in_row = 0
        self._body_bytes = 0
        self._is_polled = False
        self._has_ended = False
        """True once the response is complete, or the camera has closed the connection."""
        self._poll_pace = FramePacer(settings.frame_rate_hz)
        self._last_data_us = 0
        self._last_picture_us = 0

    def open(self) -> None:
        """Connect, send the request, and read the response's head. Blocks for seconds.

        Raises SourceError.
        """
        with self._guard.use():
            self._connect()
            self._last_picture_us = self._now_us()

    def read(self, timeout_s: float) -> av.VideoFrame | None:
        """Return the newest picture, or None if none came in time. Raises SourceError."""
        with self._guard.use():
            deadline_us = self._now_us() + int(timeout_s * _US_PER_S)
            while True:
                picture = self._receive(deadline_us)
                if picture is not None or self._now_us() >= deadline_us:
                    return picture

    def close(self) -> None:
        """Disconnect at once. Any thread."""
        self._guard.close()

    def _receive(self, deadline_us: int) -> av.VideoFrame | None:
        if self._has_ended and self._newest is None and not self._poll(deadline_us):
            return None
        self._drain()
        now_us = self._now_us()
        if self._newest is not None:
            newest, self._newest = self._newest, None
            self._last_picture_us = now_us
            return self._decode(newest)
        label = self._target.label
        if now_us - self._last_data_us > _SILENCE_US:
            raise SourceError(
                f"{label} sends nothing", "Check that the camera's app is still streaming"
            )
        if now_us - self._last_picture_us > _NO_PICTURE_US:
            raise SourceError(f"{label} sends no pictures", "Check the path in the URL")
        if not self._has_ended:
            self._connected.wait_readable(max(0, deadline_us - now_us) / _US_PER_S)
        return None

    def _drain(self) -> None:
        """Read until the socket is empty, and keep the newest complete JPEG."""
        end_us = self._now_us() + _DRAIN_US
        while not self._has_ended and self._now_us() <= end_us:
            data = self._connected.receive()
            if data is None:
                return
            self._feed(data)

    def _feed(self, data: bytes) -> None:
        if not data:
            self._has_ended = True
            return
        self._last_data_us = self._now_us()
        body = self._response.feed(data)
        self._body_bytes += len(body)
        self._newest = self._splitter.feed(body) or self._newest
        self._has_ended = self._response.is_complete

    def _poll(self, deadline_us: int) -> bool:
        """Request the next picture when it is due; return False if that is after the deadline."""
        if not self._is_polled:
            raise SourceError(f"{self._target.label} has ended the stream")
        wait_us = self._poll_pace.wait_us(self._now_us())
        left_us = max(0, deadline_us - self._now_us())
        if not self._guard.wait(wait_us, left_us):
            return False
        self._poll_pace.advance(self._now_us())
        head = self._response.head
        is_reusable = head is not None and head.is_kept_alive and head.status == _OK
        if is_reusable and self._response.is_complete:
            try:
                self._send_request()
                return True
            except SourceClosedError:
                raise
            except SourceError:
                pass  # a camera may close a connection between two requests
        self._connect()
        return True

    def _send_request(self) -> None:
        self._response = ResponseReader()
        self._splitter = JpegSplitter()
        self._newest = None
        self._has_ended = False
        self._body_bytes = 0
        self._last_data_us = self._now_us()
        target = self._target
        authorization = self._login.header("GET", target.path + target.query)
        self._connected.send(target.request(authorization))

    def _connect(self) -> None:
        """Follow redirects, and log in, to a response with pictures. Raises SourceError."""
        for _ in range(_MAX_REQUESTS):
            self._disconnect()
            self._socket = CameraSocket(self._target, self._pins, self._guard.closed, self._now_us)
            self._socket.connect()
            self._send_request()
            head = self._read_head()
            if head.status in _REDIRECTS and head.location is not None:
                self._redirect(head.location)
            elif head.status not in _LOG_IN or not self._login.accept(head.challenges):
                self._check_head(head)
                self._login.confirm()
                return
        raise SourceError(f"{self._target.label} redirects too many times", "Check the URL")

    def _redirect(self, location: str) -> None:
        target = self._target.redirected(location)
        if target.credentials != self._target.credentials:
            self._login = CameraLogin(target.credentials, _random_nonce)
        self._target = target

    def _read_head(self) -> ResponseHead:
        """Wait for the response's head. Body bytes that come with it are kept."""
        deadline_us = self._now_us() + _SILENCE_US
        while self._response.head is None:
            left_us = deadline_us - self._now_us()
            if left_us <= 0:
                raise SourceError(
                    f"{self._target.label} sends nothing", "Check the path in the URL"
                )
            self._connected.wait_readable(left_us / _US_PER_S)
            data = self._connected.receive()
            if data == b"":
                raise SourceError(f"{self._target.label} closed the connection without a response")
            if data is not None:
                self._feed(data)
        return self._response.head

    def _check_head(self, head: ResponseHead) -> None:
        """Check that the response is a stream or a picture, and store which. Raises SourceError."""
        label = self._target.label
        if head.status == 401:
            raise self._refusal(head)
        if head.status != _OK:
            raise SourceError(
                f"{label} responds with status {head.status}", "Check the path in the URL"
            )
        if head.content_type.startswith(_STREAMS):
            self._is_polled = False
        elif head.content_type in _PICTURES:
            self._is_polled = True
        elif head.content_type in _VAGUE_TYPES and self._wait_for_picture():
            self._is_polled = head.has_length
        else:
            content_type = head.content_type[:_MAX_SHOWN_TYPE_CHARACTERS]
            raise SourceError(
                f"{label} sends {content_type or 'data without a type'}, not pictures",
                "Give the URL of the stream itself, often ending in /video or /mjpeg",
            )
        self._last_data_us = self._now_us()

    def _refusal(self, head: ResponseHead) -> SourceError:
        """Return the error for a camera that does not let us in."""
        label = self._target.label
        if not self._login.has_credentials:
            return SourceError(
                f"{label} requires a user and password",
                "Write them into the URL, as in http://user:password@host",
            )
        if head.challenges and not any(map(can_answer, head.challenges)):
            return SourceError(
                f"{label} requires a way to log in that is not supported",
                "Choose Basic or Digest in the camera's settings",
            )
        return SourceError(
            f"{label} does not accept the user and password in the URL",
            "Check both; characters such as @ and / are written as %40 and %2F",
        )

    def _wait_for_picture(self) -> bool:
        """Return whether a JPEG begins near the start of the body."""
        deadline_us = self._now_us() + _SILENCE_US
        while not self._splitter.has_begun and self._newest is None:
            left_us = deadline_us - self._now_us()
            if self._has_ended or left_us <= 0 or self._body_bytes > _MAX_SEARCHED_BYTES:
                return False
            self._connected.wait_readable(left_us / _US_PER_S)
            if (data := self._connected.receive()) is not None:
                self._feed(data)
        return True

    def _decode(self, data: bytes) -> av.VideoFrame | None:
        try:
            picture = self._decoder.decode(data)
        except CodecError as error:
            self._damaged_in_row += 1
            if self._damaged_in_row >= _MAX_DAMAGED_IN_ROW:
                raise SourceError(
                    f"{self._target.label} sends pictures that cannot be decoded: {error.sentence}"
                ) from error
            return None
        self._damaged_in_row = 0
        return picture

    @property
    def _connected(self) -> CameraSocket:
        if self._socket is None:
            raise SourceError(f"{self._target.label} is not connected")
        return self._socket

    def _interrupt(self) -> None:
        if self._socket is not None:
            self._socket.interrupt()

    def _disconnect(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _random_nonce() -> str:
    return secrets.token_hex(_NONCE_BYTES)
