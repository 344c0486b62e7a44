"""bench/sockets.py: the kernel's counters of a program's TCP sockets."""

import os
import socket

from bench.hosts import loopback
from bench.sockets import list_sockets, received_bytes

LISTING = """\
0 0 10.77.0.2:41000 10.77.0.1:5000 users:(("python",pid=70,fd=9)) bytes_received:5000
0 0 127.0.0.1:41001 127.0.0.1:8080 users:(("python",pid=70,fd=8)) bytes_received:900
0 0 10.77.0.2:41002 10.77.0.1:5001 users:(("a",pid=71,fd=9),("a",pid=72,fd=9)) bytes_received:7
0 0 10.77.0.2:41003 10.77.0.1:5002 users:(("python",pid=70,fd=7)) cubic segs_out:4

"""


def test_sockets_of_other_programs_and_of_the_camera_do_not_count() -> None:
    assert received_bytes(LISTING, {70}, 8080) == 5000
    assert received_bytes(LISTING, {70, 72}, 8080) == 5007
    assert received_bytes(LISTING, {3}, 8080) == 0


def test_received_bytes_of_a_real_socket_are_counted() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        sender = socket.create_connection(server.getsockname())
        receiver, _ = server.accept()
        with sender, receiver:
            before = received_bytes(list_sockets(loopback().first), {os.getpid()}, 0)
            sender.sendall(bytes(1000))
            assert len(receiver.recv(1000, socket.MSG_WAITALL)) == 1000
            after = received_bytes(list_sockets(loopback().first), {os.getpid()}, 0)
    assert after - before == 1000
