"""media/video/http_socket.py: certificates that are verified, pinned or refused."""

import socket
from pathlib import Path

import pytest

from media.errors import SourceError
from tests.support.phone_camera import (
    HEAD,
    HTTPS,
    JPEG,
    MemoryPins,
    camera_source,
    next_number,
    part,
    responding,
    server,
)
from tests.support.self_signed import self_signed


def test_self_signed_certificate_is_pinned_on_first_use(tmp_path: Path) -> None:
    pins = MemoryPins()
    with server(responding(HEAD + part(JPEG)), self_signed(tmp_path, "a")) as port:
        for _ in range(2):
            source = camera_source(port, HTTPS, pins=pins)
            source.open()
            assert next_number(source) == 7
            source.close()
    assert len(pins.known) == 1
    assert len(pins.known["127.0.0.1", port]) == 32


def test_changed_certificate_is_refused_before_a_byte_is_sent(tmp_path: Path) -> None:
    received = []

    def serve(connection: socket.socket) -> None:
        received.append(connection.recv(4096))

    pins = MemoryPins()
    with server(serve, self_signed(tmp_path, "b")) as port:
        pins.known["127.0.0.1", port] = bytes(32)
        source = camera_source(port, HTTPS, pins=pins)
        with pytest.raises(SourceError, match="HAS CHANGED") as caught:
            source.open()
        source.close()
    assert not any(received)
    assert caught.value.next_step


def test_certificate_that_an_authority_verifies_is_not_pinned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = self_signed(tmp_path, "c")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "c.crt"))
    pins = MemoryPins()
    with server(responding(HEAD + part(JPEG)), context) as port:
        source = camera_source(port, HTTPS, pins=pins)
        source.open()
        assert next_number(source) == 7
        source.close()
    assert pins.known == {}


def test_plain_server_at_an_https_url_is_a_source_error() -> None:
    def serve(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with server(serve) as port:
        source = camera_source(port, HTTPS)
        with pytest.raises(SourceError, match="does not respond with TLS"):
            source.open()
        source.close()
