"""Plain TCP between two hosts for comparison, and pings. Also the programs that do it.

python -m bench.lab_transfer receive ADDRESS LOG       prints its port; logs (us, bytes) so far
python -m bench.lab_transfer send ADDRESS PORT         sends until it is ended
python -m bench.lab_transfer ping ADDRESS COUNT MS     prints the round trips, microseconds
"""

import os
import socket
import struct
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from bench.children import Child, Children
from bench.hosts import Host, TwoHosts
from bench.log_lines import read_numbers
from bench.pacing import now_us

LOG_EVERY_US = 50_000
RECEIVE_BYTES = 1 << 18
SEND_BYTES = 1 << 16
ECHO_REQUEST, ECHO_REPLY = 8, 0
PING_WAIT_S = 2.0
SO_TIMESTAMPNS = 35
"""From Linux's asm-generic/socket.h; the time at which the kernel received a packet."""


class Transfer(msgspec.Struct, frozen=True):
    """A running transfer."""

    sender: Child
    receiver: Child
    log: Path

    def goodput_bps(self, began_us: int, ended_us: int) -> float:
        """Return the mean rate at which data reached the receiving program."""
        return mean_rate_bps(read_numbers(self.log), began_us, ended_us)

    def end(self) -> None:
        """End both programs."""
        self.sender.end()
        self.receiver.end()


def mean_rate_bps(log: Sequence[tuple[int, ...]], began_us: int, ended_us: int) -> float:
    """Return the mean rate in a span, from lines of a time and the bytes so far. Pure."""
    before = max((total for at_us, total in log if at_us <= began_us), default=0)
    until = max((total for at_us, total in log if at_us <= ended_us), default=0)
    return (until - before) * 8e6 / (ended_us - began_us)


def start_transfer(children: Children, hosts: TwoHosts, *, name: str = "transfer") -> Transfer:
    """Send from the first to the second host as fast as TCP can."""
    log = children.folder / f"{name}.log"
    program = ("-m", "bench.lab_transfer")
    address = hosts.second.address
    receiver = children.start_python([*program, "receive", address, str(log)], host=hosts.second)
    port = receiver.read_line()
    sender = children.start_python([*program, "send", address, port], host=hosts.first)
    return Transfer(sender, receiver, log)


def ping(children: Children, host: Host, address: str, *, count: int, every_ms: int) -> list[int]:
    """Return the round trips of pings that were answered, microseconds."""
    words = ["-m", "bench.lab_transfer", "ping", address, str(count), str(every_ms)]
    pinger = children.start_python(words, host=host)
    return [int(word) for word in pinger.read_line(count * PING_WAIT_S + 15).split()]


def _receive(address: str, log: str) -> None:
    server = socket.create_server((address, 0))
    print(server.getsockname()[1], flush=True)
    link, _ = server.accept()
    total, logged_us = 0, now_us()
    with Path(log).open("w") as lines:
        print(logged_us, total, file=lines, flush=True)
        while data := link.recv(RECEIVE_BYTES):
            total += len(data)
            if now_us() - logged_us >= LOG_EVERY_US:
                logged_us = now_us()
                print(logged_us, total, file=lines, flush=True)


def _send(address: str, port: str) -> None:
    link = socket.create_connection((address, int(port)))
    data = bytes(SEND_BYTES)
    while True:
        link.sendall(data)


def _ping(address: str, count: int, every_ms: int) -> list[int]:
    """Send ICMP echo requests at a steady rate.

    The kernel answers them and stamps the answers, so that no program's wake-up is measured.
    """
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.getprotobyname("icmp"))
    raw.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    identity = os.getpid() & 0xFFFF
    trips = []
    for number in range(count):
        began_s = time.monotonic()
        header = struct.pack("!BBHHH", ECHO_REQUEST, 0, 0, identity, number)
        checksum = _checksum(header)
        sent_ns = time.time_ns()
        raw.sendto(struct.pack("!BBHHH", ECHO_REQUEST, 0, checksum, identity, number), (address, 0))
        deadline_s = began_s + PING_WAIT_S
        while (left_s := deadline_s - time.monotonic()) > 0:
            raw.settimeout(left_s)
            try:
                packet, stamps, _, _ = raw.recvmsg(1500, 256)
            except TimeoutError:
                break
            kind, _, _, of, answered = struct.unpack_from("!BBHHH", packet, (packet[0] & 15) * 4)
            if (kind, of, answered) == (ECHO_REPLY, identity, number):
                seconds, nanoseconds = struct.unpack("qq", stamps[0][2])
                trips.append((seconds * 10**9 + nanoseconds - sent_ns) // 1000)
                break
        time.sleep(max(0.0, began_s + every_ms / 1000 - time.monotonic()))
    return trips


def _checksum(header: bytes) -> int:
    """Return the Internet checksum of an even number of bytes (RFC 1071)."""
    total: int = sum(struct.unpack(f"!{len(header) // 2}H", header))
    total = (total & 0xFFFF) + (total >> 16)
    return ~(total + (total >> 16)) & 0xFFFF


def main(words: list[str]) -> None:
    """Run one of the programs."""
    match words:
        case ["receive", address, log]:
            _receive(address, log)
        case ["send", address, port]:
            _send(address, port)
        case ["ping", address, count, every_ms]:
            print(*_ping(address, int(count), int(every_ms)), flush=True)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
