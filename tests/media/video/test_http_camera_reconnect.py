"""media/video/http_camera.py: cameras that end, fall silent or restart, and sources that close."""

import socket
from threading import Event, Thread

import pytest

from core.clock import Deadline
from core.mailbox import Mailbox
from media.errors import SourceError
from media.frame import Frame, FrameKind
from media.video.camera_spec import parse_camera
from media.video.capture import Capture
from media.video.http_camera import HttpCameraSource
from media.video.settings import VideoSettings
from media.video.use_guard import SourceClosedError
from tests.support.manual_clock import ManualClock, SkippingClock
from tests.support.phone_camera import (
    DEADLINE_S,
    HEAD,
    HTTP,
    JPEG,
    MemoryPins,
    camera_source,
    next_number,
    part,
    read_request,
    read_until_error,
    responding,
    server,
)


def serve_one_picture(connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(HEAD + part(JPEG))


def test_end_of_the_stream_is_a_source_error() -> None:
    with server(serve_one_picture) as port:
        source = camera_source(port)
        source.open()
        with pytest.raises(SourceError, match="has ended the stream"):
            read_until_error(source)
        source.close()


def test_two_seconds_of_silence_are_a_source_error() -> None:
    clock = SkippingClock()
    with server(responding(HEAD + part(JPEG))) as port:
        source = camera_source(port, clock=clock)
        source.open()
        assert next_number(source) == 7
        assert source.read(0) is None
        clock.skipped_us += 2_000_000
        with pytest.raises(SourceError, match="sends nothing"):
            source.read(0)
        source.close()


@pytest.mark.parametrize("is_open", [True, False])
def test_close_interrupts_another_thread(is_open: bool) -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    source = camera_source(listening.getsockname()[1], clock=ManualClock())  # no timeout passes
    errors: list[SourceError] = []
    has_opened = Event()

    def use(source: HttpCameraSource) -> None:
        try:
            source.open()
            has_opened.set()
            source.read(1)
        except SourceError as error:
            errors.append(error)

    thread = Thread(target=use, args=(source,), daemon=True)
    thread.start()
    connection, _ = listening.accept()
    if is_open:
        connection.sendall(HEAD)
        assert has_opened.wait(DEADLINE_S)
    source.close()
    thread.join(DEADLINE_S)
    assert not thread.is_alive()
    assert isinstance(errors[0], SourceClosedError)
    connection.close()
    listening.close()


def test_closed_port_is_a_source_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    source = camera_source(port)
    with pytest.raises(SourceError, match="refused the connection"):
        source.open()
    source.close()


def test_camera_that_restarts_is_opened_again_by_the_capture() -> None:
    clock, frames = SkippingClock(), Mailbox[Frame]()

    def step_until(kind: FrameKind) -> None:
        deadline = Deadline(DEADLINE_S)
        while (newest := frames.peek()[1]) is None or newest.kind is not kind:
            assert not deadline.has_passed
            capture.step()

    with server(serve_one_picture) as port:
        spec = parse_camera(HTTP.format(port))
        settings = VideoSettings(width_px=320, height_px=180)
        capture = Capture(spec, settings, frames, pins=MemoryPins(), now_us=clock)
        for _ in range(2):
            step_until(FrameKind.LIVE)
            step_until(FrameKind.PLACEHOLDER)
            clock.skipped_us += 2_000_000
    capture.close()
    assert capture.counters.openings >= 2
