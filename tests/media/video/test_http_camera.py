"""A phone camera, played by servers on this machine: real sockets, real TLS."""

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

import cv2
import numpy as np
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from core.mailbox import Mailbox
from media.errors import SourceError
from media.frame import Frame, FrameKind
from media.video.camera_spec import parse_camera
from media.video.capture import Capture
from media.video.frame_stamp import draw_stamp, read_stamp
from media.video.http_camera import HttpCameraSource
from media.video.http_target import parse_target
from media.video.settings import VideoSettings
from media.video.use_guard import SourceClosedError

Serve = Callable[[socket.socket], None]
HEAD = b'HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary="--b"\r\n\r\n'


def now_us() -> int:
    return time.perf_counter_ns() // 1000


def numbered_jpeg(number: int) -> bytes:
    luma = np.full((96, 128), 100, np.uint8)
    draw_stamp(luma, number)
    return cv2.imencode(".jpg", luma)[1].tobytes()


def part(jpeg: bytes) -> bytes:
    return b"----b\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%b\r\n" % (
        len(jpeg),
        jpeg,
    )


JPEG = numbered_jpeg(7)


class Pins:
    """Remembers in memory."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, int], bytes] = {}

    def check(self, host: str, port: int, fingerprint: bytes) -> bool:
        return self.known.setdefault((host, port), fingerprint) == fingerprint


@contextmanager
def server(serve: Serve, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """Take one connection after another; each request is read to its end before `serve`."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(0.05)
    stopping = Event()

    def take(connection: socket.socket) -> None:
        connection.settimeout(5)
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
            take(connection)

    thread = Thread(target=run)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        stopping.set()
        thread.join(20)
        listening.close()
        assert not thread.is_alive()


def read_request(connection: socket.socket) -> bytes:
    request = b""
    while not request.endswith(b"\r\n\r\n"):
        data = connection.recv(4096)
        if not data:
            raise ConnectionError
        request += data
    return request


def wait_for_end(connection: socket.socket) -> None:
    while connection.recv(4096):
        pass


