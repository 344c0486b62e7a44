"""media/video/tls_relay.py: RTSP behind TLS, with the same check of certificates as https."""

import socket
from pathlib import Path
from threading import Event

import pytest

from core.clock import now_us
from media.errors import SourceError
from media.video.rtsp_camera import RtspCameraSource
from media.video.rtsp_target import RtspTarget
from tests.support.phone_camera import MemoryPins, server
from tests.support.rtsp_camera import (
    RATE_HZ,
    RtspConnection,
    next_rtsp_number,
    rtsp_serving,
)
from tests.support.self_signed import self_signed


def secure_source(port: int, pins: MemoryPins) -> RtspCameraSource:
    return RtspCameraSource(RtspTarget.parse(f"rtsps://127.0.0.1:{port}/stream"), pins, now_us)


def play(camera: RtspConnection) -> None:
    gone = Event()
    for number in range(30):
        camera.send_picture(number)
        gone.wait(1 / RATE_HZ)
    camera.wait_for_end()


def test_self_signed_certificate_is_pinned_and_pictures_come(tmp_path: Path) -> None:
    pins = MemoryPins()
    with server(rtsp_serving(play), self_signed(tmp_path, "a")) as port:
        for _ in range(2):
            source = secure_source(port, pins)
            source.open()
            assert next_rtsp_number(source) is not None
            source.close()
    assert list(pins.known) == [("127.0.0.1", port)]


def test_changed_certificate_is_refused_before_a_byte_is_sent(tmp_path: Path) -> None:
    received = []

    def serve(connection: socket.socket) -> None:
        received.append(connection.recv(4096))

    pins = MemoryPins()
    with server(serve, self_signed(tmp_path, "b")) as port:
        pins.known["127.0.0.1", port] = bytes(32)
        source = secure_source(port, pins)
        with pytest.raises(SourceError, match="HAS CHANGED"):
            source.open()
        source.close()
    assert not any(received)


def test_plain_camera_at_an_rtsps_url_is_a_source_error() -> None:
    def serve(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(b"RTSP/1.0 400 Bad Request\r\n\r\n")

    with server(serve) as port:
        source = secure_source(port, MemoryPins())
        with pytest.raises(SourceError, match="does not respond with TLS") as caught:
            source.open()
        source.close()
    assert "rtsp://" in caught.value.next_step
