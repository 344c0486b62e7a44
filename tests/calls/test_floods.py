"""A flood of a thousand silent and a hundred slow connections, beside an ordinary call."""

import re
import selectors
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.code_listener import CodeListener
from tests.support.peer_process import SLACK_S, Peer, StartPeer, wait_until

IDLE, SLOW = 1000, 100
SOURCES = tuple(f"127.0.2.{number}" for number in range(1, 21))
MORE_BYTES = 50_000_000
GONE_S = 10.0
HELLO = bytes.fromhex("1603010200010001fc0303") + bytes(500)
"""The start of a TLS hello; at a byte a second it stays incomplete."""


def resident_bytes(peer: Peer) -> int:
    status = Path(f"/proc/{peer.process.pid}/status").read_text()
    match = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert match
    return int(match[1]) * 1024


def open_files(peer: Peer) -> int:
    return len(list(Path(f"/proc/{peer.process.pid}/fd").iterdir()))


class Crowd:
    """Connections from several addresses; each is opened again when the listener closes it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._selector = selectors.DefaultSelector()
        self._said: dict[socket.socket, int] = {}
        self.opened = 0

    def come(self, number: int, *, is_slow: bool) -> None:
        sock = socket.socket()
        sock.bind((SOURCES[number % len(SOURCES)], 0))
        sock.setblocking(False)
        sock.connect_ex(("127.0.0.1", self._port))
        self._selector.register(sock, selectors.EVENT_READ, (number, is_slow))
        self._said[sock] = 0
        self.opened += 1

    def stay(self, seconds: float) -> None:
        """Keep the connections for a time: slow ones send a byte a second, closed ones reopen."""
        ends_s = time.monotonic() + seconds
        speaks_s = time.monotonic()
        while (left_s := ends_s - time.monotonic()) > 0:
            for key, _ in self._selector.select(min(left_s, 0.05)):
                assert isinstance(key.fileobj, socket.socket)
                number, is_slow = key.data
                self._leave(key.fileobj)
                self.come(number, is_slow=is_slow)
            if time.monotonic() >= speaks_s:
                speaks_s += 1.0
                self._speak()

    def _speak(self) -> None:
        for key in list(self._selector.get_map().values()):
            sock = key.fileobj
            assert isinstance(sock, socket.socket)
            if key.data[1]:
                at = self._said[sock]
                try:
                    self._said[sock] += sock.send(HELLO[at : at + 1])
                except OSError:
                    continue  # Closed: it reopens.

    def _leave(self, sock: socket.socket) -> None:
        self._selector.unregister(sock)
        del self._said[sock]
        sock.close()

    def go(self) -> None:
        for key in list(self._selector.get_map().values()):
            assert isinstance(key.fileobj, socket.socket)
            self._leave(key.fileobj)
        self._selector.close()


@contextmanager
def crowd(port: int) -> Iterator[Crowd]:
    there = Crowd(port)
    try:
        yield there
    finally:
        there.go()


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="reads Linux's /proc")
def test_crowd_of_connections_keeps_no_caller_out(start: StartPeer, tmp_path: Path) -> None:
    listening = CodeListener(start, tmp_path)
    listening.check_honest()
    listening.listener.wait_event("waiting", times=2)
    before_bytes, before_files = resident_bytes(listening.listener), open_files(listening.listener)
    with crowd(listening.port) as there:
        for number in range(IDLE + SLOW):
            there.come(number, is_slow=number >= IDLE)
            if number % 50 == 0:
                there.stay(0.02)
        there.stay(2.0)
        began_s = time.monotonic()
        caller = listening.connect_here(f"--code={listening.code}")
        while not caller.find_events("accepted"):
            assert caller.is_running, caller.said
            there.stay(0.02)  # The caller itself gives up after 10 s.
        took_s = time.monotonic() - began_s
        while caller.is_running:
            there.stay(0.1)
        assert caller.wait() == 0
        there.stay(1.0)
        grown_bytes = resident_bytes(listening.listener) - before_bytes
        print(f"call after {took_s:.2f} s, {grown_bytes / 1e6:.1f} MB more, {there.opened} came")
        assert grown_bytes < MORE_BYTES
    wait_until(
        lambda: open_files(listening.listener) <= before_files, "all are gone", GONE_S + SLACK_S
    )
