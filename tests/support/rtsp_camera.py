"""A camera that speaks RTSP, played by a server on this machine: real sockets, real H.264.

client: DESCRIBE, SETUP, PLAY      server: SDP, then "$" channel 1, length 2, RTP 12, payload
"""

import re
import socket
import struct
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache

import av
import msgspec
import numpy as np

from core.clock import Deadline
from media.video.frame_stamp import draw_stamp, read_stamp
from media.video.rtsp_camera import RtspCameraSource
from tests.support.phone_camera import DEADLINE_S

RATE_HZ = 30
_SDP = (
    "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=camera\r\nt=0 0\r\na=control:*\r\n"
    "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
    "a=fmtp:96 packetization-mode=1\r\na=control:track1\r\n"
)
_START_CODE = re.compile(rb"\x00\x00\x00?\x01")
_FRAGMENT_BYTES = 1200
_TICKS = 90_000 // RATE_HZ
COUNT = 120


@cache
def numbered_packets() -> tuple[bytes, ...]:
    """Return pictures in H.264 that carry frame stamps 0, 1, 2, ...; each tenth is a keyframe."""
    context = av.VideoCodecContext.create("libx264", "w")
    context.width, context.height, context.pix_fmt = 320, 240, "yuv420p"
    context.time_base, context.framerate = Fraction(1, RATE_HZ), Fraction(RATE_HZ)
    context.options = {"preset": "ultrafast", "tune": "zerolatency", "x264-params": "keyint=10"}
    packets = []
    for number in range(COUNT):
        pixels = np.full((360, 320), 128, np.uint8)
        draw_stamp(pixels[:240], number)
        picture = av.VideoFrame.from_ndarray(pixels, "yuv420p")
        picture.pts = number
        packets += [bytes(packet) for packet in context.encode(picture)]
    return tuple(packets)


class RtspConnection(msgspec.Struct):
    """One connection to the camera.

    Attributes:
        requests: method, target and headers of each request so far.
    """

    connection: socket.socket
    requests: list[str] = msgspec.field(default_factory=list)
    sequence: int = 0
    datagrams: tuple[socket.socket, tuple[str, int]] | None = None

    def use_udp(self, media: socket.socket, address: tuple[str, int]) -> None:
        """Send the pictures from this socket to this address from now on."""
        self.datagrams = media, address

    def send_picture(self, number: int) -> None:
        """Send one picture as RTP between the responses."""
        units = [u for u in _START_CODE.split(numbered_packets()[number]) if u]
        for place, unit in enumerate(units):
            payloads = list(_fragments(unit))
            for at, payload in enumerate(payloads):
                is_last = place == len(units) - 1 and at == len(payloads) - 1
                rtp = struct.pack(
                    ">BBHII", 0x80, 96 | is_last << 7, self.sequence & 0xFFFF, number * _TICKS, 7
                )
                packet = rtp + payload
                self.sequence += 1
                if self.datagrams is not None:
                    self.datagrams[0].sendto(packet, self.datagrams[1])
                else:
                    self.connection.sendall(struct.pack(">BBH", 0x24, 0, len(packet)) + packet)

    def wait_for_end(self) -> None:
        """Read until the other end closes the connection."""
        while self.connection.recv(4096):
            pass


Play = Callable[[RtspConnection], None]


def rtsp_serving(
    play: Play,
    requests: list[str] | None = None,
    *,
    respond: Callable[[str], str | None] = lambda request: None,
    sdp: str = _SDP,
) -> Callable[[socket.socket], None]:
    """Return a function that serves one connection, for `phone_camera.server`.

    Args:
        play: called once the client has sent PLAY.
        requests: gets the text of each request.
        respond: returns status line and headers instead of the usual ones, or None.
    """

    def serve(connection: socket.socket) -> None:
        session = RtspConnection(connection, [] if requests is None else requests)
        for request in _read_requests(connection):
            session.requests.append(request)
            method = request.split(" ", 1)[0]
            number = re.search(r"\r\nCSeq: *(\d+)", request)
            head, body = respond(request), ""
            if head is None:
                head, body = _usual(method, request, sdp)
            sequence = number[1] if number else "0"
            connection.sendall(
                f"RTSP/1.0 {head}\r\nCSeq: {sequence}\r\n"
                f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
            )
            if method == "PLAY":
                play(session)
                return

    return serve


def _usual(method: str, request: str, sdp: str) -> tuple[str, str]:
    if method == "DESCRIBE":
        return "200 OK\r\nContent-Type: application/sdp", sdp
    if method == "SETUP":
        transport = re.search(r"\r\nTransport: *([^\r]*)", request)
        return f"200 OK\r\nSession: 1\r\nTransport: {transport[1] if transport else ''}", ""
    return "200 OK\r\nSession: 1\r\nPublic: DESCRIBE, SETUP, PLAY, TEARDOWN", ""


def _read_requests(connection: socket.socket) -> Iterator[str]:
    waiting = b""
    while data := connection.recv(4096):
        waiting += data
        while b"\r\n\r\n" in waiting:
            head, _, waiting = waiting.partition(b"\r\n\r\n")
            yield head.decode()


def _fragments(unit: bytes) -> Iterator[bytes]:
    """Return a NAL unit as it is, or in fragments (FU-A, RFC 6184 section 5.8)."""
    if len(unit) <= _FRAGMENT_BYTES:
        yield unit
        return
    indicator, kind, body = unit[0] & 0xE0 | 28, unit[0] & 0x1F, unit[1:]
    for at in range(0, len(body), _FRAGMENT_BYTES):
        is_first, is_last = at == 0, at + _FRAGMENT_BYTES >= len(body)
        header = is_first << 7 | is_last << 6 | kind
        yield bytes((indicator, header)) + body[at : at + _FRAGMENT_BYTES]


def next_rtsp_number(source: RtspCameraSource) -> int | None:
    """Wait for the next picture, and return the number of its stamp."""
    deadline = Deadline(DEADLINE_S)
    while not deadline.has_passed:
        picture = source.read(0.2)
        if picture is not None:
            return read_stamp(picture.to_ndarray(format="gray"))
    raise AssertionError("no picture came")
