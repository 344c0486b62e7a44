"""media/video/rtsp_camera.py: streams, read from a server on this machine."""

import hashlib
import re
import socket
import time
from collections.abc import Callable
from threading import Event, Semaphore, Thread

import pytest

from core.clock import Deadline, now_us
from core.mailbox import Mailbox
from media.errors import SourceError
from media.frame import Frame, FrameKind
from media.video.camera_spec import parse_camera
from media.video.capture import Capture
from media.video.frame_stamp import read_stamp
from media.video.rtsp_camera import RtspCameraSource
from media.video.rtsp_target import RtspTarget
from media.video.settings import VideoSettings
from media.video.use_guard import SourceClosedError
from tests.support.manual_clock import BusyClock, SkippingClock
from tests.support.phone_camera import DEADLINE_S, MemoryPins, server
from tests.support.rtsp_camera import RATE_HZ, RtspConnection, next_rtsp_number, rtsp_serving

URL = "rtsp://127.0.0.1:{}/stream"
LAST = 59


def rtsp_source(port: int, url: str = URL, clock: Callable[[], int] = now_us) -> RtspCameraSource:
    return RtspCameraSource(RtspTarget.parse(url.format(port)), MemoryPins(), clock)


def play_at_rate(camera: RtspConnection, gone: Event | None = None) -> None:
    """Send pictures at their rate, until the client has gone.

    Args:
        gone: set once the client has gone, for datagrams, which do not show it.
    """
    gone = gone or Event()
    for number in range(LAST + 1):
        camera.send_picture(number)
        if gone.wait(1 / RATE_HZ):
            break
    camera.wait_for_end()


def read_until_silence(source: RtspCameraSource) -> None:
    while True:
        next_rtsp_number(source)


def open_error(source: RtspCameraSource) -> SourceError:
    with pytest.raises(SourceError) as caught:
        source.open()
    source.close()
    return caught.value


def test_pictures_come_over_the_same_connection() -> None:
    requests: list[str] = []
    may_send = Semaphore(0)

    def play(camera: RtspConnection) -> None:
        for number in range(20):
            camera.send_picture(number)
        for number in range(20, 25):
            assert may_send.acquire(timeout=DEADLINE_S)
            camera.send_picture(number)
        camera.wait_for_end()

    with server(rtsp_serving(play, requests)) as port:
        source = rtsp_source(port)
        source.open()
        first = next_rtsp_number(source)
        while first is None or first < 18:  # FFmpeg returns a picture when the next one begins
            first = next_rtsp_number(source)
        for number in range(first + 1, first + 6):
            may_send.release()
            assert next_rtsp_number(source) == number
        source.close()
    (setup,) = (request for request in requests if request.startswith("SETUP"))
    assert "RTP/AVP/TCP" in setup


@pytest.mark.parametrize("clock", [now_us, BusyClock(2_000)], ids=["idle", "busy"])
def test_slow_reader_gets_the_newest_picture_without_a_backlog(clock: Callable[[], int]) -> None:
    may_send, has_sent = Event(), Event()

    def play(camera: RtspConnection) -> None:
        for number in range(20):
            camera.send_picture(number)
        assert may_send.wait(DEADLINE_S)
        for number in range(20, LAST + 1):
            camera.send_picture(number)
        has_sent.set()
        camera.wait_for_end()

    with server(rtsp_serving(play)) as port:
        source = rtsp_source(port, clock=clock)
        source.open()
        may_send.set()
        assert has_sent.wait(DEADLINE_S)
        seen = [next_rtsp_number(source)]
        while seen[-1] != LAST:
            seen.append(next_rtsp_number(source))
        source.close()
    assert len(seen) <= 10  # one for each 100 ms of decoding, on a busy machine
    assert source.skipped >= 30


def test_camera_that_refuses_tcp_is_asked_for_udp() -> None:
    requests: list[str] = []
    gone = Event()

    def respond(request: str) -> str | None:
        if request.startswith("SETUP") and "RTP/AVP/TCP" in request:
            return "461 Unsupported transport"
        return None

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as media:
        media.bind(("127.0.0.1", 0))
        own_port = media.getsockname()[1]

        def respond_udp(request: str) -> str | None:
            if request.startswith("SETUP") and "RTP/AVP/TCP" not in request:
                wanted = re.search(r"client_port=([0-9-]+)", request)
                assert wanted is not None
                ports = f"client_port={wanted[1]};server_port={own_port}-{own_port + 1}"
                return f"200 OK\r\nSession: 1\r\nTransport: RTP/AVP/UDP;unicast;{ports}"
            return respond(request)

        def play(camera: RtspConnection) -> None:
            (setup,) = (r for r in requests if "client_port=" in r)
            wanted = re.search(r"client_port=([0-9]+)", setup)
            assert wanted is not None
            camera.use_udp(media, ("127.0.0.1", int(wanted[1])))
            play_at_rate(camera, gone)

        with server(rtsp_serving(play, requests, respond=respond_udp)) as port:
            source = rtsp_source(port)
            source.open()
            assert next_rtsp_number(source) is not None
            source.close()
            gone.set()


