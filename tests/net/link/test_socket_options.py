"""Claims about net/link/socket_options.py, on real sockets over loopback."""

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from net.link import socket_options
from net.link.socket_options import SMALL_SEGMENT_BYTES, prefer_bbr, tune, use_small_segments


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Return the two ends of a TCP connection."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        near = socket.create_connection(listening.getsockname(), timeout=10)
        far, _ = listening.accept()
    with near, far:
        yield near, far


def _fill(sock: socket.socket) -> int:
    """Return how many bytes the kernel accepts while nobody reads."""
    sock.setblocking(False)
    accepted = 0
    try:
        while True:
            accepted += sock.send(bytes(1024))
    except BlockingIOError:
        return accepted


def test_tuned_socket_sends_at_once(pair: tuple[socket.socket, socket.socket]) -> None:
    tune(pair[0])
    assert pair[0].getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    if sys.platform == "linux":
        unsent_bytes = pair[0].getsockopt(socket.IPPROTO_TCP, 25)
        assert unsent_bytes == socket_options.NOTSENT_BYTES


def test_tuned_socket_queues_less(pair: tuple[socket.socket, socket.socket]) -> None:
    near, far = pair
    far.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
    untuned = _fill(near)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
        with socket.socket() as tuned:
            tune(tuned)
            tuned.connect(listening.getsockname())
            with listening.accept()[0]:
                assert _fill(tuned) < untuned


def test_send_buffer_is_bounded_if_its_unsent_part_cannot_be(
    pair: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket_options, "TCP_NOTSENT_LOWAT", None)
    tune(pair[0])
    # Linux doubles the requested size.
    assert pair[0].getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) <= 2 * 64 * 1024


def test_bbr_is_used_where_the_system_permits(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    allowed = Path("/proc/sys/net/ipv4/tcp_allowed_congestion_control")
    names = allowed.read_text().split() if allowed.exists() else []
    is_bbr = prefer_bbr(pair[0])
    assert is_bbr or "bbr" not in names
    if is_bbr:
        name = pair[0].getsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, 16)
        assert name.rstrip(b"\0") == b"bbr"


def test_connection_goes_on_if_the_system_has_no_bbr(
    pair: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket_options, "BBR", b"no-such-control")
    assert not prefer_bbr(pair[0])
    pair[0].sendall(b"on")
    assert pair[1].recv(2) == b"on"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems tell other segment sizes")
def test_small_segments_hold_in_both_directions() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening, socket.socket() as near:
        use_small_segments(near)
        near.connect(listening.getsockname())
        far, _ = listening.accept()
        with far:
            for end in (near, far):
                segment_bytes = end.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG)
                assert segment_bytes <= SMALL_SEGMENT_BYTES
