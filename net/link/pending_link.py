"""A link that is not a call yet: TLS, handshake, ring. No I/O: bytes and time in, bytes out.

    socket bytes -> receive_data -> TLS -> framing -> handshake -> TLS -> outgoing -> socket bytes

One thread drives it. It holds at most one TLS record and one message each way, so a peer that
sends little costs little. `net/link/pending_socket.py` connects it to a socket.
"""

import socket
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

import msgspec

from net.errors import LinkLost, ProtocolError
from net.link.link import Link
from net.link.tls import TlsStream
from net.protocol.clock_sync import ClockSync
from net.protocol.control import Control, Ping, Pong, decode_control
from net.protocol.framing import MessageParser, MessageType, encode_message
from net.protocol.states import State

READ_BYTES = 16 * 1024
"""The most plaintext decrypted at once: one TLS record."""
MAX_OUTGOING_BYTES = 64 * 1024
"""The most bytes of answers that may wait because the peer reads nothing."""
STEP_LIMIT_US = 5_000_000
"""For all steps before the ring."""

CLOSED = "The other side closed the connection"


class LinkHandshake(Protocol):
    """The part of a handshake that a pending link needs: of a new call, or of a resume."""

    @property
    def state(self) -> State: ...

    def start(self) -> list[bytes]: ...

    def send(self, control: Control) -> bytes: ...

    def receive(self, control: Control, payload: bytes) -> list[bytes]: ...


H = TypeVar("H", bound=LinkHandshake)


class PendingCounters(msgspec.Struct):
    """The counters of a pending link.

    Attributes:
        unknown_messages: messages whose type or tag this version does not know.
    """

    unknown_messages: int = 0


class PendingLink(Generic[H]):
    """One connection, from its first byte to an accepted call.

    Args:
        tls: not started yet.
        make_handshake: called with the stream once TLS is complete and the stream has the peer's
            certificate.
        opened_us: the present time.
    Attributes:
        handshake: None until TLS is complete.
        heard_us: when the last bytes came from the peer.
        received_bytes: from the socket, of all kinds.
        clock: the offset of the peer's clock, from the pings that `ping` sent.
        outgoing: bytes that wait for the socket; `PendingSocket.flush` removes the sent ones.
    """

    def __init__(
        self,
        tls: TlsStream,
        make_handshake: Callable[[TlsStream], H],
        *,
        opened_us: int,
    ) -> None:
        self.opened_us = opened_us
        self.heard_us = opened_us
        self.received_bytes = 0
        self.handshake: H | None = None
        self.clock = ClockSync()
        self.counters = PendingCounters()
        self.outgoing = bytearray()
        self._tls = tls
        self._make_handshake = make_handshake
        self._parser = MessageParser()

    @property
    def state(self) -> State:
        """The handshake's state; AWAITS_HELLO before TLS is complete."""
        return self.handshake.state if self.handshake is not None else State.AWAITS_HELLO

    @property
    def is_opening(self) -> bool:
        """True before the ring, or before a resume is accepted."""
        return self.state not in (State.RINGING, State.CALL)

    def is_late(self, now_us: int) -> bool:
        """Return whether the steps before the ring have taken longer than `STEP_LIMIT_US`."""
        return self.is_opening and now_us - self.opened_us > STEP_LIMIT_US

    def start(self) -> None:
        """Queue the first bytes of TLS. Callers only; call it once."""
        self._advance(self.opened_us)

    def receive_data(self, data: bytes, now_us: int) -> None:
        """Handle bytes from the socket, and queue the answers.

        Even after an error, `outgoing` may hold an alert for the peer.

        Args:
            data: b"" at the end of the stream.
        Raises:
            NotOurProtocol: the peer does not speak our protocol.
            ProtocolError: the peer broke the protocol.
            LinkLost: the stream has ended, or the peer reads nothing.
        """
        if not data:
            self._tls.feed_eof()
            raise LinkLost(CLOSED)
        self.heard_us = now_us
        self.received_bytes += len(data)
        self._tls.feed(data)
        self._advance(now_us)

    def _advance(self, now_us: int) -> None:
        try:
            if self.handshake is None:
                if not self._tls.handshake():
                    return
                self._tls.require_our_protocol()
                self.handshake = self._make_handshake(self._tls)
                for payload in self.handshake.start():
                    self.queue(payload)
            self._read_messages(self.handshake, now_us)
        finally:
            self.outgoing += self._tls.take_outgoing()

    def _read_messages(self, handshake: H, now_us: int) -> None:
        while handshake.state not in (State.CALL, State.ENDED):
            message = self._parser.next_message()
            if message is not None:
                self._handle_message(handshake, message.type, message.payload, now_us)
                continue
            plaintext = self._tls.read(READ_BYTES)
            if plaintext is None:
                return
            if not plaintext:
                raise LinkLost(CLOSED)
            self._parser.feed(plaintext)

    def _handle_message(self, handshake: H, kind: int, payload: bytes, now_us: int) -> None:
        if kind != MessageType.CONTROL:
            if kind <= MessageType.FILE:
                raise ProtocolError("pictures or sound came before the call was accepted")
            self.counters.unknown_messages += 1
            return
        control = decode_control(payload)
        if control is None:
            self.counters.unknown_messages += 1
            return
        for answer in handshake.receive(control, payload):
            self.queue(answer)
        if isinstance(control, Ping):
            self.send(Pong(control.sent_us, now_us, now_us))
        elif isinstance(control, Pong):
            self.clock.on_pong(
                control.sent_us, control.received_us, control.replied_us, self.heard_us
            )

    def ping(self, now_us: int) -> None:
        """Queue a ping, whose pong adds a sample to `clock`. Only while ringing.

        Raises:
            LinkLost: the peer reads nothing.
        """
        self.clock.note_ping(now_us)
        self.send(Ping(now_us))

    def send(self, control: Control) -> None:
        """Queue a control message.

        Raises:
            LinkLost: the peer reads nothing.
            ValueError: the state does not allow it; a bug in this program.
        """
        assert self.handshake is not None
        self.queue(self.handshake.send(control))

    def queue(self, payload: bytes) -> None:
        """Queue the payload of a control message that the handshake returned.

        Raises:
            LinkLost: the peer reads nothing.
        """
        self._tls.write(encode_message(MessageType.CONTROL, payload))
        self.outgoing += self._tls.take_outgoing()
        if len(self.outgoing) > MAX_OUTGOING_BYTES:
            raise LinkLost("The other side has stopped reading")

    def to_link(self, sock: socket.socket) -> Link:
        """Return the link of an accepted call. It sends the queued bytes first.

        Args:
            sock: the connection of this link; the new link owns it.
        """
        assert self.state is State.CALL
        return Link(sock, self._tls, self._parser, bytes(self.outgoing))
