"""A phone camera, played by a server on this machine: real sockets, real TLS."""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

import cv2
import numpy as np

from core.clock import Deadline, now_us
from media.video.frame_stamp import draw_stamp, read_stamp
from media.video.http_camera import HttpCameraSource
from media.video.http_target import HttpTarget
from media.video.settings import VideoSettings

DEADLINE_S = 20.0
HTTP = "http://127.0.0.1:{}/video"
HTTPS = "https://127.0.0.1:{}/video"
HEAD = b'HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary="--b"\r\n\r\n'

Serve = Callable[[socket.socket], None]
"""Serves one connection."""


def numbered_jpeg(number: int) -> bytes:
    """Return a JPEG that carries a frame stamp."""
    luma = np.full((96, 128), 100, np.uint8)
    draw_stamp(luma, number)
    return cv2.imencode(".jpg", luma)[1].tobytes()


JPEG = numbered_jpeg(7)


def part(jpeg: bytes) -> bytes:
    """Return one part of a multipart stream."""
    head = b"----b\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(jpeg)
    return head + jpeg + b"\r\n"


class MemoryPins:
    """Camera pins in memory."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, int], bytes] = {}

    def check(self, host: str, port: int, fingerprint: bytes) -> bool:
        return self.known.setdefault((host, port), fingerprint) == fingerprint


@contextmanager
def server(serve: Serve, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """Serve one connection after another; yield the port."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(0.05)
    stopping = Event()

    def serve_one(connection: socket.socket) -> None:
        connection.settimeout(DEADLINE_S)
        if context is not None:
            try:
                connection = context.wrap_socket(connection, server_side=True)
            except OSError:
                return
        with connection:
            try:
                serve(connection)
            except OSError:
                return

    def run() -> None:
        while not stopping.is_set():
            try:
                connection, _ = listening.accept()
            except TimeoutError:
                continue
            serve_one(connection)

    thread = Thread(target=run)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        stopping.set()
        thread.join(DEADLINE_S)
        listening.close()
        assert not thread.is_alive()


def read_request(connection: socket.socket) -> bytes:
    """Return a whole request."""
    request = b""
    while not request.endswith(b"\r\n\r\n"):
        data = connection.recv(4096)
        if not data:
            raise ConnectionError
        request += data
    return request


def wait_for_end(connection: socket.socket) -> None:
    """Read until the other end closes the connection."""
    while connection.recv(4096):
        pass


def responding(*responses: bytes) -> Serve:
    """Return a function that sends one response per connection, the last one repeatedly."""
    waiting = list(responses)

    def serve(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(waiting.pop(0) if len(waiting) > 1 else waiting[0])
        wait_for_end(connection)

    return serve


def camera_source(
    port: int,
    url: str = HTTP,
    *,
    pins: MemoryPins | None = None,
    clock: Callable[[], int] = now_us,
) -> HttpCameraSource:
    """Return a source for a server's port, not open yet."""
    target = HttpTarget.parse(url.format(port))
    return HttpCameraSource(target, VideoSettings(), pins or MemoryPins(), clock)


def next_number(source: HttpCameraSource) -> int | None:
    """Wait for the next picture, and return the number of its stamp."""
    deadline = Deadline(DEADLINE_S)
    while not deadline.has_passed:
        picture = source.read(0.2)
        if picture is not None:
            return read_stamp(picture.to_ndarray(format="gray"))
    raise AssertionError("no picture came")


def read_until_error(source: HttpCameraSource) -> None:
    """Read until the source raises an error; fail if none comes."""
    deadline = Deadline(DEADLINE_S)
    while not deadline.has_passed:
        source.read(0.25)
    raise AssertionError("no error came")