@pytest.mark.parametrize("is_right", [True, False])
def test_camera_with_digest_gets_the_password_of_the_url(is_right: bool) -> None:
    password = "s@cret" if is_right else "other"

    def respond(request: str) -> str | None:
        method, uri = request.split(" ")[:2]
        given = dict(re.findall(r'(\w+)="([^"]*)"', request))
        secret = hashlib.md5(f"ann:cam:{password}".encode()).hexdigest()
        what = hashlib.md5(f"{method}:{uri}".encode()).hexdigest()
        expected = hashlib.md5(f"{secret}:n1:{what}".encode()).hexdigest()
        if method != "OPTIONS" and given.get("response") != expected:
            return '401 Unauthorized\r\nWWW-Authenticate: Digest realm="cam", nonce="n1"'
        return None

    with server(rtsp_serving(play_at_rate, respond=respond)) as port:
        source = rtsp_source(port, "rtsp://ann:s%40cret@127.0.0.1:{}/stream")
        if is_right:
            source.open()
            assert next_rtsp_number(source) is not None
            source.close()
        else:
            error = open_error(source)
            assert "does not accept the user and password" in error.sentence
            assert "cret" not in error.sentence + error.next_step


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ('401 No\r\nWWW-Authenticate: Digest realm="c", nonce="n"', "requires a user and password"),
        ("404 Not Found", "has no stream of that name"),
        ("500 Internal Error", "does not respond as an RTSP camera does"),
    ],
)
def test_refusal_is_a_sentence(answer: str, sentence: str) -> None:
    with server(rtsp_serving(play_at_rate, respond=lambda _: answer)) as port:
        error = open_error(rtsp_source(port))
    assert sentence in error.sentence
    assert error.next_step


def test_program_that_does_not_speak_rtsp_is_a_sentence() -> None:
    def serve(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(b"220 mail server\r\n\r\n")

    with server(serve) as port:
        assert "as an RTSP camera does" in open_error(rtsp_source(port)).sentence


def test_host_or_port_without_a_camera_is_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    assert "refused the connection" in open_error(rtsp_source(port)).sentence
    unknown = rtsp_source(port, "rtsp://no-such-host.invalid:{}/")
    assert "was not found" in open_error(unknown).sentence


def test_camera_that_says_nothing_ends_within_the_time_limit() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        began_s = time.monotonic()
        error = open_error(rtsp_source(listening.getsockname()[1]))
        assert "does not respond" in error.sentence
        assert time.monotonic() - began_s < 10


def test_silence_is_a_source_error_within_the_time_limit() -> None:
    def play(camera: RtspConnection) -> None:
        for number in range(20):
            camera.send_picture(number)
        camera.wait_for_end()

    with server(rtsp_serving(play)) as port:
        source = rtsp_source(port)
        source.open()
        with pytest.raises(SourceError, match="sends nothing"):
            read_until_silence(source)
        source.close()


def test_camera_that_restarts_is_opened_again_by_the_capture() -> None:
    clock, frames, restarts = SkippingClock(), Mailbox[Frame](), Event()

    def play(camera: RtspConnection) -> None:
        for number in range(LAST + 1):
            camera.send_picture(number)
        assert restarts.wait(DEADLINE_S)
        restarts.clear()

    def step_until(kind: FrameKind) -> Frame:
        deadline = Deadline(DEADLINE_S)
        while (newest := frames.peek()[1]) is None or newest.kind is not kind:
            assert not deadline.has_passed
            capture.step()
        return newest

    with server(rtsp_serving(play)) as port:
        settings = VideoSettings(width_px=320, height_px=180)
        spec = parse_camera(URL.format(port))
        capture = Capture(spec, settings, frames, pins=MemoryPins(), now_us=clock)
        for _ in range(2):
            picture = step_until(FrameKind.LIVE).picture
            assert read_stamp(picture.to_ndarray(format="gray")) is not None
            restarts.set()
            step_until(FrameKind.PLACEHOLDER)
            clock.skipped_us += 2_000_000
        capture.close()
    assert capture.counters.openings >= 2


def test_close_ends_a_wait_of_another_thread() -> None:
    has_played, errors = Event(), list[SourceError]()

    def play(camera: RtspConnection) -> None:
        for number in range(20):
            camera.send_picture(number)
        has_played.set()
        camera.wait_for_end()

    def read(source: RtspCameraSource) -> None:
        try:
            while True:
                source.read(0.2)
        except SourceError as error:
            errors.append(error)

    with server(rtsp_serving(play)) as port:
        source = rtsp_source(port)
        source.open()
        thread = Thread(target=read, args=(source,))
        thread.start()
        assert has_played.wait(DEADLINE_S)
        source.close()
        thread.join(DEADLINE_S)
        assert not thread.is_alive()
    assert isinstance(errors[0], SourceClosedError)
