"""Options of a TCP socket that keep what waits out of the kernel, where priorities still count."""

import contextlib
import socket
import sys

NOTSENT_BYTES = 32_000
"""Two pieces of video: the kernel asks for more when less than that has never been sent."""
SEND_BUFFER_BYTES = 64 * 1024
"""The whole buffer, where the system knows no bound for the unsent part alone."""

# Python has no names for these before 3.12, and not on every system after.
_TCP_NOTSENT_LOWAT = {"linux": 25, "darwin": 0x201}.get(sys.platform)
_TCP_CONGESTION = getattr(socket, "TCP_CONGESTION", None)
_MAX_NAME_BYTES = 16


def tune(sock: socket.socket) -> None:
    """Make a TCP socket send at once and queue little. Call it before or after connecting."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    limit_unsent(sock, NOTSENT_BYTES)


def limit_unsent(sock: socket.socket, size_bytes: int) -> None:
    """Let the kernel take more only while less than `size_bytes` has never been sent.

    Where the system knows no such bound, its whole send buffer is bounded, by more.
    """
    if _TCP_NOTSENT_LOWAT is not None:
        with contextlib.suppress(OSError):  # an old kernel: bound the whole buffer below
            sock.setsockopt(socket.IPPROTO_TCP, _TCP_NOTSENT_LOWAT, size_bytes)
            return
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, max(SEND_BUFFER_BYTES, size_bytes))
