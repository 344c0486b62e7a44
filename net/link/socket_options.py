"""Options of a TCP socket that keep what waits out of the kernel, where priorities still count."""

import contextlib
import socket
import sys

NOTSENT_BYTES = 1
"""The kernel asks for more only once all that it has was sent at least once: so sound waits for one
piece of video at most."""
SEND_BUFFER_BYTES = 64 * 1024
"""The whole buffer, where the system knows no bound for the unsent part alone."""

# Python has no names for these before 3.12, and not on every system after.
_TCP_NOTSENT_LOWAT = {"linux": 25, "darwin": 0x201}.get(sys.platform)
_TCP_CONGESTION = getattr(socket, "TCP_CONGESTION", None)
_MAX_NAME_BYTES = 16


def tune(sock: socket.socket) -> None:
    """Make a TCP socket send at once and queue little. Call it before or after connecting."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if _TCP_NOTSENT_LOWAT is not None:
        with contextlib.suppress(OSError):  # an old kernel: bound the whole buffer below
            sock.setsockopt(socket.IPPROTO_TCP, _TCP_NOTSENT_LOWAT, NOTSENT_BYTES)
            return
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
