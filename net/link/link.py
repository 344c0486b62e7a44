"""One TCP and TLS connection in use by two threads: one sends, one receives.

Only the send thread writes to the socket and only the receive thread reads from it; TLS itself is
behind one short lock in `TlsStream`, never held over socket I/O. What a read leaves for TLS to send
(an alert, a key update) wakes the send thread, so that the order of encryption is the order on the
socket.

Knows no call: who may say what, and when, is not asked here.
"""

import contextlib
import logging
import selectors
import socket
from collections.abc import Callable

from core.clock import Deadline
from net.errors import LinkLost, NetError
from net.link.outbox import Outbox
from net.link.tls import TlsStream
from net.protocol.control import Bye, encode_control
from net.protocol.framing import Message, MessageParser, MessageType, encode_message

_log = logging.getLogger(__name__)

READ_BYTES = 64 * 1024
POLL_S = 0.5
"""The time in which a blocked thread notices `close` where closing a socket does not wake it."""

HANG_UP_S = 0.5
"""The time for which `hang_up` reads, so that its bye arrives."""

GONE = "The link to the other side broke"


class Link:
    """A link after its handshake.

    Args:
        sock: connected; the link owns it from now on.
        tls: after its handshake; may hold decrypted bytes already.
        parser: may hold a part of a message already.
        unsent: bytes of the handshake that the socket has not taken yet.
    """

    def __init__(
        self, sock: socket.socket, tls: TlsStream, parser: MessageParser, unsent: bytes
    ) -> None:
        self.outbox = Outbox()
        self._unsent = unsent
        self._socket = sock
        self._tls = tls
        self._parser = parser
        self._buffer = bytearray(READ_BYTES)
        self._is_closed = False
        sock.settimeout(POLL_S)
        self._room = selectors.DefaultSelector()
        self._room.register(sock, selectors.EVENT_WRITE)

    # The send thread.

    def send_next(self, timeout_s: float) -> bool:
        """Send the next message, if one comes within `timeout_s`; False when it was the last.

        Called only by the send thread. Blocks while the network takes nothing.

        Raises:
            LinkLost: the socket is broken.
        """
        if self._unsent:
            self._send(self._unsent)
            self._unsent = b""
        # What is chosen now goes out next: until then something more urgent may come.
        if not self._room.select(timeout_s):
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
            if not self._is_closed:
                raise LinkLost(GONE) from error

    def end_sending(self) -> None:
        """Tell the other side that nothing more comes. Called by the send thread, at its end."""
        with contextlib.suppress(OSError, LinkLost):
            self._tls.close()
            self._flush()
            self._socket.shutdown(socket.SHUT_WR)

    # The receive thread.

    def receive(self, take: Callable[[Message], None]) -> bool:
        """Read once and hand over every whole message; False at the end of the stream.

        Called only by the receive thread. Blocks for at most about `POLL_S`.

        Raises:
            LinkLost: the socket is broken.
            ProtocolError: a message cannot be what it says, or `take` says so.
        """
        if not self._hand_over(take):
            return False
        try:
            count = self._socket.recv_into(self._buffer)
        except TimeoutError:
            return not self._is_closed
        except OSError as error:
            if self._is_closed:
                return False
            raise LinkLost(GONE) from error
        if count == 0:
            return False
        self._tls.feed(memoryview(self._buffer)[:count])
        return self._hand_over(take)

    def _hand_over(self, take: Callable[[Message], None]) -> bool:
        """Decrypt and hand over all that is here; False after TLS ended."""
        while True:
            while (message := self._parser.next_message()) is not None:
                take(message)
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
        """Break the link: both threads end soon. Once is enough, more is harmless."""
        self._is_closed = True
        self.outbox.close()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def hang_up(self, reason: str = "") -> None:
        """Say bye on a link whose threads were never started, and release it.

        Blocks for at most about `HANG_UP_S`: it reads until the other side ends the stream, because
        data that lies unread when a socket is closed makes the system discard our bye.
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
        """Close the socket, after both threads have ended or without any."""
        self.close()
        self._room.close()
        self._socket.close()
