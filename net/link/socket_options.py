"""TCP socket options that keep waiting data in the outbox, where priorities count. Any thread."""

import contextlib
import socket
import sys

NOTSENT_BYTES = 1400
"""The kernel accepts more data only once it holds less than a segment that it has not sent, so that
sound waits for little more than one video fragment, and the link never runs dry."""
SEND_BUFFER_BYTES = 64 * 1024
"""The bound of the whole send buffer, for systems that cannot bound only its unsent part."""

# Python has no name for this option before 3.12, nor on every system since.
TCP_NOTSENT_LOWAT = {"linux": 25, "darwin": 0x201}.get(sys.platform)


def tune(sock: socket.socket) -> None:
    """Set a TCP socket to send at once and queue little, before or after it connects."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if TCP_NOTSENT_LOWAT is not None:
        with contextlib.suppress(OSError):  # An old kernel: bound the whole buffer below.
            sock.setsockopt(socket.IPPROTO_TCP, TCP_NOTSENT_LOWAT, NOTSENT_BYTES)
            return
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
