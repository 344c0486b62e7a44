"""What a listener makes of those who connect and are no callers, or callers that break the rules.

One listener takes all of them. After each it must be there for the next caller, and no larger.
"""

import random
import re
import socket
import ssl
import struct
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from media.packet import VideoPacket
from net.protocol.control import (
    PROTOCOL_VERSION,
    Accept,
    Bye,
    Feedback,
    Hello,
    KeyframeRequest,
    PictureState,
    Ping,
    Pong,
    Proof,
    Reject,
    Ringing,
    VideoFormat,
    encode_control,
)
from net.protocol.fragments import FIRST, LAST, OPENING, split_packet
from net.protocol.framing import HEADER, MessageType, encode_message
from net.protocol.transcript import commitment
from tests.calls.conftest import StartPeer
from tests.support.deadline import DEADLINE_S
from tests.support.peer_process import Peer, read_statistics, wait_until
from tests.support.raw_peer import CAN_DECODE, RawPeer, dial

MOST_BYTES = 300 * 1024 * 1024
"""More than a listener in a call of this size ever takes; far less than what is announced here."""
SEED = 7


@dataclass
class Shared:
    """The listener of this file, and where its figures are."""

    peer: Peer
    folder: Path

    @property
    def figures(self) -> str:
        """Its statistics."""
        return (self.folder / "figures").read_text("utf-8")

    def peak_bytes(self) -> int:
        """Return the most memory that it has taken so far."""
        status = Path(f"/proc/{self.peer.process.pid}/status").read_text()
        match = re.search(r"VmHWM:\s+(\d+) kB", status)
        assert match
        return int(match[1]) * 1024


class Patient:
    """Keeps one listener for all tests of this file, and starts another if it has ended."""

    def __init__(self, start: StartPeer, folder: Path) -> None:
        self._start = start
        self._folder = folder
        self._shared: Shared | None = None

    def listener(self) -> Shared:
        """Return the listener."""
        if self._shared is None or not self._shared.peer.is_running:
            peer = self._start(
                *("listen", "--accept", "--name=Bob", "--stats", str(self._folder / "figures"))
            )
            self._shared = Shared(peer, self._folder)
        return self._shared


@pytest.fixture(scope="module")
def patient(start_shared: StartPeer, tmp_path_factory: pytest.TempPathFactory) -> Patient:
    """Keep one listener for all tests of this file."""
    return Patient(start_shared, tmp_path_factory.mktemp("patient"))


@pytest.fixture
def listener(patient: Patient) -> Shared:
    """Return a listener that waits."""
    shared = patient.listener()
    _wait_waiting(shared)
    return shared


def _wait_waiting(shared: Shared) -> None:
    wait_until(
        lambda: len(shared.peer.find_events("waiting")) > len(shared.peer.find_events("accepted")),
        "the listener waits",
    )


@contextmanager
def call(shared: Shared, name: str = "Raw") -> Iterator[RawPeer]:
    """Give a caller's end of a call; afterwards the listener must wait again."""
    calls = len(shared.peer.find_events("accepted"))
    with dial(shared.peer.port, shared.folder / name) as raw:
        raw.call(name)
        yield raw
    shared.peer.wait_call(times=calls + 1)
    _wait_waiting(shared)


def expect_well(shared: Shared) -> None:
    """Have the listener take a good caller, and see that it has not grown."""
    _wait_waiting(shared)
    with call(shared, "Good") as good:
        good.hang_up()
    assert shared.peer.is_running
    assert shared.peak_bytes() < MOST_BYTES


# Those who do not even come to a hello.


def _send(data: bytes) -> Callable[[int], None]:
    def visit(port: int) -> None:
        with closing(socket.create_connection(("127.0.0.1", port))) as sock:
            sock.settimeout(DEADLINE_S)
            sock.sendall(data)
            try:
                while sock.recv(4096):
                    pass
            except ConnectionError:
                return

    return visit


