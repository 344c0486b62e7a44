"""A recording of every packet of a call: only the TLS hellos can be read."""

import math
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.hosts import Host, TwoHosts
from tests.support.code_listener import CodeListener
from tests.support.peer_process import StartPeer

CAPTURE = """
import socket, struct, sys
sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
sock.bind((sys.argv[1], 0))
sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 24)
out = open(sys.argv[2], "wb")
print("records", flush=True)
while True:
    packet = sock.recv(65536)
    out.write(struct.pack(">I", len(packet)) + packet)
    out.flush()
"""
HANDSHAKE, CHANGE_CIPHER, APPLICATION = 22, 20, 23
CLIENT_HELLO, SERVER_HELLO = 1, 2
NAMES = ("Alice Unmistakable", "Bob Unmistakable")


@contextmanager
def recording(host: Host, file: Path) -> Iterator[None]:
    """Record every packet at one end of the link."""
    recorder = subprocess.Popen(
        host.command(sys.executable, "-c", CAPTURE, host.device, str(file)),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert recorder.stdout is not None
        assert recorder.stdout.readline() == "records\n"
        yield
    finally:
        recorder.kill()
        recorder.communicate()


def packets(file: Path) -> Iterator[bytes]:
    data = file.read_bytes()
    at = 0
    while at + 4 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        yield data[at + 4 : at + 4 + size]
        at += 4 + size


def tcp_streams(file: Path, port: int) -> dict[tuple[int, int], bytes]:
    """Return the bytes of each direction over a TCP port, by (source port, target port)."""
    pieces: dict[tuple[int, int], dict[int, bytes]] = defaultdict(dict)
    for packet in packets(file):
        if packet[12:14] != b"\x08\x00" or packet[23] != 6:
            continue
        ip = 14
        tcp = ip + (packet[ip] & 15) * 4
        ends = (
            int.from_bytes(packet[tcp : tcp + 2], "big"),
            int.from_bytes(packet[tcp + 2 : tcp + 4], "big"),
        )
        if port not in ends:
            continue
        sequence = int.from_bytes(packet[tcp + 4 : tcp + 8], "big")
        total = int.from_bytes(packet[ip + 2 : ip + 4], "big")
        payload = packet[tcp + (packet[tcp + 12] >> 4) * 4 : ip + total]
        if payload and len(payload) > len(pieces[ends].get(sequence, b"")):
            pieces[ends][sequence] = payload
    streams = {}
    for ends, parts in pieces.items():
        stream = b""
        first = min(parts)
        for sequence in sorted(parts):
            stream = stream[: sequence - first] + parts[sequence]
        streams[ends] = stream
    return streams


def records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield type and content of each whole TLS record."""
    at = 0
    while at + 5 <= len(stream):
        size = int.from_bytes(stream[at + 3 : at + 5], "big")
        yield stream[at], stream[at + 5 : at + 5 + size]
        at += 5 + size


def entropy_bits(data: bytes) -> float:
    """Return the entropy per byte, from the frequencies of the byte values; at most 8."""
    return -sum(n / len(data) * math.log2(n / len(data)) for n in Counter(data).values())


def test_recorded_call_reveals_nothing_but_tls_hellos(
    start: StartPeer, hosts: TwoHosts, tmp_path: Path
) -> None:
    file = tmp_path / "recorded"
    # Pictures and sound that would be recognized if they were not encrypted.
    shown = ("--set=video.codec=mjpeg", "--mic=tone", "--set=audio.codec=pcm")
    with recording(hosts.second, file):
        listener = start(
            *("listen", "--set=listen.open=false", "--set=listen.announce=true", "--accept"),
            *(f"--name={NAMES[1]}", *shown),
            prefix=hosts.first.command(),
            environment={"XDG_DATA_HOME": str(tmp_path / "bob")},
        )
        code = CodeListener.code_of(listener)
        caller = start(
            *("connect", code, f"--name={NAMES[0]}", "--duration=3", *shown),
            prefix=hosts.second.command(),
            environment={"XDG_DATA_HOME": str(tmp_path / "alice")},
        )
        assert caller.wait() == 0
    everything = file.read_bytes()
    assert len(everything) > 500_000, "the call was recorded"
    words = code.split("-", 1)[1].split("-")
    for secret in (*NAMES, "Unmistakable", "-".join(words), "vis-a-vis"):
        assert secret.encode() not in everything
        assert secret.encode("utf-16-le") not in everything
    for known in (b"JFIF", b"\xa4type", b"\xadpicture_state"):
        assert known not in everything

    streams = tcp_streams(file, listener.port)
    assert len(streams) == 2
    for (_, target), stream in streams.items():
        seen = list(records(stream))
        hello = CLIENT_HELLO if target == listener.port else SERVER_HELLO
        plain = [(kind, content[:1]) for kind, content in seen if kind != APPLICATION]
        assert plain == [(HANDSHAKE, bytes([hello])), (CHANGE_CIPHER, b"\x01")]
        coded = b"".join(content for kind, content in seen if kind == APPLICATION)
        assert len(coded) > 100_000
        assert entropy_bits(coded) > 7.99
        # Without encryption, thousands of messages would begin like a JPEG.
        assert len(re.findall(rb"\xff\xd8\xff", coded)) < 5