def answering(*answers: bytes) -> Serve:
    """Say these in turn, one for each connection, and then wait for the camera to be left."""
    waiting = list(answers)

    def serve(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(waiting.pop(0) if len(waiting) > 1 else waiting[0])
        wait_for_end(connection)

    return serve


def phone(
    port: int, pins: Pins | None = None, url: str = "http://127.0.0.1:{}/video"
) -> HttpCameraSource:
    target = parse_target(url.format(port))
    return HttpCameraSource(target, VideoSettings(), pins or Pins(), now_us)


def first_number(source: HttpCameraSource) -> int | None:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        picture = source.read(0.2)
        if picture is not None:
            return read_stamp(picture.to_ndarray(format="gray"))
    raise AssertionError("no picture came")


def read_to_the_end(source: HttpCameraSource) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        source.read(0.25)


def chunked(data: bytes, size: int) -> bytes:
    cut = [data[at : at + size] for at in range(0, len(data), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in cut)


@pytest.mark.parametrize(
    "answer",
    [
        HEAD + part(JPEG),
        HEAD.replace(b"HTTP/1.1", b"HTTP/1.0").replace(b'"', b"") + b"--b\n\n" + JPEG,
        HEAD[:-2] + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(part(JPEG), 100),
    ],
    ids=["with lengths", "bare", "chunked"],
)
def test_the_first_picture_comes_with_its_last_byte(answer: bytes) -> None:
    with server(answering(answer)) as port:
        source = phone(port)
        source.open()
        assert first_number(source) == 7
        source.close()


def test_pictures_are_full_range_yuv() -> None:
    with server(answering(HEAD + part(JPEG))) as port:
        source = phone(port)
        source.open()
        picture = source.read(2)
        assert picture is not None
        assert picture.color_range == 2
        source.close()


def test_a_slow_reader_sees_the_newest_picture_never_a_backlog() -> None:
    sent: dict[int, float] = {}

    def serve(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(HEAD)
        for number in range(150):
            data = part(numbered_jpeg(number))
            sent[number] = time.monotonic()
            connection.sendall(data)
            time.sleep(0.01)

    ages = []
    with server(serve) as port:
        source = phone(port)
        source.open()
        for _ in range(10):
            picture = source.read(1)
            assert picture is not None
            number = read_stamp(picture.to_ndarray(format="gray"))
            assert number is not None
            ages.append(time.monotonic() - sent[number])
            time.sleep(0.1)
        source.close()
    assert sorted(ages)[len(ages) // 2] < 0.1  # a backlog would grow to a second
    assert ages[-1] < 0.2


def test_single_pictures_are_asked_for_again_on_the_same_connection() -> None:
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
        source = phone(port)
        source.open()
        assert [first_number(source) for _ in range(5)] == list(range(5))
        source.close()
    assert len(connections) == 1


def test_single_pictures_without_a_length_end_with_the_connection() -> None:
    numbers = iter(range(100))

    def serve(connection: socket.socket) -> None:
        read_request(connection)
        head = b"HTTP/1.0 200 OK\r\nContent-Type: image/jpeg\r\n\r\n"
        connection.sendall(head + numbered_jpeg(next(numbers)))

    with server(serve) as port:
        source = phone(port)
        source.open()
        assert [first_number(source) for _ in range(3)] == [0, 1, 2]
        source.close()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>", "sends text/html"),
        (b"HTTP/1.1 200 OK\r\n\r\n", "without a type"),
        (b"HTTP/1.1 404 Not Found\r\n\r\n", "status 404"),
        (b"HTTP/1.1 401 No\r\n\r\n", "user and password"),
        (b"HTTP/1.1 302 Found\r\nLocation: /video\r\n\r\n", "redirects too many times"),
        (b"HTTP/1.1 302 Found\r\nLocation: ftp://x/\r\n\r\n", "cannot be used"),
        (b"220 mail server\r\n\r\n", "does not respond with HTTP"),
        (
            b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20_000,
            "headers of the camera's response have no end",
        ),
    ],
)
def test_what_is_no_camera_says_what_it_is(answer: bytes, said: str) -> None:
    with server(answering(answer)) as port:
        source = phone(port, url="http://user:secret@127.0.0.1:{}/video?token=hidden")
        with pytest.raises(SourceError, match=said) as caught:
            source.open()
        source.close()
    assert "secret" not in caught.value.sentence
    assert "hidden" not in caught.value.sentence


def test_a_redirect_is_followed() -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n"
    with server(answering(moved, HEAD + part(JPEG))) as port:
        source = phone(port)
        source.open()
        assert first_number(source) == 7
        source.close()


def test_user_and_password_are_sent() -> None:
    requests = []

    def serve(connection: socket.socket) -> None:
        requests.append(read_request(connection))
        connection.sendall(HEAD + part(JPEG))
        wait_for_end(connection)

    with server(serve) as port:
        source = phone(port, url="http://u:p@127.0.0.1:{}/")
        source.open()
        source.close()
    assert b"Authorization: Basic dTpw\r\n" in requests[0]


def test_a_picture_without_end_is_refused() -> None:
    def serve(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(HEAD + JPEG[:-2])
        while True:
            connection.sendall(bytes(1 << 20))

    with server(serve) as port:
        source = phone(port)
        source.open()
        with pytest.raises(SourceError, match="8 MiB"):
            read_to_the_end(source)
        source.close()


def test_a_stream_that_ends_or_falls_silent_is_a_source_error() -> None:
    def serve(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(HEAD + part(JPEG))

    with server(serve) as port:
        source = phone(port)
        source.open()
        with pytest.raises(SourceError, match="has ended the stream"):
            read_to_the_end(source)
        source.close()

    with server(answering(HEAD + part(JPEG))) as port:
        source = phone(port)
        source.open()
        begun = time.monotonic()
        with pytest.raises(SourceError, match="sends nothing"):
            read_to_the_end(source)
        assert 1.5 < time.monotonic() - begun < 8
        source.close()


def test_a_read_returns_in_time_when_nothing_comes() -> None:
    with server(answering(HEAD)) as port:
        source = phone(port)
        source.open()
        begun = time.monotonic()
        assert source.read(0.1) is None
        assert time.monotonic() - begun < 1
        source.close()


def test_damaged_pictures_are_passed_over() -> None:
    damaged = JPEG[:2] + JPEG[2:].replace(b"\xff\xc0", b"\xff\xc3")
    with server(answering(HEAD + part(damaged))) as port:
        source = phone(port)
        source.open()
        assert source.read(0.2) is None
        source.close()


@pytest.mark.parametrize("is_answering", [True, False])
def test_close_interrupts_a_wait_of_another_thread(is_answering: bool) -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    serve_port = listening.getsockname()[1]
    ended: list[BaseException] = []
    started = Event()

    def use(source: HttpCameraSource) -> None:
        started.set()
        try:
            source.open()
            source.read(30)
        except SourceError as error:
            ended.append(error)

    source = phone(serve_port)
    thread = Thread(target=use, args=(source,))
    thread.start()
    assert started.wait(5)
    connection, _ = listening.accept()
    if is_answering:
        connection.sendall(HEAD)
    begun = time.monotonic()
    source.close()
    thread.join(5)
    assert time.monotonic() - begun < 1
    assert isinstance(ended[0], SourceClosedError)
    connection.close()
    listening.close()


def test_nobody_there_is_a_source_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    source = phone(port)
    with pytest.raises(SourceError, match="refused the connection"):
        source.open()
    source.close()


def test_a_phone_that_restarts_is_picked_up_again() -> None:
    """Through the whole capture: placeholder while it is away, live as soon as it is back."""

    class Clock:
        skipped_us = 0

        def __call__(self) -> int:
            return now_us() + self.skipped_us

    clock, frames = Clock(), Mailbox[Frame]()

    def serve(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(HEAD + part(JPEG))

    def step_until(kind: FrameKind) -> None:
        deadline = time.monotonic() + 10
        while (newest := frames.peek()[1]) is None or newest.kind is not kind:
            assert time.monotonic() < deadline
            capture.step()

    with server(serve) as port:
        spec = parse_camera(f"http://127.0.0.1:{port}/video")
        settings = VideoSettings(width_px=320, height_px=180)
        capture = Capture(spec, settings, frames, pins=Pins(), now_us=clock)
        for _ in range(2):
            step_until(FrameKind.LIVE)
            step_until(FrameKind.PLACEHOLDER)
            clock.skipped_us += 2_000_000
    capture.close()
    assert capture.counters.openings >= 2


# TLS


def make_context(folder: Path, name: str) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / f"{name}.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / f"{name}.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / f"{name}.crt", folder / f"{name}.key")
    return context


HTTPS = "https://127.0.0.1:{}/video"


def test_a_self_signed_certificate_is_pinned_at_first_sight(tmp_path: Path) -> None:
    pins = Pins()
    with server(answering(HEAD + part(JPEG)), make_context(tmp_path, "a")) as port:
        for _ in range(2):
            source = phone(port, pins, HTTPS)
            source.open()
            assert first_number(source) == 7
            source.close()
    assert len(pins.known) == 1
    assert len(pins.known["127.0.0.1", port]) == 32


def test_a_changed_certificate_is_refused_before_a_byte_is_sent(tmp_path: Path) -> None:
    asked = []

    def serve(connection: socket.socket) -> None:
        asked.append(connection.recv(4096))

    pins = Pins()
    with server(serve, make_context(tmp_path, "b")) as port:
        pins.known["127.0.0.1", port] = bytes(32)
        source = phone(port, pins, HTTPS)
        with pytest.raises(SourceError, match="HAS CHANGED") as caught:
            source.open()
        source.close()
    assert not any(asked)
    assert caught.value.next_step


def test_a_certificate_that_an_authority_verifies_needs_no_pin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = make_context(tmp_path, "c")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "c.crt"))
    pins = Pins()
    with server(answering(HEAD + part(JPEG)), context) as port:
        source = phone(port, pins, HTTPS)
        source.open()
        assert first_number(source) == 7
        source.close()
    assert pins.known == {}


def test_a_plain_server_at_an_https_url_is_a_source_error() -> None:
    def serve(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with server(serve) as port:
        source = phone(port, url=HTTPS)
        with pytest.raises(SourceError, match="does not respond with TLS"):
            source.open()
        source.close()
