"""A flood of resume requests at a listener in a call: what the call and the listener still do.

    nice -n 5 .venv/bin/python -m bench.resume_flood --rate 1000 --kind hello
    nice -n 5 .venv/bin/python -m bench.resume_flood --rate 1000 --kind resume

Two peers hold a call on this machine. Processes of the flood open connections at a rate, from many
addresses of the loopback network. A connection of kind `hello` sends the first message of TLS,
which costs the stranger nothing and the listener a signature, and reads no answer; one of kind
`resume` completes TLS, asks to continue a call that is not there, and reads the rejection. Prints
the statistics of both peers before, during and after the flood.
"""

import argparse
import contextlib
import json
import multiprocessing
import os
import secrets
import selectors
import signal
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from typing import Any

from net.link.tls import client_context
from net.protocol.control import Resume, encode_control
from net.protocol.framing import MessageType, encode_message

PEER = Path(__file__).parent.parent / "peer.py"
SOURCES = 200
OPEN_LIMIT = 400
"""Connections that one process keeps open; the oldest is closed for the next."""
QUIET_S = 8
CALL = ("--headless", "--camera=test", "--mic=tone", "--speaker=none")
KEYS = (
    "cpu_percent",
    "video_in_fps",
    "audio_in_concealed_ms",
    "rss_bytes",
    "video_in_longest_gap_ms",
)


class _Connection:
    """One connection of the flood, which never blocks."""

    def __init__(self, port: int, source: str, kind: str, context: ssl.SSLContext) -> None:
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.socket.bind((source, 0))
        self.socket.connect_ex(("127.0.0.1", port))
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing)
        self._is_asking = kind == "resume"
        self._has_asked = False

    def advance(self) -> bool:
        """Continue as far as possible; return whether it has got its rejection."""
        with contextlib.suppress(BlockingIOError):
            data = self.socket.recv(16_384)
            if not data:
                raise ConnectionResetError
            if not self._is_asking:
                return False
            self._incoming.write(data)
        with contextlib.suppress(ssl.SSLWantReadError):
            if not self._has_asked:
                self._tls.do_handshake()
                request = Resume(secrets.token_bytes(16), 2, secrets.token_bytes(32))
                self._tls.write(encode_message(MessageType.CONTROL, encode_control(request)))
                self._has_asked = True
        if self._outgoing.pending:
            self.socket.send(self._outgoing.read())
        with contextlib.suppress(ssl.SSLWantReadError):
            return self._has_asked and bool(self._tls.read(1024))
        return False


def flood(
    port: int,
    kind: str,
    rate: float,
    until_s: float,
    opened: "Synchronized[int]",
    answered: "Synchronized[int]",
) -> None:
    """Open connections at a rate; the body of one process."""
    context = client_context()
    connections: dict[int, _Connection] = {}
    began_s, count = time.monotonic(), 0
    with selectors.DefaultSelector() as selector:

        def drop(number: int) -> None:
            connection = connections.pop(number)
            with contextlib.suppress(KeyError, ValueError):
                selector.unregister(connection.socket)
            connection.socket.close()

        while time.monotonic() < until_s:
            due = int((time.monotonic() - began_s) * rate)
            while count < due:
                count += 1
                source = f"127.0.5.{1 + (count * 7 + os.getpid()) % SOURCES}"
                with contextlib.suppress(OSError):
                    connection = _Connection(port, source, kind, context)
                    connections[count] = connection
                    events = selectors.EVENT_WRITE
                    selector.register(connection.socket, events, count)
                    with opened.get_lock():
                        opened.value += 1
                if len(connections) > OPEN_LIMIT:
                    drop(next(iter(connections)))
            for key, events in selector.select(0.001):
                connection = connections[key.data]
                try:
                    if connection.advance():
                        with answered.get_lock():
                            answered.value += 1
                        drop(key.data)
                    elif events & selectors.EVENT_WRITE:
                        selector.modify(connection.socket, selectors.EVENT_READ, key.data)
                except OSError:
                    drop(key.data)


