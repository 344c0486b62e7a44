"""A connection that is not a call yet: through TLS, hello and proof, and then its ring.

Driven by a selector: nothing here blocks. It holds at most one TLS record each way, so that a
connection that says little costs little.
"""

import contextlib
import logging
import socket
from collections.abc import Callable
from dataclasses import dataclass

from net.errors import LinkLost, NetError, ProtocolError
from net.link.link import Link
from net.link.tls import TlsStream
from net.protocol.control import Control, Ping, Pong, decode_control
from net.protocol.framing import MessageParser, MessageType, encode_message
from net.protocol.handshake import Handshake
from net.protocol.states import State

_log = logging.getLogger(__name__)

READ_BYTES = 16 * 1024
MAX_OUTGOING_BYTES = 64 * 1024
"""Answers of ours that wait because the other side reads nothing."""
STEP_LIMIT_US = 5_000_000
"""For all steps of a handshake but the ring."""


@dataclass(slots=True)
class PendingCounters:
    """What came that we do not know; written by the thread that drives the connection."""

    unknown_messages: int = 0


class PendingLink:
    """One connection on its way to a call.

    Args:
        sock: connected and non-blocking; this object owns it until `detach`.
        tls: fresh.
        make_handshake: called once TLS is done, with the stream; it knows the fingerprints.
        address: where the other side is, for people.
        opened_us: now.
    """

    def __init__(
        self,
        sock: socket.socket,
        tls: TlsStream,
        make_handshake: Callable[[TlsStream], Handshake],
        *,
        address: str,
        opened_us: int,
    ) -> None:
        self.address = address
        self.opened_us = opened_us
        self.heard_us = opened_us
        self.handshake: Handshake | None = None
        self.counters = PendingCounters()
        self._socket = sock
        self._tls = tls
        self._make_handshake = make_handshake
        self._parser = MessageParser()
        self._outgoing = bytearray()
        self._pongs: list[Pong] = []

    def fileno(self) -> int:
        """The socket's, for a selector."""
        return self._socket.fileno()

    @property
    def state(self) -> State:
        """How far it is; before TLS is done, it awaits a hello."""
        return self.handshake.state if self.handshake is not None else State.AWAITS_HELLO

    @property
    def wants_to_write(self) -> bool:
        """Whether something waits to be sent."""
        return bool(self._outgoing)

    @property
    def is_under_way(self) -> bool:
        """Whether it has not come to its ring yet."""
        return self.state not in (State.RINGING, State.CALL)

    def is_late(self, now_us: int) -> bool:
        """Whether the steps up to the ring have taken too long."""
        return self.is_under_way and now_us - self.opened_us > STEP_LIMIT_US

    def start(self) -> None:
        """Say what TLS says first."""
        self._advance_tls(0)
        self.flush()

    def on_readable(self, now_us: int) -> None:
        """Read once, and go as far as that leads.

        Raises:
            NotOurProtocol: the other side speaks something else.
            ProtocolError: it broke the protocol.
            LinkLost: it is gone.
        """
        try:
            data = self._socket.recv(READ_BYTES)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            raise LinkLost("The other side closed the connection") from error
        if not data:
            self._tls.feed_eof()
            raise LinkLost("The other side closed the connection")
        self.heard_us = now_us
        self._tls.feed(data)
        try:
            self._advance_tls(now_us)
        finally:
            with contextlib.suppress(LinkLost):
                self.flush()

    def _advance_tls(self, now_us: int) -> None:
        if self.handshake is None:
            try:
                is_complete = self._tls.handshake()
            finally:
                self._outgoing += self._tls.take_outgoing()
            if not is_complete:
                return
            self._tls.require_our_protocol()
            self.handshake = self._make_handshake(self._tls)
            for payload in self.handshake.start():
                self.queue(payload)
        self._read_messages(now_us)

    def _read_messages(self, now_us: int) -> None:
        assert self.handshake is not None
        while self.handshake.state is not State.CALL:
            message = self._parser.next_message()
            if message is None:
                plaintext = self._tls.read(READ_BYTES)
                if plaintext is None:
                    break
                if not plaintext:
                    raise LinkLost("The other side closed the connection")
                self._parser.feed(plaintext)
                continue
            if message.type != MessageType.CONTROL:
                if message.type <= MessageType.FILE:
                    raise ProtocolError("pictures or sound came before the call was accepted")
                self.counters.unknown_messages += 1
                continue
            control = decode_control(message.payload)
            if control is None:
                self.counters.unknown_messages += 1
                continue
            for payload in self.handshake.receive(control, message.payload):
                self.queue(payload)
            if isinstance(control, Ping):
                self.send(Pong(control.sent_us, now_us, now_us))
            elif isinstance(control, Pong):
                self._pongs.append(control)
            if self.handshake.state is State.ENDED:
                break
        self._outgoing += self._tls.take_outgoing()

    def send(self, control: Control) -> None:
        """Queue a control message, if the state allows it.

        Raises:
            LinkLost: the other side has stopped reading.
        """
        assert self.handshake is not None
        self.queue(self.handshake.send(control))

    def queue(self, payload: bytes) -> None:
        """Queue the payload of a control message that the handshake has made.

        Raises:
            LinkLost: the other side has stopped reading.
        """
        self._tls.write(encode_message(MessageType.CONTROL, payload))
        self._outgoing += self._tls.take_outgoing()
        if len(self._outgoing) > MAX_OUTGOING_BYTES:
            raise LinkLost("The other side has stopped reading")

    def take_pongs(self) -> list[Pong]:
        """Return the pongs that came since the last time."""
        pongs, self._pongs = self._pongs, []
        return pongs

    def flush(self) -> None:
        """Send what the socket takes now.

        Raises:
            LinkLost: the other side is gone.
        """
        while self._outgoing:
            try:
                sent = self._socket.send(self._outgoing)
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                raise LinkLost("The other side closed the connection") from error
            del self._outgoing[:sent]

    def say_last(self, last: Control | None = None) -> None:
        """Say a last word where there is one, and that no more will come.

        What the other side still sends is to be read by `drain` for a while: closing at once would
        have its system throw the last word away unread.
        """
        with contextlib.suppress(NetError, ValueError):
            if last is not None and self.handshake is not None:
                self.send(last)
            self.flush()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)

    def drain(self) -> bool:
        """Read and forget; True at the end of the stream."""
        try:
            return not self._socket.recv(READ_BYTES)
        except (BlockingIOError, InterruptedError):
            return False
        except OSError:
            return True

    def close(self) -> None:
        """Give the socket back."""
        self._socket.close()

    def detach(self) -> Link:
        """Turn an accepted connection into a link; what waits to be sent goes first."""
        assert self.state is State.CALL
        return Link(self._socket, self._tls, self._parser, bytes(self._outgoing))
