"""A listener's answer to strangers, and to callers that break the protocol before accept."""

import random
import socket
import ssl
from collections.abc import Callable
from contextlib import closing

import pytest

from net.protocol.control import (
    PROTOCOL_VERSION,
    Accept,
    Hello,
    Ping,
    Pong,
    Proof,
    Reject,
    encode_control,
)
from net.protocol.fragments import FIRST, LAST
from net.protocol.framing import HEADER, MessageType, encode_message
from net.protocol.transcript import commitment
from tests.support.deadline import DEADLINE_S
from tests.support.raw_peer import CAN_DECODE, RawPeer, dial
from tests.support.shared_listener import RawBody, SharedListener

SEED = 7


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
"""The start of the listener's line about a caller that never rang."""

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
def test_stranger_is_turned_away_with_one_line(
    visit: Callable[[int], None], shared_listener: SharedListener
) -> None:
    lines = shared_listener.peer.said.count(TURNED_AWAY)
    count = len(shared_listener.peer.find_events("rejected", reason="not_our_protocol"))
    visit(shared_listener.peer.port)
    shared_listener.peer.wait_event("rejected", reason="not_our_protocol", times=count + 1)
    shared_listener.peer.wait_said(TURNED_AWAY, times=lines + 1)
    shared_listener.check_unharmed()
    assert shared_listener.peer.said.count(TURNED_AWAY) == lines + 1
    assert "\x1b" not in shared_listener.peer.said


def test_silent_connections_delay_no_caller_and_are_closed(shared_listener: SharedListener) -> None:
    before = len(shared_listener.peer.find_events("rejected", reason="timed_out"))
    silent = [socket.create_connection(("127.0.0.1", shared_listener.peer.port)) for _ in range(8)]
    try:
        shared_listener.check_unharmed()
        shared_listener.peer.wait_event("rejected", reason="timed_out", times=before + 1)
        for sock in silent:
            sock.settimeout(DEADLINE_S)
            assert sock.recv(1) == b""
    finally:
        for sock in silent:
            sock.close()


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


BEFORE_ACCEPT: dict[str, tuple[RawBody, str]] = {
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
def test_caller_that_breaks_the_protocol_before_accept_is_turned_away(
    body: RawBody, reason: str, shared_listener: SharedListener
) -> None:
    lines = shared_listener.peer.said.count(TURNED_AWAY)
    count = len(shared_listener.peer.find_events("rejected", reason=reason))
    with dial(shared_listener.peer.port, shared_listener.folder / "raw") as raw:
        try:
            body(raw)
            raw.await_end()
        except OSError:
            pass  # It was turned away while it still sent.
    shared_listener.peer.wait_event("rejected", reason=reason, times=count + 1)
    shared_listener.peer.wait_said(TURNED_AWAY, times=lines + 1)
    shared_listener.check_unharmed()
    assert shared_listener.peer.said.count(TURNED_AWAY) == lines + 1


def test_caller_with_another_version_is_rejected_with_that_reason(
    shared_listener: SharedListener,
) -> None:
    with dial(shared_listener.peer.port, shared_listener.folder / "raw") as raw:
        raw.send(_hello(version=2))
        assert raw.await_control(Hello).version == PROTOCOL_VERSION
        assert raw.await_control(Reject).reason == "version"
        raw.await_end()
    shared_listener.peer.wait_event("rejected", reason="version")
    shared_listener.check_unharmed()


def test_messages_of_a_later_version_are_skipped_before_and_during_a_call(
    shared_listener: SharedListener,
) -> None:
    unknown = [
        encode_message(MessageType.CONTROL, b"\x82\xa4type\xa6future\xa1x\x01"),
        HEADER.pack(9, 255, 3) + b"abc",
        HEADER.pack(200, 0, 0),
    ]
    with dial(shared_listener.peer.port, shared_listener.folder / "raw") as raw:
        raw.write(*unknown)
        raw.call()
        raw.write(*unknown)
        # Unknown flags and fields are ignored.
        raw.write(
            encode_message(
                MessageType.CONTROL, b"\x83\xa4type\xa4ping\xa7sent_us\x05\xa3new\xc0", 255
            )
        )
        raw.await_control(Pong, lambda pong: pong.sent_us == 5)
        raw.hang_up()
    shared_listener.check_unharmed()