def _shake_hands(version: ssl.TLSVersion, alpn: list[str]) -> Callable[[int], None]:
    def visit(port: int) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.maximum_version = version
        if alpn:
            context.set_alpn_protocols(alpn)
        with closing(socket.create_connection(("127.0.0.1", port))) as sock:
            sock.settimeout(DEADLINE_S)
            try:
                with context.wrap_socket(sock) as encrypted:
                    encrypted.recv(1)
            except (ssl.SSLError, ConnectionError):
                return

    return visit


TURNED_AWAY = "A caller from 127.0.0.1"
"""How each line of the listener about a caller that never rang begins."""

STRANGERS: dict[str, Callable[[int], None]] = {
    "HTTP": _send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
    "SSH": _send(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "text": _send(b"hello? \x1b[2J is anybody there\r\n"),
    "noise": _send(random.Random(SEED).randbytes(4096)),
    "TLS without ALPN": _shake_hands(ssl.TLSVersion.TLSv1_3, []),
    "TLS with another ALPN": _shake_hands(ssl.TLSVersion.TLSv1_3, ["http/1.1"]),
    "TLS 1.2": _shake_hands(ssl.TLSVersion.TLSv1_2, ["visavis/1"]),
}


@pytest.mark.parametrize("visit", STRANGERS.values(), ids=STRANGERS)
def test_a_stranger_is_turned_away_with_one_line(
    visit: Callable[[int], None], listener: Shared
) -> None:
    lines = listener.peer.said.count(TURNED_AWAY)
    count = len(listener.peer.find_events("rejected", reason="not_our_protocol"))
    visit(listener.peer.port)
    listener.peer.wait_event("rejected", reason="not_our_protocol", times=count + 1)
    listener.peer.wait_said(TURNED_AWAY, times=lines + 1)
    expect_well(listener)
    assert listener.peer.said.count(TURNED_AWAY) == lines + 1
    assert "\x1b" not in listener.peer.said


def test_those_who_say_nothing_hold_nobody_up_and_are_let_go(listener: Shared) -> None:
    before = len(listener.peer.find_events("rejected", reason="timed_out"))
    silent = [socket.create_connection(("127.0.0.1", listener.peer.port)) for _ in range(8)]
    try:
        expect_well(listener)
        listener.peer.wait_event("rejected", reason="timed_out", times=before + 1)
        for sock in silent:
            sock.settimeout(DEADLINE_S)
            assert sock.recv(1) == b""
    finally:
        for sock in silent:
            sock.close()


# Callers that break the rules before they are accepted.


def _hello(version: int = PROTOCOL_VERSION) -> Hello:
    return Hello(version, "Raw", bytes(32), CAN_DECODE)


def _cut_short(raw: RawPeer) -> None:
    raw.write(encode_message(MessageType.CONTROL, encode_control(_hello()))[:20])
    raw.break_off()


def _other_nonce(raw: RawPeer) -> None:
    raw.send(_hello())
    raw.await_control(Hello)
    raw.send(Proof(bytes(32), raw.identity.certificate_der, bytes(64)))


def _wrong_signature(raw: RawPeer) -> None:
    raw.send(Hello(PROTOCOL_VERSION, "Raw", commitment(bytes(32)), CAN_DECODE))
    raw.await_control(Hello)
    raw.send(Proof(bytes(32), raw.identity.certificate_der, bytes(64)))


def _say_hello_twice(raw: RawPeer) -> None:
    raw.send(_hello())
    raw.send(_hello())


def _flood_before_hello(raw: RawPeer) -> None:
    for _ in range(50_000):
        raw.send(Ping(1))


BEFORE_ACCEPT: dict[str, tuple[Callable[[RawPeer], None], str]] = {
    "a malformed hello": (
        lambda raw: raw.send_control(b"\x82\xa4type\xa5hello\xa7version\xa1x"),
        "protocol_error",
    ),
    "no map": (lambda raw: raw.send_control(b"\xc1\xc1\xc1"), "protocol_error"),
    "too long a message": (
        lambda raw: raw.write(HEADER.pack(MessageType.CONTROL, 0, 16_381) + bytes(64)),
        "protocol_error",
    ),
    "a message cut short": (_cut_short, "left"),
    "a picture": (
        lambda raw: raw.write(encode_message(MessageType.VIDEO, bytes(40), FIRST | LAST)),
        "protocol_error",
    ),
    "accept of a caller": (lambda raw: raw.send(Accept()), "protocol_error"),
    "another nonce than it committed to": (_other_nonce, "protocol_error"),
    "a wrong signature": (_wrong_signature, "proof_wrong"),
    "a flood": (_flood_before_hello, "protocol_error"),
    "two hellos": (_say_hello_twice, "protocol_error"),
}


@pytest.mark.parametrize(("body", "reason"), BEFORE_ACCEPT.values(), ids=BEFORE_ACCEPT)
def test_a_caller_that_breaks_the_protocol_before_accept_is_turned_away(
    body: Callable[[RawPeer], None], reason: str, listener: Shared
) -> None:
    lines = listener.peer.said.count(TURNED_AWAY)
    count = len(listener.peer.find_events("rejected", reason=reason))
    with dial(listener.peer.port, listener.folder / "raw") as raw:
        try:
            body(raw)
            raw.await_end()
        except OSError:
            pass  # Turned away while it still spoke.
    listener.peer.wait_event("rejected", reason=reason, times=count + 1)
    listener.peer.wait_said(TURNED_AWAY, times=lines + 1)
    expect_well(listener)
    assert listener.peer.said.count(TURNED_AWAY) == lines + 1


def test_another_version_is_rejected_by_that_word(listener: Shared) -> None:
    with dial(listener.peer.port, listener.folder / "raw") as raw:
        raw.send(_hello(version=2))
        assert raw.await_control(Hello).version == PROTOCOL_VERSION
        assert raw.await_control(Reject).reason == "version"
        raw.await_end()
    listener.peer.wait_event("rejected", reason="version")
    expect_well(listener)


# Callers that break the rules in a call.


def _pieces(payload: bytes, *, sequence: int = 0, fragment_bytes: int = 1200) -> list[bytes]:
    return list(split_packet(VideoPacket(sequence, 0, True, payload), fragment_bytes))


def _piece(flags: int, payload: bytes) -> bytes:
    return encode_message(MessageType.VIDEO, payload, flags)


def _announce(raw: RawPeer, codec: str = "h264") -> None:
    raw.send(VideoFormat(codec, 320, 180, 0))


def _write_all(raw: RawPeer, *messages: bytes) -> None:
    for message in messages:
        raw.write(message)


def _skip_first_piece(raw: RawPeer) -> None:
    _announce(raw)
    _write_all(raw, *_pieces(bytes(5000))[1:])


def _interleave(raw: RawPeer) -> None:
    _announce(raw)
    first, second = _pieces(bytes(5000)), _pieces(bytes(5000), sequence=1)
    _write_all(raw, first[0], second[0])


def _repeat_sequence(raw: RawPeer) -> None:
    _announce(raw)
    _write_all(raw, *_pieces(bytes(100)), *_pieces(bytes(100)))


def _longer_than_announced(raw: RawPeer) -> None:
    raw.write(_piece(FIRST, OPENING.pack(0, 0, 100) + bytes(200)))


def _shorter_than_announced(raw: RawPeer) -> None:
    raw.write(_piece(FIRST | LAST, OPENING.pack(0, 0, 100) + bytes(50)))


def _announce_too_much(raw: RawPeer) -> None:
    raw.write(_piece(FIRST, OPENING.pack(0, 0, 4 * 1024 * 1024 + 1) + bytes(50)))


def _end_within_a_message(raw: RawPeer) -> None:
    raw.write(HEADER.pack(MessageType.VIDEO, FIRST | LAST, 900) + b"x")
    raw.break_off()


def _flood_of_states(raw: RawPeer) -> None:
    message = encode_message(MessageType.CONTROL, encode_control(PictureState("hidden")))
    for _ in range(2000):  # It is cut off long before.
        raw.write(message * 500)


IN_CALL: dict[str, tuple[Callable[[RawPeer], None], str]] = {
    "malformed control": (
        lambda raw: raw.send_control(b"\x81\xa4type\xa4ping"),
        "protocol_error",
    ),
    "too long a message": (
        lambda raw: raw.write(HEADER.pack(MessageType.VIDEO, 3, 65_535) + bytes(64)),
        "protocol_error",
    ),
    "the end within a message": (_end_within_a_message, "link_lost"),
    "control out of turn": (lambda raw: raw.send(Ringing()), "protocol_error"),
    "a second hello": (lambda raw: raw.send(_hello()), "protocol_error"),
    "a piece without its first": (_skip_first_piece, "protocol_error"),
    "pieces of two packets": (_interleave, "protocol_error"),
    "a packet twice": (_repeat_sequence, "protocol_error"),
    "pieces longer than announced": (_longer_than_announced, "protocol_error"),
    "pieces shorter than announced": (_shorter_than_announced, "protocol_error"),
    "an empty packet": (
        lambda raw: raw.write(_piece(FIRST | LAST, OPENING.pack(0, 0, 0))),
        "protocol_error",
    ),
    "more than 4 MiB announced": (_announce_too_much, "protocol_error"),
    "a first piece cut short": (
        lambda raw: raw.write(_piece(FIRST, b"abc")),
        "protocol_error",
    ),
    "a picture without a format": (
        lambda raw: _write_all(raw, *_pieces(bytes(100))),
        "protocol_error",
    ),
    "an unknown codec": (
        lambda raw: raw.send(VideoFormat("vp9", 320, 180, 0)),
        "protocol_error",
    ),
    "too large a format": (
        lambda raw: raw.send(VideoFormat("h264", 8192, 8192, 0)),
        "protocol_error",
    ),
    "feedback of what was never sent": (
        lambda raw: raw.send(Feedback(10**12, 10**6, 10**6, 0)),
        "protocol_error",
    ),
    "a flood that nobody can take in": (_flood_of_states, "protocol_error"),
}


@pytest.mark.parametrize(("body", "reason"), IN_CALL.values(), ids=IN_CALL)
def test_a_caller_that_breaks_the_protocol_in_a_call_ends_it(
    body: Callable[[RawPeer], None], reason: str, listener: Shared
) -> None:
    count = len(listener.peer.find_events("ended", reason=reason))
    with call(listener) as raw:
        try:
            body(raw)
            raw.await_end()
        except OSError:
            pass  # Ended while it still spoke.
    listener.peer.wait_event("ended", reason=reason, times=count + 1)
    expect_well(listener)


# What a call survives.


def _jpeg_bomb() -> bytes:
    """Return a JPEG's header that announces 65,500 x 65,500, with nothing behind it."""
    size = struct.pack(">BHHB", 8, 65_500, 65_500, 3) + bytes([1, 17, 0, 2, 17, 1, 3, 17, 1])
    return b"\xff\xd8\xff\xc0" + struct.pack(">H", len(size) + 2) + size + b"\xff\xd9"


def _h264_bomb() -> bytes:
    """Return a sequence header that announces 8160 x 8160, and a slice of noise."""
    bits = "".join(f"{value:08b}" for value in (66, 0, 62))

    def golomb(value: int) -> str:
        text = f"{value + 1:b}"
        return "0" * (len(text) - 1) + text

    for value in (0, 0, 2, 16):
        bits += golomb(value)
    bits += "0" + golomb(509) + golomb(509) + "1100" + "1"
    bits += "0" * (-len(bits) % 8)
    header = int(bits, 2).to_bytes(len(bits) // 8, "big")
    return b"\0\0\0\1\x67" + header + b"\0\0\0\1\x65" + random.Random(SEED).randbytes(2000)


SURVIVED: dict[str, tuple[str, bytes]] = {
    "noise for H.264": ("h264", random.Random(SEED).randbytes(60_000)),
    "a larger H.264 picture than announced": ("h264", _h264_bomb()),
    "noise for a JPEG": ("mjpeg", b"\xff\xd8" + random.Random(SEED).randbytes(60_000)),
    "a JPEG of 65,500 x 65,500": ("mjpeg", _jpeg_bomb()),
    "as much as a packet may hold": ("h264", bytes(4 * 1024 * 1024)),
}


@pytest.mark.parametrize(("codec", "payload"), SURVIVED.values(), ids=SURVIVED)
def test_pictures_that_do_not_decode_are_passed_over_and_a_keyframe_is_asked_for(
    codec: str, payload: bytes, listener: Shared
) -> None:
    with call(listener) as raw:
        _announce(raw, codec)
        for sequence in range(5):
            _write_all(raw, *_pieces(payload, sequence=sequence, fragment_bytes=16_000))
        raw.await_control(KeyframeRequest)
        raw.await_control(Feedback, lambda feedback: feedback.decoded == 5)
        raw.hang_up()
    listener.peer.wait_event("ended", reason="remote_hung_up")
    assert read_statistics(listener.figures)[-1]["video_in_width"] == 320
    expect_well(listener)


def test_what_a_later_version_may_say_is_skipped_before_and_in_a_call(listener: Shared) -> None:
    unknown = [
        encode_message(MessageType.CONTROL, b"\x82\xa4type\xa6future\xa1x\x01"),
        HEADER.pack(9, 255, 3) + b"abc",
        HEADER.pack(200, 0, 0),
    ]
    with dial(listener.peer.port, listener.folder / "raw") as raw:
        _write_all(raw, *unknown)
        raw.call()
        _write_all(raw, *unknown)
        # Flags and fields that nobody knows are ignored.
        raw.write(
            encode_message(
                MessageType.CONTROL, b"\x83\xa4type\xa4ping\xa7sent_us\x05\xa3new\xc0", 255
            )
        )
        raw.await_control(Pong, lambda pong: pong.sent_us == 5)
        raw.hang_up()
    expect_well(listener)


def test_a_flood_that_can_be_taken_in_does_no_harm(listener: Shared) -> None:
    with call(listener) as raw:
        for kind in (Ping(3), KeyframeRequest(), Feedback(0, 0, 0, 0)):
            message = encode_message(MessageType.CONTROL, encode_control(kind))
            for _ in range(40):
                raw.write(message * 250)
        raw.send(Ping(4))
        raw.await_control(Pong, lambda pong: pong.sent_us == 4)
        raw.hang_up()
    expect_well(listener)


def test_a_caller_that_reads_nothing_is_hung_up_on_and_costs_no_memory(listener: Shared) -> None:
    with call(listener):
        before = len(listener.peer.find_events("ended", reason="link_lost"))
        listener.peer.wait_event("ended", reason="link_lost", times=before + 1)
    expect_well(listener)


def test_after_all_of_them_a_real_caller_is_served(listener: Shared, start: StartPeer) -> None:
    caller = start("connect", f"127.0.0.1:{listener.peer.port}", "--duration=1", "--stats=-")
    assert caller.wait() == 0
    assert read_statistics(caller.out)[-1]["video_in_width"] == 320
    _wait_waiting(listener)  # The caller may be gone a moment before.
    with call(listener) as raw:
        raw.send(Bye("so long"))
        raw.await_control(Bye)
        raw.await_end()
    assert "so long" in listener.peer.find_events("ended")[-1]["sentence"]
