"""Pending links: Alice's, Bob's, and a stranger's end of a connection that is no call yet."""

import contextlib
import socket
import ssl
from collections.abc import Callable

from net.link.pending_link import PendingLink
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


class PendingLinks:
    """Makes pending links of Alice, who calls, and Bob, who is called; closes their sockets.

    Attributes:
        is_busy: whether Bob's next links refuse with "busy".
    """

    def __init__(self, alice: Identity, bob: Identity) -> None:
        self.alice = alice
        self.bob = bob
        self.is_busy = False
        self._context = server_context(bob)
        self._ends: dict[PendingLink, tuple[socket.socket, TlsStream]] = {}
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

    def callee(self, sock: socket.socket) -> PendingLink:
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
        return self._link(sock, tls, make_handshake, "10.0.0.2")

    def caller(self, sock: socket.socket) -> PendingLink:
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
        return self._link(sock, tls, make_handshake, "10.0.0.1")

    def both(
        self, sockets: tuple[socket.socket, socket.socket] | None = None
    ) -> tuple[PendingLink, PendingLink]:
        """Return caller and callee of one connection."""
        near, far = sockets or self.sockets()
        return self.caller(near), self.callee(far)

    def ringing(
        self, sockets: tuple[socket.socket, socket.socket] | None = None
    ) -> tuple[PendingLink, PendingLink]:
        """Return caller and callee of one connection, both in the state RINGING."""
        caller, callee = self.both(sockets)
        caller.start()
        settle(caller, callee)
        callee.send(Ringing())
        callee.flush()
        settle(caller, callee)
        assert {caller.state, callee.state} == {State.RINGING}
        return caller, callee

    def stranger(self) -> tuple["Stranger", PendingLink]:
        """Return a stranger after TLS, and Bob's end of its connection."""
        near, far = self.sockets()
        callee = self.callee(far)
        stranger = Stranger(near, client_context())
        stranger.shake_hands(callee)
        assert callee.handshake is not None
        return stranger, callee

    def write(self, link: PendingLink, plaintext: bytes) -> None:
        """Send bytes from a link's end, past its rules."""
        sock, tls = self._ends[link]
        tls.write(plaintext)
        sock.sendall(tls.take_outgoing())

    def read(self, link: PendingLink) -> bytes:
        """Return the bytes that have come to a link's end, past its rules."""
        sock, tls = self._ends[link]
        with contextlib.suppress(BlockingIOError):
            tls.feed(sock.recv(64 * KIB))
        return tls.read(64 * KIB) or b""

    def _link(
        self,
        sock: socket.socket,
        tls: TlsStream,
        make_handshake: Callable[[TlsStream], Handshake],
        address: str,
    ) -> PendingLink:
        link = PendingLink(sock, tls, make_handshake, address=address, opened_us=NOW_US)
        self._ends[link] = (sock, tls)
        return link


class Stranger:
    """A caller that completes TLS and then sends any bytes."""

    def __init__(self, sock: socket.socket, context: ssl.SSLContext) -> None:
        self.sock = sock
        self.tls = TlsStream(context, server_side=False)

    def shake_hands(self, callee: PendingLink) -> None:
        """Complete TLS with a callee, which reads in turn."""
        for _ in range(5):
            is_complete = self.tls.handshake()
            self._flush()
            callee.on_readable(NOW_US)
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


def settle(*links: PendingLink) -> None:
    """Let each link read until none has more to send, or its handshake has ended."""
    for _ in range(12):
        for link in links:
            if link.state is not State.ENDED:
                link.on_readable(NOW_US)
