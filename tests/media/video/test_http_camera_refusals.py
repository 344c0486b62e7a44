"""media/video/http_camera.py: responses that are not a camera's, and their errors."""

import socket

import pytest

from media.errors import SourceError
from tests.support.phone_camera import (
    HEAD,
    JPEG,
    camera_source,
    read_request,
    read_until_error,
    responding,
    server,
)


@pytest.mark.parametrize(
    ("response", "sentence"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>", "sends text/html"),
        (b"HTTP/1.1 200 OK\r\n\r\n", "without a type"),
        (b"HTTP/1.1 404 Not Found\r\n\r\n", "status 404"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n\r\n", "octet-stream"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n\r\n" + bytes(99_999),
            "octet-stream, not pictures",
        ),
        (b"HTTP/1.1 401 No\r\n\r\n", "does not accept the user and password"),
        (
            b"HTTP/1.1 401 No\r\nWWW-Authenticate: Negotiate\r\n\r\n",
            "a way to log in that is not supported",
        ),
        (b"HTTP/1.1 302 Found\r\nLocation: /video\r\n\r\n", "redirects too many times"),
        (b"HTTP/1.1 302 Found\r\nLocation: ftp://x/\r\n\r\n", "cannot be used"),
        (b"220 mail server\r\n\r\n", "does not respond with HTTP"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20_000, "headers .* have no end"),
    ],
)
def test_error_about_a_wrong_response_names_the_cause_and_no_secret(
    response: bytes, sentence: str
) -> None:
    with server(responding(response)) as port:
        source = camera_source(port, "http://user:secret@127.0.0.1:{}/video?token=hidden")
        with pytest.raises(SourceError, match=sentence) as caught:
            source.open()
        source.close()
    assert "secret" not in caught.value.sentence
    assert "hidden" not in caught.value.sentence


def test_picture_without_end_is_refused() -> None:
    def serve(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(HEAD + JPEG[:-2])
        while True:
            connection.sendall(bytes(1 << 20))

    with server(serve) as port:
        source = camera_source(port)
        source.open()
        with pytest.raises(SourceError, match="8 MiB"):
            read_until_error(source)
        source.close()
