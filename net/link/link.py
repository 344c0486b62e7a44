"""One TCP and TLS connection in use by two threads: one sends, one receives.

Only the send thread writes to the socket, and only the receive thread reads from it. `TlsStream`
guards TLS with one short lock, never held over socket I/O. If a read makes TLS send something (an
alert, a key update), the receive thread wakes the send thread, so that records are sent in the
order of their encryption.

Does not know the call, nor which messages its state allows.
"""

import contextlib
import errno
import logging
import selectors
import socket
from collections.abc import Callable

from core.clock import Deadline
from net.errors import LinkLost, NetError
from net.link.outbox import Outbox
from net.link.socket_options import prefer_bbr
from net.link.tcp_info import RoundTrip, read_round_trip
from net.link.tls import TlsStream
from net.protocol.control import Bye, encode_control
from net.protocol.framing import Message, MessageParser, MessageType, encode_message

_log = logging.getLogger(__name__)

READ_BYTES = 64 * 1024
POLL_S = 0.5
"""A blocked thread notices `close` within this time, where closing a socket does not wake it."""

HANG_UP_S = 0.5
"""`hang_up` reads for at most this time, so that its bye arrives."""

GONE = "The link to the other side broke"
_ENDED_BY_PEER = {errno.ECONNRESET, errno.EPIPE, getattr(errno, "WSAECONNRESET", errno.ECONNRESET)}
"""Errors that follow when the other program's end of the connection is closed."""

_POLL_SELECTOR: type[selectors.BaseSelector] = getattr(
    selectors, "PollSelector", selectors.SelectSelector
)
"""Needs no file descriptor: none may be left for a call that has just been accepted."""


class Link:
    """A link after its handshake.

    Args:
        sock: connected; the link owns it from now on.
        tls: after its handshake; may already hold decrypted bytes.
        parser: may already hold messages or a part of one.
        unsent: bytes of the handshake that the socket has not accepted yet.
    Attributes:
        has_network_failed: True once the socket failed, unless the other program closed its end.
    """

    def __init__(
        self, sock: socket.socket, tls: TlsStream, parser: MessageParser, unsent: bytes
    ) -> None:
        self.outbox = Outbox()
        self.has_network_failed = False
        self._unsent = unsent
        self._socket = sock
        self._tls = tls
        self._parser = parser
        self._buffer = bytearray(READ_BYTES)
        self._is_closed = False
        sock.settimeout(POLL_S)
        self._write_selector = _POLL_SELECTOR()
        self._write_selector.register(sock, selectors.EVENT_WRITE)

    def prefer_bbr(self) -> None:
        """Have TCP controlled by BBR, if the system permits."""
        is_bbr = prefer_bbr(self._socket)
        _log.debug("TCP is controlled by %s", "BBR" if is_bbr else "the system's algorithm")

    def read_round_trip(self) -> RoundTrip | None:
        """Return the round trip of segments as TCP measures it; None if the system tells none."""
        return read_round_trip(self._socket)

    # The send thread.

    def send_next(self, timeout_s: float) -> bool:
        """Send the next message, if one comes within `timeout_s`; return False after the last.

        Send thread only. Blocks while the network accepts nothing.

        Raises:
            LinkLost: the socket is broken.
        """
        if self._unsent:
            self._send(self._unsent)
            self._unsent = b""
        # Wait for the socket before choosing a message, since a more urgent one may come meanwhile.
        if not self._write_selector.select(timeout_s):
            return not self._is_closed
        message = self.outbox.take(timeout_s)
        if message is not None:
            self._tls.write(message)
        self._flush()
        return not (self.outbox.is_done or self._is_closed)

    def _flush(self) -> None:
        while data := self._tls.take_outgoing():
            self._send(data)

    def _send(self, data: bytes) -> None:
        view = memoryview(data)
        try:
            while view and not self._is_closed:
                with contextlib.suppress(TimeoutError):
                    view = view[self._socket.send(view) :]
        except OSError as error:
            self._raise_unless_closed(error)

    def _raise_unless_closed(self, error: OSError) -> None:
        if not self._is_closed:
            self.has_network_failed |= error.errno not in _ENDED_BY_PEER
            raise LinkLost(GONE) from error

    def end_sending(self) -> None:
        """Send the end of the stream. Called by the send thread when it ends."""
        with contextlib.suppress(OSError, LinkLost):
            self._tls.close()
            self._flush()
            self._socket.shutdown(socket.SHUT_WR)

    # The receive thread.

    def receive(self, on_message: Callable[[Message], None]) -> bool:
        """Read once, and pass on each complete message; return False at the end of the stream.

        Receive thread only. Blocks for at most about `POLL_S`.

        Args:
            on_message: called with each message; may raise ProtocolError.
        Raises:
            LinkLost: the socket is broken.
            ProtocolError: the data is malformed, or `on_message` raised it.
        """
        if not self._pass_on_messages(on_message):
            return False
        try:
            count = self._socket.recv_into(self._buffer)
        except TimeoutError:
            return not self._is_closed
        except OSError as error:
            self._raise_unless_closed(error)
            return False
        if count == 0:
            return False
        self._tls.feed(memoryview(self._buffer)[:count])
        return self._pass_on_messages(on_message)

    def _pass_on_messages(self, on_message: Callable[[Message], None]) -> bool:
        """Decrypt the bytes read so far, and pass on their messages; return False at TLS's end."""
        while True:
            while (message := self._parser.next_message()) is not None:
                on_message(message)
            plaintext = self._tls.read(READ_BYTES)
            if self._tls.has_outgoing:
                self.outbox.wake()
            if plaintext is None:
                return True
            if not plaintext:
                return False
            self._parser.feed(plaintext)

    # Any thread.

    def close(self) -> None:
        """Break the link, so that both threads end soon. Later calls do nothing."""
        self._is_closed = True
        self.outbox.close()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def hang_up(self, reason: str = "") -> None:
        """Send a bye on a link whose threads were never started, and release the link.

        Blocks for at most about `HANG_UP_S`. It reads until the other side ends the stream: if a
        socket is closed with unread data, the system discards our bye.
        """
        deadline = Deadline(HANG_UP_S)
        with contextlib.suppress(OSError, NetError):
            self._tls.write(encode_message(MessageType.CONTROL, encode_control(Bye(reason))))
            self._tls.close()
            outgoing = memoryview(self._unsent + self._tls.take_outgoing())
            while outgoing and not deadline.has_passed:
                self._socket.settimeout(max(deadline.left_s, 0.001))
                outgoing = outgoing[self._socket.send(outgoing) :]
            self._socket.shutdown(socket.SHUT_WR)
            while not deadline.has_passed:
                self._socket.settimeout(max(deadline.left_s, 0.001))
                if not self._socket.recv_into(self._buffer):
                    break
        self.release()

    def release(self) -> None:
        """Close the socket. Call it after both threads have ended, or if they never started."""
        self.close()
        self._write_selector.close()
        self._socket.close()
