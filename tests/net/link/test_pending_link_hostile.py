"""Claims about net/link/pending_link.py: strangers get nowhere and cost little."""

import contextlib
import gc
import random
import socket

import psutil
import pytest

from net.errors import LinkLost, NetError, NotOurProtocol, ProtocolError
from net.link.pending_link import MAX_OUTGOING_BYTES
from net.link.tls import client_context
from net.protocol.control import Accept, Feedback, Ping, Pong, Ringing
from net.protocol.framing import MessageType, encode_message
from net.protocol.states import State
from tests.support.pending_links import (
    HELLO,
    KIB,
    NOW_US,
    PendingEnd,
    PendingLinks,
    Stranger,
    control,
    settle,
)


@pytest.mark.parametrize("kind", [MessageType.AUDIO, MessageType.VIDEO, MessageType.FILE])
@pytest.mark.parametrize("after_hello", [False, True])
def test_media_before_accept_is_a_protocol_error(
    links: PendingLinks, kind: MessageType, after_hello: bool
) -> None:
    stranger, callee = links.stranger()
    if after_hello:
        stranger.send(HELLO)
        callee.read()
    stranger.send(encode_message(kind, b"x"))
    with pytest.raises(ProtocolError, match="before the call was accepted"):
        callee.read()


def test_media_while_ringing_is_a_protocol_error_at_both_ends(links: PendingLinks) -> None:
    for index in (0, 1):
        pair = links.ringing()
        links.write(pair[index], encode_message(MessageType.VIDEO, b"x"))
        with pytest.raises(ProtocolError, match="before the call was accepted"):
            settle(pair[1 - index])


def test_messages_of_a_later_version_are_skipped_and_counted(links: PendingLinks) -> None:
    stranger, callee = links.stranger()
    later = encode_message(MessageType.CONTROL, b"\x81\xa4type\xa5later")
    stranger.send(b"\x09\x00\x00\x02ab", later, HELLO, later)
    callee.read()
    assert callee.link.counters.unknown_messages == 3
    assert callee.state is State.AWAITS_PROOF


@pytest.mark.parametrize(
    "message",
    [
        control(Accept()),
        control(Ringing()),
        control(Ping(1)),
        control(Feedback(0, 0, 0, 0)),
        encode_message(MessageType.CONTROL, b""),
        encode_message(MessageType.CONTROL, b"\x91" * 5_000),
        b"\x00\x00\xff\xff",
    ],
)
def test_first_message_other_than_hello_is_a_protocol_error(
    links: PendingLinks, message: bytes
) -> None:
    stranger, callee = links.stranger()
    stranger.send(message)
    with pytest.raises(ProtocolError):
        callee.read()


@pytest.mark.parametrize(
    ("opening", "who"),
    [
        (b"GET / HTTP/1.1\r\nHost: bob\r\n\r\n", "browser"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "SSH"),
        (bytes(100), "another kind"),
    ],
)
def test_error_names_the_other_program(links: PendingLinks, opening: bytes, who: str) -> None:
    near, far = links.sockets()
    callee = links.callee(far)
    near.sendall(opening)
    with pytest.raises(NotOurProtocol, match=who):
        callee.read()
    assert callee.handshake is None


def test_random_bytes_never_start_a_handshake(links: PendingLinks) -> None:
    dice = random.Random(5000)
    for _ in range(50):
        near, far = links.sockets()
        callee = links.callee(far)
        near.sendall(dice.randbytes(dice.randint(1, 4_000)))
        with contextlib.suppress(NetError):
            callee.read()
        assert callee.handshake is None
        callee.close()


def test_tls_without_our_alpn_is_not_our_protocol(links: PendingLinks) -> None:
    context = client_context()
    context.set_alpn_protocols(["h2"])
    near, far = links.sockets()
    callee = links.callee(far)
    with pytest.raises(NotOurProtocol, match="speaks TLS, but not"):
        Stranger(near, context).shake_hands(callee)
    assert callee.handshake is None


def test_caller_names_the_program_that_answers_instead_of_a_listener(links: PendingLinks) -> None:
    near, far = links.sockets()
    caller = links.caller(near)
    caller.start()
    far.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    with pytest.raises(NotOurProtocol, match="web server"):
        caller.read()


def test_peer_that_asks_but_never_reads_is_dropped(links: PendingLinks) -> None:
    near, far = links.sockets()
    far.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
    caller, callee = links.ringing((near, far))
    pings = control(Ping(1)) * 20
    pong_bytes = 20 * len(control(Pong(1, NOW_US, NOW_US)))
    answered_bytes = 0

    def keep_asking() -> None:
        nonlocal answered_bytes
        while answered_bytes < 10 * MAX_OUTGOING_BYTES:
            links.write(caller, pings)
            answered_bytes += pong_bytes
            callee.read()

    with pytest.raises(LinkLost, match="stopped reading"):
        keep_asking()
    # The socket holds some of the answers, and the queue the rest.
    assert answered_bytes < 2 * MAX_OUTGOING_BYTES
    assert len(callee.link.outgoing) < MAX_OUTGOING_BYTES + KIB


def test_connection_costs_less_than_200_kib(links: PendingLinks) -> None:
    def fill() -> tuple[Stranger, PendingEnd]:
        """Fill one connection as far as a stranger can: an incomplete record and message."""
        stranger, callee = links.stranger()
        message = encode_message(MessageType.CONTROL, bytes(16_380))
        stranger.send(HELLO)
        stranger.send(message[:-1])
        stranger.tls.write(message)
        record = stranger.tls.take_outgoing()
        for start in range(0, len(record) - 1, 4 * KIB):
            stranger.sock.sendall(record[start : len(record) - 1][: 4 * KIB])
            callee.read()
        assert callee.state is State.AWAITS_PROOF
        return stranger, callee

    process = psutil.Process()
    warm = [fill() for _ in range(10)]
    gc.collect()
    before = process.memory_info().rss
    count = 100
    full = [fill() for _ in range(count)]
    gc.collect()
    grown = process.memory_info().rss - before
    assert len(warm) + len(full) == count + 10
    # The process holds both ends of each connection, so both are counted.
    assert grown / count < 200 * KIB
