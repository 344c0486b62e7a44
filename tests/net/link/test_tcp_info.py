"""Claims about net/link/tcp_info.py, on real sockets over loopback."""

import socket
import sys

import pytest

from net.link.tcp_info import Segments, read_round_trip, read_segments


@pytest.mark.skipif(sys.platform != "linux", reason="other systems tell no round trip")
def test_round_trip_of_a_connection_is_known() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        near = socket.create_connection(listening.getsockname(), timeout=10)
        far, _ = listening.accept()
    with near, far:
        near.sendall(b"there")
        assert far.recv(16) == b"there"
        round_trip = read_round_trip(near)
        assert round_trip is not None
        assert 0 < round_trip.shortest_us <= 10_000_000
        assert 0 < round_trip.smoothed_us <= 10_000_000


@pytest.mark.skipif(sys.platform != "linux", reason="other systems tell no segments")
def test_segments_with_data_are_counted() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        near = socket.create_connection(listening.getsockname(), timeout=10)
        far, _ = listening.accept()
    with near, far:
        assert read_segments(near) == Segments(0, 0)
        near.sendall(b"there")
        assert far.recv(16) == b"there"
        assert read_segments(near) == Segments(1, 0)


def test_segments_of_a_closed_socket_are_unknown() -> None:
    with socket.socket() as sock:
        pass
    assert read_segments(sock) is None


def test_round_trip_of_a_closed_or_unconnected_socket_is_unknown() -> None:
    with socket.socket() as sock:
        assert read_round_trip(sock) is None
    assert read_round_trip(sock) is None