def start(folder: Path, name: str, *words: str) -> "subprocess.Popen[bytes]":
    """Start a peer that writes its statistics and events."""
    files = ("--stats", str(folder / f"{name}.stats"), "--events", str(folder / f"{name}.events"))
    with (folder / f"{name}.log").open("w") as log:
        return subprocess.Popen(
            [sys.executable, str(PEER), *words, *CALL, *files],
            env={**os.environ, "XDG_DATA_HOME": str(folder / "data")},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=log,
        )


def lines_of(path: Path) -> list[dict[str, Any]]:
    """Return the complete lines of a file of JSON so far."""
    text = path.read_text("utf-8") if path.exists() else ""
    return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]


def wait_event(path: Path, name: str) -> dict[str, Any]:
    """Wait for an event, and return it."""
    while not (found := [event for event in lines_of(path) if event["event"] == name]):
        time.sleep(0.1)
    return found[0]


def describe(rows: list[dict[str, Any]]) -> str:
    """Return the medians of some seconds, and the worst gap."""
    parts = []
    for key in KEYS:
        values = [row[key] for row in rows if row[key] is not None]
        if not values:
            continue
        if key == "rss_bytes":
            parts.append(f"rss {values[-1] / 1e6:.0f} MB")
        elif key == "audio_in_concealed_ms":
            parts.append(f"concealed {values[-1] - values[0]:.0f} ms")
        elif key == "video_in_longest_gap_ms":
            parts.append(f"longest gap {max(values):.0f} ms")
        else:
            parts.append(f"{key} {statistics.median(values):.0f}")
    states = {row["state"] for row in rows}
    return ", ".join(parts) + (f", {states}" if states != {"call"} else "")


def main() -> None:
    """Run one measurement."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rate", type=float, default=1000, help="connections a second, in all")
    parser.add_argument("--kind", choices=("hello", "resume"), default="resume")
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--processes", type=int, default=3)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="resume-flood-"))
    listener = start(
        folder,
        "listener",
        "listen",
        "--port=0",
        "--accept",
        "--open",
        "--set=listen.announce=false",
    )
    listening = wait_event(folder / "listener.events", "listening")
    port = int(str(listening["addresses"][0]).rpartition(":")[2])
    caller = start(folder, "caller", "connect", f"127.0.0.1:{port}")
    try:
        wait_event(folder / "caller.events", "first_picture")
        time.sleep(QUIET_S)
        marks = [{n: len(lines_of(folder / f"{n}.stats")) for n in ("listener", "caller")}]
        opened, answered = multiprocessing.Value("i", 0), multiprocessing.Value("i", 0)
        share = options.rate / options.processes
        until_s = time.monotonic() + options.seconds
        flooders = [
            multiprocessing.Process(
                target=flood, args=(port, options.kind, share, until_s, opened, answered)
            )
            for _ in range(options.processes)
        ]
        for flooder in flooders:
            flooder.start()
        for flooder in flooders:
            flooder.join()
        marks.append({n: len(lines_of(folder / f"{n}.stats")) for n in ("listener", "caller")})
        time.sleep(QUIET_S)
        print(f"{options.kind}: {opened.value / options.seconds:.0f} connections/s opened,")
        print(f"{answered.value / options.seconds:.0f}/s answered, {options.seconds:g} s")
        for name in ("listener", "caller"):
            rows = lines_of(folder / f"{name}.stats")
            first, second = (mark[name] for mark in marks)
            print(f"{name} before: {describe(rows[first - 5 : first])}")
            print(f"{name} during: {describe(rows[first + 1 : second])}")
            print(f"{name} after:  {describe(rows[second + 3 :])}")
    finally:
        for peer in (caller, listener):
            peer.send_signal(signal.SIGINT)
            peer.wait()


if __name__ == "__main__":
    main()
