"""media/video/http_camera.py: cameras that ask for user and password, by Basic and by Digest."""

import hashlib
import re
import socket
from collections.abc import Callable

import pytest

from media.errors import SourceError
from tests.support.phone_camera import (
    HEAD,
    JPEG,
    Serve,
    camera_source,
    next_number,
    numbered_jpeg,
    part,
    read_request,
    server,
    wait_for_end,
)

URL = "http://ann:s%40cret@127.0.0.1:{}/video?q=1"
PARAMETER = re.compile(r'(\w+)="?([^",]*)"?')


def is_right(request: bytes, hashed: Callable[[bytes], "hashlib._Hash"]) -> bool:
    """Return whether the Digest response in a request is right, by RFC 7616 and RFC 2069."""
    line = re.search(rb"\r\nAuthorization: Digest ([^\r]*)\r\n", request)
    if line is None:
        return False
    given = dict(PARAMETER.findall(line[1].decode()))

    def digest(*parts: str) -> str:
        return str(hashed(":".join(parts).encode()).hexdigest())

    middle = [given["nonce"]]
    if "qop" in given:
        middle += [given["nc"], given["cnonce"], given["qop"]]
    secret, what = digest("ann", given["realm"], "s@cret"), digest("GET", given["uri"])
    has_uri = given["uri"] == "/video?q=1"
    return has_uri and bool(given["response"] == digest(secret, *middle, what))


def asking(challenge: str, accepts: Callable[[bytes], bool], requests: list[bytes]) -> Serve:
    """Return a camera that asks with this challenge, and streams to requests that it accepts."""

    def serve(connection: socket.socket) -> None:
        requests.append(read_request(connection))
        if accepts(requests[-1]):
            connection.sendall(HEAD + part(JPEG))
        else:
            head = f"HTTP/1.1 401 No\r\nWWW-Authenticate: {challenge}\r\nContent-Length: 0\r\n\r\n"
            connection.sendall(head.encode())
        wait_for_end(connection)

    return serve


@pytest.mark.parametrize(
    ("challenge", "hashed"),
    [
        ('Digest realm="cam", nonce="n1", qop="auth", algorithm=MD5, opaque="o"', hashlib.md5),
        ('Digest realm="cam", nonce="n1", qop="auth,auth-int"', hashlib.md5),
        ('Digest realm="cam", nonce="n1"', hashlib.md5),
        ('Digest realm="cam", nonce="n1", qop="auth", algorithm=SHA-256', hashlib.sha256),
        (
            'Digest realm="cam", nonce="n1", qop="auth", algorithm=MD5\r\n'
            'WWW-Authenticate: Digest realm="cam", nonce="n1", qop="auth", algorithm=SHA-256\r\n'
            'WWW-Authenticate: Basic realm="cam"',
            hashlib.sha256,
        ),
    ],
    ids=["MD5", "no algorithm", "no qop", "SHA-256", "strongest of three"],
)
def test_camera_with_digest_sends_pictures_and_never_gets_the_password(
    challenge: str, hashed: Callable[[bytes], "hashlib._Hash"]
) -> None:
    requests: list[bytes] = []
    serve = asking(challenge, lambda request: is_right(request, hashed), requests)
    with server(serve) as port:
        source = camera_source(port, URL)
        source.open()
        assert next_number(source) == 7
        source.close()
    assert len(requests) == 2
    assert b"Basic" not in b"".join(requests)


def test_camera_with_basic_gets_user_and_password_when_it_asks() -> None:
    requests: list[bytes] = []
    serve = asking('Basic realm="cam"', lambda request: b"Basic " in request, requests)
    with server(serve) as port:
        source = camera_source(port, URL)
        source.open()
        assert next_number(source) == 7
        source.close()
    assert b"Authorization" not in requests[0]
    assert b"\r\nAuthorization: Basic YW5uOnNAY3JldA==\r\n" in requests[1]


def test_expired_nonce_of_polled_pictures_is_replaced() -> None:
    numbers, uses = iter(range(100)), list[str]()

    def serve(connection: socket.socket) -> None:
        while True:
            request = read_request(connection)
            nonce = f"n{len(uses) // 2}"  # each nonce is good for two pictures
            is_current = f'nonce="{nonce}"'.encode() in request
            if is_right(request, hashlib.md5) and is_current:
                uses.append(nonce)
                jpeg = numbered_jpeg(next(numbers))
                head = b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n"
                connection.sendall(head % len(jpeg) + jpeg)
            else:
                challenge = f'WWW-Authenticate: Digest realm="cam", nonce="{nonce}", qop="auth"'
                refusal = f"HTTP/1.1 401 No\r\n{challenge}\r\nContent-Length: 0\r\n\r\n"
                connection.sendall(refusal.encode())

    with server(serve) as port:
        source = camera_source(port, URL)
        source.open()
        assert [next_number(source) for _ in range(5)] == list(range(5))
        source.close()


@pytest.mark.parametrize(
    "challenge", ['Basic realm="cam"', 'Digest realm="cam", nonce="n1", qop="auth"']
)
def test_wrong_password_is_tried_once_and_named_as_the_cause(challenge: str) -> None:
    requests: list[bytes] = []
    with server(asking(challenge, lambda _: False, requests)) as port:
        source = camera_source(port, URL)
        with pytest.raises(SourceError, match="does not accept the user and password") as caught:
            source.open()
        source.close()
    assert len(requests) == 2
    assert "cret" not in caught.value.sentence + caught.value.next_step


def test_camera_that_asks_gets_a_sentence_that_names_the_url() -> None:
    with server(asking('Basic realm="cam"', lambda _: False, [])) as port:
        source = camera_source(port)
        with pytest.raises(SourceError, match="requires a user and password") as caught:
            source.open()
        source.close()
    assert "http://user:password@host" in caught.value.next_step
