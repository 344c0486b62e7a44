"""media/video/http_camera.py: streams and single pictures, read from a server on this machine."""

import socket
from itertools import count
from threading import Semaphore, Thread

import pytest

from tests.support.phone_camera import (
    DEADLINE_S,
    HEAD,
    JPEG,
    camera_source,
    next_number,
    numbered_jpeg,
    part,
    read_request,
    responding,
    server,
    wait_for_end,
)


def chunked(data: bytes, size: int) -> bytes:
    chunks = [data[at : at + size] for at in range(0, len(data), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)


@pytest.mark.parametrize(
    "response",
    [
        HEAD + part(JPEG),
        HEAD.replace(b"HTTP/1.1", b"HTTP/1.0").replace(b'"', b"") + b"--b\n\n" + JPEG,
        HEAD[:-2] + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(part(JPEG), 100),
        HEAD.replace(b"HTTP/1.1", b"ICY") + part(JPEG),
        b"HTTP/1.0 200 OK\r\nContent-Type: multipart/mixed; boundary=--b\r\n\r\n" + part(JPEG),
        b"HTTP/1.0 200 OK\r\nContent-Type: application/octet-stream\r\n\r\n" + JPEG * 2,
        b"HTTP/1.0 200 OK\r\n\r\n" + part(JPEG),
        b"HTTP/1.0 200 OK\r\nContent-Type: video/x-motion-jpeg\r\n\r\n" + JPEG,
    ],
    ids=["with lengths", "bare", "chunked", "ICY", "mixed", "octets", "no type", "mjpeg"],
)
def test_picture_is_returned_once_its_last_byte_has_come(response: bytes) -> None:
    with server(responding(response)) as port:
        source = camera_source(port)
        source.open()
        assert next_number(source) == 7
        source.close()


def test_pictures_are_full_range_yuv() -> None:
    with server(responding(HEAD + part(JPEG))) as port:
        source = camera_source(port)
        source.open()
        picture = source.read(DEADLINE_S)
        assert picture is not None
        assert picture.color_range == 2
        source.close()


def test_slow_reader_gets_the_newest_picture_without_a_backlog() -> None:
    may_send, has_sent = Semaphore(0), Semaphore(0)
    batches = [range(20), range(20, 40), range(40, 60)]

    def serve(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(HEAD)
        for numbers in batches:
            may_send.acquire(timeout=DEADLINE_S)
            connection.sendall(b"".join(part(numbered_jpeg(number)) for number in numbers))
            has_sent.release()
        wait_for_end(connection)

    with server(serve) as port:
        source = camera_source(port)
        source.open()
        for numbers in batches:
            may_send.release()
            assert has_sent.acquire(timeout=DEADLINE_S)
            seen = [next_number(source)]
            while seen[-1] != numbers[-1]:
                seen.append(next_number(source))
            assert len(seen) <= 3  # a batch may arrive in parts
        source.close()


def test_single_pictures_are_requested_on_one_connection() -> None:
    connections = []

    def serve(connection: socket.socket) -> None:
        connections.append(connection)
        for number in range(5):
            read_request(connection)
            jpeg = numbered_jpeg(number)
            connection.sendall(
                b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\n"
                b"Content-Length: %d\r\n\r\n%b" % (len(jpeg), jpeg)
            )
        wait_for_end(connection)

    with server(serve) as port:
        source = camera_source(port)
        source.open()
        assert [next_number(source) for _ in range(5)] == list(range(5))
        source.close()
    assert len(connections) == 1


def test_single_picture_without_a_length_ends_with_the_connection() -> None:
    numbers = iter(range(100))

    def serve(connection: socket.socket) -> None:
        read_request(connection)
        head = b"HTTP/1.0 200 OK\r\nContent-Type: image/jpeg\r\n\r\n"
        connection.sendall(head + numbered_jpeg(next(numbers)))

    with server(serve) as port:
        source = camera_source(port)
        source.open()
        assert [next_number(source) for _ in range(3)] == [0, 1, 2]
        source.close()


def test_redirect_is_followed() -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n"
    with server(responding(moved, HEAD + part(JPEG))) as port:
        source = camera_source(port)
        source.open()
        assert next_number(source) == 7
        source.close()


def test_read_returns_in_time_without_a_picture() -> None:
    with server(responding(HEAD)) as port:
        # Its own clock: on a busy machine 2 s may pass, after which silence is an error.
        source = camera_source(port, clock=count(step=30_000).__next__)
        source.open()
        pictures: list[object] = []
        reader = Thread(target=lambda: pictures.append(source.read(0.1)), daemon=True)
        reader.start()
        reader.join(DEADLINE_S)
        assert pictures == [None]
        source.close()


def test_damaged_picture_is_skipped() -> None:
    damaged = JPEG[:2] + JPEG[2:].replace(b"\xff\xc0", b"\xff\xc3")
    with server(responding(HEAD + part(damaged))) as port:
        source = camera_source(port)
        source.open()
        assert source.read(0.2) is None
        source.close()
