"""TCP socket options that keep waiting data in the outbox, where priorities count. Any thread."""

import contextlib
import socket
import sys

NOTSENT_BYTES = 1400
"""The kernel accepts more data only once it holds less than a segment that it has not sent, so that
sound waits for little more than one video fragment, and the link never runs dry."""
SEND_BUFFER_BYTES = 64 * 1024
"""The bound of the whole send buffer, for systems that cannot bound only its unsent part."""

SMALL_SEGMENT_BYTES = 1100
"""With the headers of TCP and IPv6, packets of 1,172 bytes: less than 1,280, the smallest largest
packet of IPv6 (RFC 8200, section 5), less tunnels' headers. Costs 3 % more header bytes."""

BBR = b"bbr"

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


def prefer_bbr(sock: socket.socket) -> bool:
    """Have a connection controlled by BBR, where the system permits; return whether it is now.

    A single loss makes the usual algorithm, cubic, shrink its window by a third, but not BBR, which
    builds a shorter queue too. Linux permits what `net.ipv4.tcp_allowed_congestion_control` names,
    and more to root.
    Source: Cardwell et al., "BBR: Congestion-Based Congestion Control", ACM Queue 14(5), 2016.
    """
    if not hasattr(socket, "TCP_CONGESTION"):
        return False
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, BBR)
    except OSError:  # Unknown to the kernel, or not permitted.
        return False
    return True


def use_small_segments(sock: socket.socket) -> None:
    """Make both directions of a TCP connection send small segments. Call it before connecting.

    Some paths lose large packets without a word, such as a VPN behind a firewall that drops ICMP:
    small messages pass, and the first picture never arrives. Does nothing on systems without this
    option.
    """
    if hasattr(socket, "TCP_MAXSEG"):
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, SMALL_SEGMENT_BYTES)
