"""net/link/pending_link.py: two connections get each other to a call; strangers get nowhere."""

import contextlib
import gc
import random
import select
import socket
import ssl
from collections.abc import Iterator

import psutil
import pytest

from net.errors import LinkLost, NetError, NotOurProtocol, ProtocolError
from net.link.pending_link import MAX_OUTGOING_BYTES, STEP_LIMIT_US, PendingLink
from net.link.tls import TlsStream, client_context, server_context
from net.protocol.control import (
    Accept,
    Bye,
    Control,
    Feedback,
    Hello,
    Ping,
    Pong,
    Ringing,
    decode_control,
    encode_control,
)
from net.protocol.framing import Message, MessageParser, MessageType, encode_message
from net.protocol.handshake import Handshake
from net.protocol.local_end import LocalEnd
from net.protocol.states import Role, State
from net.trust.identity import Identity, fingerprint_of, load_or_make_identity, verify

NOW_US = 1_000_000_000
DEADLINE_S = 20.0
KIB = 1024


@pytest.fixture(scope="module")
def alice(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    """She calls."""
    return load_or_make_identity(tmp_path_factory.mktemp("alice"))


@pytest.fixture(scope="module")
def bob(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    """He is called."""
    return load_or_make_identity(tmp_path_factory.mktemp("bob"))


class Door:
    """Bob's door: pairs of sockets with one of his pending links at one end."""

    def __init__(self, alice: Identity, bob: Identity) -> None:
        self.alice = alice
        self.bob = bob
        self.is_busy = False
        self._context = server_context(bob)
        self._stack = contextlib.ExitStack()

    def close(self) -> None:
        """Close all that was opened."""
        self._stack.close()

    def close_later(self, sock: socket.socket) -> None:
        """Close a socket at the end of the test."""
        self._stack.callback(sock.close)

    def sockets(self) -> tuple[socket.socket, socket.socket]:
        """Return two ends of one connection that never block."""
        pair = socket.socketpair()
        for sock in pair:
            sock.setblocking(False)
            self.close_later(sock)
        return pair

    def callee(self, sock: socket.socket) -> PendingLink:
        """Return Bob's end on a socket."""

        def make_handshake(tls: TlsStream) -> Handshake:
            return Handshake(
                Role.CALLEE,
                LocalEnd(
                    credentials=self.bob, verify=verify, name="Bob", can_decode=[], can_hear=[]
                ),
                nonce=b"d" * 32,
                callee_fingerprint=self.bob.fingerprint,
                find_refusal=lambda: "busy" if self.is_busy else "",
            )

        tls = TlsStream(self._context, server_side=True)
        return PendingLink(sock, tls, make_handshake, address="10.0.0.2", opened_us=NOW_US)

    def caller(self, sock: socket.socket) -> PendingLink:
        """Return Alice's end on a socket; it has not said anything yet."""

        def make_handshake(tls: TlsStream) -> Handshake:
            certificate = tls.peer_certificate_der()
            assert certificate is not None
            return Handshake(
                Role.CALLER,
                LocalEnd(
                    credentials=self.alice, verify=verify, name="Alice", can_decode=[], can_hear=[]
                ),
                nonce=b"c" * 32,
                callee_fingerprint=fingerprint_of(certificate),
            )

        tls = TlsStream(client_context(), server_side=False)
        return PendingLink(sock, tls, make_handshake, address="10.0.0.1", opened_us=NOW_US)

    def both(self) -> tuple[PendingLink, PendingLink]:
        """Return caller and callee of one connection."""
        near, far = self.sockets()
        return self.caller(near), self.callee(far)

    def ringing(self) -> tuple[PendingLink, PendingLink]:
        """Return caller and callee of which the caller hears it ring."""
        caller, callee = self.both()
        caller.start()
        settle(caller, callee)
        callee.send(Ringing())
        callee.flush()
        settle(caller, callee)
        assert {caller.state, callee.state} == {State.RINGING}
        return caller, callee


@pytest.fixture
def door(alice: Identity, bob: Identity) -> Iterator[Door]:
    """Bob's door."""
    with contextlib.closing(Door(alice, bob)) as opened:
        yield opened


def settle(*links: PendingLink) -> None:
    """Let each read until nobody has anything more to say, or it is over."""
    for _ in range(12):
        for link in links:
            if link.state is not State.ENDED:
                link.on_readable(NOW_US)


def read_soon(link: PendingLink) -> None:
    """Wait for something over TCP, where bytes take a moment, and take it."""
    assert select.select([link], [], [], DEADLINE_S)[0], "nothing came"
    link.on_readable(NOW_US)


class Stranger:
    """Somebody who gets through TLS and then says what it likes."""

    def __init__(self, sock: socket.socket, context: ssl.SSLContext) -> None:
        self.sock = sock
        self.tls = TlsStream(context, server_side=False)
        self.parser = MessageParser()

    def shake_hands(self, callee: PendingLink) -> None:
        """Go through TLS, against a callee that reads."""
        for _ in range(5):
            is_complete = self.tls.handshake()
            self.flush()
            callee.on_readable(NOW_US)
            if is_complete:
                return
            self.read()
        raise AssertionError("the handshake has no end")

    def flush(self) -> None:
        """Send what TLS has."""
        self.sock.sendall(self.tls.take_outgoing())

    def read(self) -> None:
        """Take what has come."""
        with contextlib.suppress(BlockingIOError):
            while data := self.sock.recv(64 * KIB):
                self.tls.feed(data)

    def say(self, *messages: bytes) -> None:
        """Send messages, with their headers, in one TLS record."""
        self.tls.write(b"".join(messages))
        self.flush()

    def heard(self) -> list[Control | None]:
        """Return the control messages that came."""
        self.read()
        while plaintext := self.tls.read(64 * KIB):
            self.parser.feed(plaintext)
            if self.parser.held_bytes > 128 * KIB:
                break
        return [decode_control(m.payload) for m in iter(self.parser.next_message, None)]


def control(message: Control) -> bytes:
    return encode_message(MessageType.CONTROL, encode_control(message))


HELLO = control(Hello(1, "Mallory", bytes(32)))


def stranger_at(door: Door) -> tuple[Stranger, PendingLink]:
    near, far = door.sockets()
    callee = door.callee(far)
    stranger = Stranger(near, client_context())
    stranger.shake_hands(callee)
    assert callee.handshake is not None
    return stranger, callee


def test_two_ends_get_from_tls_to_the_ring(door: Door) -> None:
    caller, callee = door.both()
    assert {caller.state, callee.state} == {State.AWAITS_HELLO}
    caller.start()
    settle(caller, callee)
    assert [caller.state, callee.state] == [State.AWAITS_RINGING, State.RINGING]
    assert caller.handshake is not None
    assert callee.handshake is not None
    assert caller.handshake.peer_fingerprint == door.bob.fingerprint
    assert callee.handshake.peer_fingerprint == door.alice.fingerprint
    assert not caller.wants_to_write
    assert not callee.wants_to_write


def test_an_accepted_connection_becomes_a_link_at_both_ends(door: Door) -> None:
    caller, callee = door.ringing()
    callee.send(Accept())
    callee.flush()
    far = callee.detach()
    # What the callee says at once comes with its accept, or after it.
    far.outbox.put_control(b"first")
    far.send_next(0)
    settle(caller)
    assert caller.state is State.CALL
    near = caller.detach()
    far.outbox.put_control(b"second")
    far.send_next(0)
    came: list[Message] = []
    while len(came) < 2:
        assert near.receive(came.append)
    near.outbox.put_control(b"back")
    near.send_next(0)
    while len(came) < 3:
        assert far.receive(came.append)
    assert [m.payload for m in came] == [b"first", b"second", b"back"]
    near.release()
    far.release()


def test_an_accept_that_the_socket_did_not_take_goes_with_the_link(door: Door) -> None:
    caller, callee = door.ringing()
    callee.send(Accept())
    assert callee.wants_to_write
    far = callee.detach()
    far.send_next(0)
    settle(caller)
    assert caller.state is State.CALL


def test_only_an_accepted_connection_becomes_a_link(door: Door) -> None:
    for link in (*door.both(), *door.ringing()):
        with pytest.raises(AssertionError):
            link.detach()


def test_all_bytes_may_come_one_by_one(door: Door) -> None:
    here, near = door.sockets()
    there, far = door.sockets()
    caller, callee = door.caller(here), door.callee(there)
    caller.start()
    for _ in range(8):
        for sender, receiver, link in ((near, far, callee), (far, near, caller)):
            with contextlib.suppress(BlockingIOError):
                for byte in sender.recv(64 * KIB):
                    receiver.sendall(bytes([byte]))
                    link.on_readable(NOW_US)
    assert callee.state is State.RINGING
    assert caller.state is State.AWAITS_RINGING


@pytest.mark.parametrize("kind", [MessageType.AUDIO, MessageType.VIDEO, MessageType.FILE])
@pytest.mark.parametrize("after_hello", [False, True])
def test_media_before_accept_is_the_protocol_error(
    door: Door, kind: MessageType, after_hello: bool
) -> None:
    stranger, callee = stranger_at(door)
    if after_hello:
        stranger.say(HELLO)
        callee.on_readable(NOW_US)
    stranger.say(encode_message(kind, b"x"))
    with pytest.raises(ProtocolError, match="before the call was accepted"):
        callee.on_readable(NOW_US)


def test_media_while_it_rings_is_the_protocol_error_at_both_ends(door: Door) -> None:
    for index in (0, 1):
        pair = door.ringing()
        pair[index]._tls.write(encode_message(MessageType.VIDEO, b"x"))
        pair[index]._outgoing += pair[index]._tls.take_outgoing()
        pair[index].flush()
        with pytest.raises(ProtocolError, match="before the call was accepted"):
            settle(pair[1 - index])


def test_what_a_later_version_says_is_skipped_and_counted(door: Door) -> None:
    stranger, callee = stranger_at(door)
    later = encode_message(MessageType.CONTROL, b"\x81\xa4type\xa5later")
    stranger.say(b"\x09\x00\x00\x02ab", later, HELLO, later)
    callee.on_readable(NOW_US)
    assert callee.counters.unknown_messages == 3
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
def test_what_may_not_come_first_is_the_protocol_error(door: Door, message: bytes) -> None:
    stranger, callee = stranger_at(door)
    stranger.say(message)
    with pytest.raises(ProtocolError):
        callee.on_readable(NOW_US)


@pytest.mark.parametrize(
    ("opening", "who"),
    [
        (b"GET / HTTP/1.1\r\nHost: bob\r\n\r\n", "browser"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "SSH"),
        (bytes(100), "another kind"),
    ],
)
def test_another_program_is_named(door: Door, opening: bytes, who: str) -> None:
    near, far = door.sockets()
    callee = door.callee(far)
    near.sendall(opening)
    with pytest.raises(NotOurProtocol, match=who):
        callee.on_readable(NOW_US)
    assert callee.handshake is None


def test_random_bytes_are_no_call(door: Door) -> None:
    dice = random.Random(5000)
    for _ in range(50):
        near, far = door.sockets()
        callee = door.callee(far)
        near.sendall(dice.randbytes(dice.randint(1, 4_000)))
        with contextlib.suppress(NetError):
            callee.on_readable(NOW_US)
        assert callee.handshake is None
        callee.close()


def test_tls_without_our_alpn_is_not_our_protocol(door: Door) -> None:
    context = client_context()
    context.set_alpn_protocols(["h2"])
    near, far = door.sockets()
    callee = door.callee(far)
    with pytest.raises(NotOurProtocol, match="speaks TLS, but not"):
        Stranger(near, context).shake_hands(callee)
    assert callee.handshake is None


def test_a_caller_whose_listener_speaks_something_else_says_what(door: Door) -> None:
    near, far = door.sockets()
    caller = door.caller(near)
    caller.start()
    far.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    with pytest.raises(NotOurProtocol, match="web server"):
        caller.on_readable(NOW_US)


@pytest.mark.parametrize("said", [b"", b"\x16\x03\x01"])
def test_who_goes_away_before_tls_is_a_lost_link(door: Door, said: bytes) -> None:
    near, far = door.sockets()
    callee = door.callee(far)
    near.sendall(said)
    if said:
        callee.on_readable(NOW_US)
    near.close()
    with pytest.raises(LinkLost):
        callee.on_readable(NOW_US)


def test_who_goes_away_while_it_rings_is_a_lost_link(door: Door) -> None:
    for index in (0, 1):
        pair = door.ringing()
        pair[index].close()
        with pytest.raises(LinkLost):
            pair[1 - index].on_readable(NOW_US)


def test_nothing_to_read_is_no_error(door: Door) -> None:
    _, callee = door.both()
    callee.on_readable(NOW_US + 5)
    assert callee.heard_us == NOW_US


def test_the_steps_have_a_limit_and_the_ring_has_none(door: Door) -> None:
    caller, callee = door.both()
    for link in (caller, callee):
        assert not link.is_late(NOW_US + STEP_LIMIT_US)
        assert link.is_late(NOW_US + STEP_LIMIT_US + 1)
    for link in door.ringing():
        assert not link.is_late(NOW_US + 100 * STEP_LIMIT_US)


def test_a_byte_now_and_then_does_not_lengthen_the_limit(door: Door) -> None:
    near, far = door.sockets()
    callee = door.callee(far)
    near.sendall(b"\x16")
    callee.on_readable(NOW_US + STEP_LIMIT_US)
    assert callee.heard_us == NOW_US + STEP_LIMIT_US
    assert callee.is_late(NOW_US + STEP_LIMIT_US + 1)


def test_a_ping_while_it_rings_is_answered(door: Door) -> None:
    caller, callee = door.ringing()
    caller.send(Ping(77))
    caller.flush()
    callee.on_readable(NOW_US + 5)
    settle(caller)
    assert caller.take_pongs() == [Pong(77, NOW_US + 5, NOW_US + 5)]
    assert caller.take_pongs() == []


def test_a_busy_callee_says_so_and_ends(door: Door) -> None:
    door.is_busy = True
    caller, callee = door.both()
    caller.start()
    settle(callee, caller)
    assert {callee.state, caller.state} == {State.ENDED}
    assert caller.handshake is not None
    assert caller.handshake.rejection == "busy"


def test_a_decline_gets_to_a_caller_that_is_talking_over_tcp(door: Door) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        near = socket.create_connection(listener.getsockname())
        far, _ = listener.accept()
    for sock in (near, far):
        sock.setblocking(False)
        door.close_later(sock)
    caller, callee = door.caller(near), door.callee(far)
    caller.start()
    while State.RINGING not in [callee.state]:
        read_soon(callee)
        if caller.handshake is None or caller.handshake.peer_hello is None:
            read_soon(caller)
    callee.send(Ringing())
    callee.flush()
    while State.RINGING not in [caller.state]:
        read_soon(caller)
    # A ping that the callee does not read any more.
    caller.send(Ping(1))
    caller.flush()
    assert select.select([callee], [], [], DEADLINE_S)[0]
    assert callee.handshake is not None
    callee.queue(callee.handshake.reject("declined"))
    callee.say_last()
    assert not callee.drain()
    read_soon(caller)
    assert caller.handshake is not None
    assert caller.handshake.rejection == "declined"
    caller.close()


def test_a_bye_while_it_rings_is_answered_by_a_bye(door: Door) -> None:
    caller, callee = door.ringing()
    caller.send(Bye("changed my mind"))
    caller.flush()
    settle(callee)
    assert callee.state is State.ENDED
    callee.say_last(Bye())
    data = b""
    with contextlib.suppress(BlockingIOError):
        data = caller._socket.recv(64 * KIB)
    caller._tls.feed(data)
    plaintext = caller._tls.read(64 * KIB)
    assert plaintext == control(Bye())


def test_after_the_last_word_what_still_comes_is_read_up_to_its_end(door: Door) -> None:
    caller, callee = door.ringing()
    caller.send(Ping(1))
    caller.flush()
    callee.say_last(Bye())
    for _ in range(3):
        assert not callee.drain()
    settle(caller)
    assert caller.state is State.ENDED
    caller.close()
    assert callee.drain()
    assert callee.drain()
    callee.close()


def test_a_last_word_to_who_is_gone_is_no_error(door: Door) -> None:
    caller, callee = door.ringing()
    caller.close()
    callee.say_last(Bye())
    assert callee.drain()


def test_the_last_word_goes_out_with_what_waited(door: Door) -> None:
    caller, callee = door.ringing()
    caller.send(Ping(1))
    caller.say_last(Bye("enough"))
    settle(callee)
    assert callee.state is State.ENDED
    callee.close()


def test_who_asks_and_never_reads_is_dropped(door: Door) -> None:
    caller, callee = door.ringing()
    ping = control(Ping(1))
    callee._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)

    def ask_on() -> None:
        for _ in range(10_000):
            caller._tls.write(ping * 20)
            caller._socket.sendall(caller._tls.take_outgoing())
            callee.on_readable(NOW_US)

    with pytest.raises(LinkLost, match="stopped reading"):
        ask_on()
    assert len(callee._outgoing) < MAX_OUTGOING_BYTES + KIB


def test_a_connection_costs_less_than_200_kib(door: Door) -> None:
    def fill() -> tuple[Stranger, PendingLink]:
        """The most that a stranger can have waiting: a record and a message, both nearly whole."""
        stranger, callee = stranger_at(door)
        message = encode_message(MessageType.CONTROL, bytes(16_380))
        stranger.say(HELLO)
        stranger.say(message[:-1])
        stranger.tls.write(message)
        record = stranger.tls.take_outgoing()
        for start in range(0, len(record) - 1, 4 * KIB):
            stranger.sock.sendall(record[start : len(record) - 1][: 4 * KIB])
            callee.on_readable(NOW_US)
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
    # Both ends of each connection are in this process, and are counted here.
    assert grown / count < 200 * KIB
