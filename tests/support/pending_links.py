"""Pending links: Alice's, Bob's, and a stranger's end of a connection before the call."""

import contextlib
import socket
import ssl
from collections.abc import Callable

from net.errors import LinkLost
from net.link.link import Link
from net.link.pending_link import PendingLink
from net.link.pending_socket import PendingSocket
from net.link.tls import TlsStream, client_context, server_context
from net.protocol.control import Control, Hello, Ringing, encode_control
from net.protocol.framing import MessageType, encode_message
from net.protocol.handshake import Handshake
from net.protocol.states import Role, State
from net.trust.identity import Identity, fingerprint_of
from tests.support.local_ends import local_end

NOW_US = 1_000_000_000
KIB = 1024


def control(message: Control) -> bytes:
    """Return a control message with its header."""
    return encode_message(MessageType.CONTROL, encode_control(message))


HELLO = control(Hello(1, "Mallory", bytes(32)))


class PendingEnd:
    """One end of a connection: a pending link and its socket, driven as the program drives them."""

    def __init__(
        self, sock: socket.socket, tls: TlsStream, make_handshake: Callable[[TlsStream], Handshake]
    ) -> None:
        self.link = PendingLink(tls, make_handshake, opened_us=NOW_US)
        self.socket = PendingSocket(sock, self.link)

    @property
    def state(self) -> State:
        """The state of the link."""
        return self.link.state

    @property
    def handshake(self) -> Handshake | None:
        """The link's handshake; None until TLS is complete."""
        return self.link.handshake

    def start(self) -> None:
        """Send the first bytes of TLS."""
        self.link.start()
        self.socket.flush()

    def read(self, now_us: int = NOW_US) -> None:
        """Handle the bytes that have arrived, and send the answers."""
        data = self.socket.read()
        if data is not None:
            try:
                self.link.receive_data(data, now_us)
            finally:
                with contextlib.suppress(LinkLost):
                    self.socket.flush()

    def send(self, message: Control) -> None:
        """Send a control message."""
        self.link.send(message)
        self.socket.flush()

    def detach(self) -> Link:
        """Return the link of an accepted call."""
        return self.socket.detach()

    def close(self) -> None:
        """Close the socket."""
        self.socket.close()


class PendingLinks:
    """Pending links of the caller Alice and the callee Bob, closed together.

    Attributes:
        is_busy: whether Bob's next links refuse with "busy".
    """

    def __init__(self, alice: Identity, bob: Identity) -> None:
        self.alice = alice
        self.bob = bob
        self.is_busy = False
        self._context = server_context(bob)
        self._ends: dict[PendingEnd, tuple[socket.socket, TlsStream]] = {}
        self._stack = contextlib.ExitStack()

    def close(self) -> None:
        """Close all sockets."""
        self._stack.close()

    def close_later(self, sock: socket.socket) -> None:
        """Close a socket at the end of the test."""
        self._stack.callback(sock.close)

    def sockets(self) -> tuple[socket.socket, socket.socket]:
        """Return the two ends of one connection, both non-blocking."""
        pair = socket.socketpair()
        for sock in pair:
            sock.setblocking(False)
            self.close_later(sock)
        return pair

    def callee(self, sock: socket.socket) -> PendingEnd:
        """Return Bob's end on a socket."""

        def make_handshake(tls: TlsStream) -> Handshake:
            return Handshake(
                Role.CALLEE,
                local_end(self.bob, "Bob"),
                nonce=b"d" * 32,
                callee_fingerprint=self.bob.fingerprint,
                find_refusal=lambda: "busy" if self.is_busy else "",
            )

        tls = TlsStream(self._context, server_side=True)
        return self._end(sock, tls, make_handshake)

    def caller(self, sock: socket.socket) -> PendingEnd:
        """Return Alice's end on a socket; it has sent nothing yet."""

        def make_handshake(tls: TlsStream) -> Handshake:
            certificate = tls.peer_certificate_der()
            assert certificate is not None
            return Handshake(
                Role.CALLER,
                local_end(self.alice, "Alice"),
                nonce=b"c" * 32,
                callee_fingerprint=fingerprint_of(certificate),
            )

        tls = TlsStream(client_context(), server_side=False)
        return self._end(sock, tls, make_handshake)

    def both(
        self, sockets: tuple[socket.socket, socket.socket] | None = None
    ) -> tuple[PendingEnd, PendingEnd]:
        """Return caller and callee of one connection."""
        near, far = sockets or self.sockets()
        return self.caller(near), self.callee(far)

    def ringing(
        self, sockets: tuple[socket.socket, socket.socket] | None = None
    ) -> tuple[PendingEnd, PendingEnd]:
        """Return caller and callee of one connection, both in the state RINGING."""
        caller, callee = self.both(sockets)
        caller.start()
        settle(caller, callee)
        callee.send(Ringing())
        settle(caller, callee)
        assert {caller.state, callee.state} == {State.RINGING}
        return caller, callee

    def stranger(self) -> tuple["Stranger", PendingEnd]:
        """Return a stranger after TLS, and Bob's end of its connection."""
        near, far = self.sockets()
        callee = self.callee(far)
        stranger = Stranger(near, client_context())
        stranger.shake_hands(callee)
        assert callee.handshake is not None
        return stranger, callee

    def write(self, end: PendingEnd, plaintext: bytes) -> None:
        """Send bytes from a link's end, bypassing its rules."""
        sock, tls = self._ends[end]
        tls.write(plaintext)
        sock.sendall(tls.take_outgoing())

    def read(self, end: PendingEnd) -> bytes:
        """Return the bytes that have arrived at a link's end, bypassing its rules."""
        sock, tls = self._ends[end]
        with contextlib.suppress(BlockingIOError):
            tls.feed(sock.recv(64 * KIB))
        return tls.read(64 * KIB) or b""

    def _end(
        self, sock: socket.socket, tls: TlsStream, make_handshake: Callable[[TlsStream], Handshake]
    ) -> PendingEnd:
        end = PendingEnd(sock, tls, make_handshake)
        self._ends[end] = (sock, tls)
        return end


class Stranger:
    """A caller that completes TLS and then sends any bytes."""

    def __init__(self, sock: socket.socket, context: ssl.SSLContext) -> None:
        self.sock = sock
        self.tls = TlsStream(context, server_side=False)

    def shake_hands(self, callee: PendingEnd) -> None:
        """Complete TLS with a callee, which reads in turn."""
        for _ in range(5):
            is_complete = self.tls.handshake()
            self._flush()
            callee.read()
            if is_complete:
                return
            with contextlib.suppress(BlockingIOError):
                while data := self.sock.recv(64 * KIB):
                    self.tls.feed(data)
        raise AssertionError("the handshake has no end")

    def send(self, *messages: bytes) -> None:
        """Send messages, with their headers, in one TLS record."""
        self.tls.write(b"".join(messages))
        self._flush()

    def _flush(self) -> None:
        self.sock.sendall(self.tls.take_outgoing())


def settle(*ends: PendingEnd) -> None:
    """Let both ends read until neither has more to send, or its handshake has ended."""
    for _ in range(12):
        for end in ends:
            if end.state is not State.ENDED:
                end.read()
