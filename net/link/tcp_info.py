"""TCP info: the round trip that the kernel measures on a TCP connection. Any thread."""

import socket
import struct
import sys
from typing import NamedTuple

# Of `tcpi_rtt` and `tcpi_min_rtt` in Linux's `struct tcp_info`, which only grows at its end;
# include/uapi/linux/tcp.h.
_SMOOTHED_OFFSET_BYTES = 68
_SHORTEST_OFFSET_BYTES = 148
_READ_BYTES = _SHORTEST_OFFSET_BYTES + 4


class RoundTrip(NamedTuple):
    """The round trip of a connection's segments, as TCP measures it.

    A lost segment delays all that waits behind it, but not the round trip of others.

    Attributes:
        smoothed_us: over the last few segments.
        shortest_us: the shortest of some minutes, the handshake included.
    """

    smoothed_us: int
    shortest_us: int


def read_round_trip(sock: socket.socket) -> RoundTrip | None:
    """Return the round trip of a connection; None where the system does not tell it."""
    if sys.platform != "linux":
        return None
    try:
        info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _READ_BYTES)
    except OSError:  # The socket is closed.
        return None
    if len(info) < _READ_BYTES:  # Linux before 4.6.
        return None
    (smoothed_us,) = struct.unpack_from("=I", info, _SMOOTHED_OFFSET_BYTES)
    (shortest_us,) = struct.unpack_from("=I", info, _SHORTEST_OFFSET_BYTES)
    return RoundTrip(smoothed_us, shortest_us) if smoothed_us else None
