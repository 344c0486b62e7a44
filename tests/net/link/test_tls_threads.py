"""Claims about net/link/tls.py: a send and a receive thread share one stream at each end."""

import hashlib
import random
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from net.link.tls import RECORD_BYTES, TlsStream, client_context, server_context
from net.trust.identity import load_or_make_identity
from tests.net.link.tls_ends import Ends, ends_of, shake_hands
from tests.support.deadline import DEADLINE_S

READ_BYTES = 64 * 1024


@pytest.fixture
def ends(tmp_path_factory: pytest.TempPathFactory) -> Ends:
    """Return caller and listener after their handshake."""
    identity = load_or_make_identity(tmp_path_factory.mktemp("identity"))
    return shake_hands(ends_of((client_context(), server_context(identity))))


class SocketEnd:
    """One end of a link on a socket, with a thread that sends and one that receives."""

    def __init__(self, stream: TlsStream, sock: socket.socket, seed: int, size: int) -> None:
        self.stream = stream
        self.sock = sock
        self.size = size
        self.random = random.Random(seed)
        self.sent = hashlib.sha256()
        self.received = hashlib.sha256()
        self.failures: list[BaseException] = []

    def send(self) -> None:
        block = self.random.randbytes(1024 * 1024)
        left = self.size
        while left:
            start = self.random.randrange(len(block) - RECORD_BYTES)
            part = block[start : start + min(left, self.random.randint(1, RECORD_BYTES))]
            left -= len(part)
            self.sent.update(part)
            self.stream.write(part)
            self.sock.sendall(self.stream.take_outgoing())

    def receive(self) -> None:
        buffer = bytearray(READ_BYTES)
        left = self.size
        while left:
            count = self.sock.recv_into(buffer)
            assert count, "the other end is gone"
            self.stream.feed(memoryview(buffer)[:count])
            while (part := self.stream.read(READ_BYTES)) is not None:
                self.received.update(part)
                left -= len(part)

    def run(self, body: Callable[[], None]) -> None:
        try:
            body()
        except BaseException as error:
            self.failures.append(error)
            self.sock.shutdown(socket.SHUT_RDWR)
            raise


@pytest.fixture
def socket_pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Return two connected sockets that fail at the deadline."""
    near, far = socket.socketpair()
    with near, far:
        near.settimeout(3 * DEADLINE_S)
        far.settimeout(3 * DEADLINE_S)
        yield near, far


def test_two_threads_at_each_end_exchange_50_mb_both_ways(
    ends: Ends, socket_pair: tuple[socket.socket, socket.socket]
) -> None:
    size = 50_000_000
    both = [SocketEnd(ends[i], socket_pair[i], seed=i, size=size) for i in range(2)]
    threads = [
        threading.Thread(target=end.run, args=[body], daemon=True)
        for end in both
        for body in (end.send, end.receive)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(3 * DEADLINE_S)
    assert not any(thread.is_alive() for thread in threads)
    near, far = both
    assert near.sent.digest() == far.received.digest()
    assert far.sent.digest() == near.received.digest()
