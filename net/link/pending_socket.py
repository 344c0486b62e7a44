"""The socket of a pending link. Never blocks; one thread drives it, with a selector.

All system errors of the socket become `LinkLost` here.
"""

import contextlib
import socket
from typing import Generic

from net.errors import LinkLost
from net.link.link import Link
from net.link.pending_link import CLOSED, READ_BYTES, H, PendingLink


class PendingSocket(Generic[H]):
    """A connected socket, and the pending link whose bytes it carries.

    Args:
        sock: connected and non-blocking; owned from now on, until `detach`.
        link: decodes the received bytes, and queues the ones to send.
    """

    def __init__(self, sock: socket.socket, link: PendingLink[H]) -> None:
        self._socket = sock
        self.link = link

    def fileno(self) -> int:
        """Return the descriptor, for a selector."""
        return self._socket.fileno()

    @property
    def has_unread(self) -> bool:
        """True while bytes, the end of the stream or an error wait to be read."""
        try:
            self._socket.recv(1, socket.MSG_PEEK)
        except (BlockingIOError, InterruptedError):
            return False
        except OSError:
            return True
        return True

    def read(self) -> bytes | None:
        """Return the bytes that have arrived: b"" at the end of the stream, None if none have.

        Raises:
            LinkLost: the connection is broken.
        """
        try:
            return self._socket.recv(READ_BYTES)
        except (BlockingIOError, InterruptedError):
            return None
        except OSError as error:
            raise LinkLost(CLOSED) from error

    def flush(self) -> None:
        """Send as many of the link's outgoing bytes as the system accepts now.

        Raises:
            LinkLost: the connection is broken.
        """
        outgoing = self.link.outgoing
        while outgoing:
            try:
                sent = self._socket.send(outgoing)
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                raise LinkLost(CLOSED) from error
            del outgoing[:sent]

    def end_sending(self) -> None:
        """Send the outgoing bytes that the system accepts now, and then the end of the stream.

        Afterwards, `drain` until the peer ends the stream too: if the socket is closed while unread
        bytes wait, the system discards bytes that the peer has not received yet.
        """
        with contextlib.suppress(LinkLost):
            self.flush()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)

    def drain(self) -> bool:
        """Discard the bytes that have arrived; return True at the end of the stream."""
        try:
            return self.read() == b""
        except LinkLost:
            return True

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()

    def detach(self) -> Link:
        """Return the link of an accepted call, which owns the socket from now on."""
        return self.link.to_link(self._socket)
