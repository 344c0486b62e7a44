"""TCP info: the round trip and the losses that the kernel sees on a connection. Any thread."""

import socket
import struct
import sys
from typing import NamedTuple

# Of `tcpi_rtt`, `tcpi_total_retrans`, `tcpi_min_rtt` and `tcpi_data_segs_out` in Linux's
# `struct tcp_info`, which only grows at its end; include/uapi/linux/tcp.h.
_SMOOTHED_OFFSET_BYTES = 68
_RESENT_OFFSET_BYTES = 100
_SHORTEST_OFFSET_BYTES = 148
_SENT_OFFSET_BYTES = 156
_READ_BYTES = _SENT_OFFSET_BYTES + 4


class RoundTrip(NamedTuple):
    """The round trip of a connection's segments, as TCP measures it.

    A lost segment delays all that waits behind it, but not the round trip of others.

    Attributes:
        smoothed_us: over the last few segments.
        shortest_us: the shortest of some minutes, the handshake included.
    """

    smoothed_us: int
    shortest_us: int


class Segments(NamedTuple):
    """The segments with data that a connection has sent since it was made.

    Attributes:
        sent: all of them, those sent again included.
        resent: those sent again, because they were lost or seemed to be.
    """

    sent: int
    resent: int


def read_round_trip(sock: socket.socket) -> RoundTrip | None:
    """Return the round trip of a connection; None where the system does not tell it."""
    if (info := _read(sock)) is None:
        return None
    (smoothed_us,) = struct.unpack_from("=I", info, _SMOOTHED_OFFSET_BYTES)
    (shortest_us,) = struct.unpack_from("=I", info, _SHORTEST_OFFSET_BYTES)
    return RoundTrip(smoothed_us, shortest_us) if smoothed_us else None


def read_segments(sock: socket.socket) -> Segments | None:
    """Return what a connection has sent; None where the system does not tell it."""
    if (info := _read(sock)) is None:
        return None
    (sent,) = struct.unpack_from("=I", info, _SENT_OFFSET_BYTES)
    (resent,) = struct.unpack_from("=I", info, _RESENT_OFFSET_BYTES)
    return Segments(sent, resent)


def _read(sock: socket.socket) -> bytes | None:
    if sys.platform != "linux":
        return None
    try:
        info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _READ_BYTES)
    except OSError:  # The socket is closed.
        return None
    return info if len(info) >= _READ_BYTES else None  # Linux before 4.6 tells less.
