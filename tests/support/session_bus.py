"""A session bus and a desktop in one, for one program at a time: a socket that speaks D-Bus."""

import contextlib
import socket
import struct
import threading
from collections.abc import Sequence
from pathlib import Path

from tests.support.deadline import DEADLINE_S
from ui.desktop.bus_message import FIXED_BYTES, BusMessage, decode_message, message_length

NUMBER = 77
"""The number of the notification."""


def bus_text(order: str, value: str) -> bytes:
    """Return a string as D-Bus has it."""
    encoded = value.encode()
    return struct.pack(f"{order}I", len(encoded)) + encoded + b"\0"


def bus_message(
    order: str, kind: int, fields: Sequence[tuple[int, bytes, bytes]], body: bytes = b""
) -> bytes:
    """Return a message of a byte order, built from the code, type and value of each field."""
    block = b""
    for code, signature, value in fields:
        block += bytes(-len(block) % 8)
        block += bytes((code, len(signature))) + signature + b"\0"
        block += bytes(-len(block) % (1 if signature == b"g" else 4)) + value
    mark = b"l" if order == "<" else b"B"
    head = struct.pack(f"{order}cBBBIII", mark, kind, 0, 1, len(body), 9, len(block)) + block
    return head + bytes(-len(head) % 8) + body


def signal_message(member: str, signature: bytes, body: bytes) -> bytes:
    """Return a signal of the notifications."""
    fields = [
        (1, b"o", bus_text("<", "/org/freedesktop/Notifications")),
        (3, b"s", bus_text("<", member)),
        (8, b"g", bytes((len(signature),)) + signature + b"\0"),
    ]
    return bus_message("<", 4, fields, body)


class FakeBus:
    """Accepts connections, answers every call, and keeps those of the desktop."""

    def __init__(self, folder: Path) -> None:
        self.address = f"unix:path={folder / 'bus'}"
        self.calls: list[BusMessage] = []
        self._listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listening.bind(str(folder / "bus"))
        self._listening.listen()
        self._connections: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._accepting = threading.Thread(target=self._accept)
        self._accepting.start()

    @property
    def members(self) -> list[str]:
        """The names of the calls so far."""
        return [call.member for call in self.calls]

    def send(self, message: bytes) -> None:
        """Send to every program that is connected."""
        for connection in self._connections:
            with contextlib.suppress(OSError):
                connection.sendall(message)

    def close(self) -> None:
        """End all connections."""
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._accepting.join(DEADLINE_S)
        assert not self._accepting.is_alive()
        self._listening.close()
        for connection in self._connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(DEADLINE_S)
            assert not thread.is_alive()
        for connection in self._connections:
            connection.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                self._connections.append(connection)
                thread = threading.Thread(target=self._serve, args=(connection,))
                self._threads.append(thread)
                thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection.makefile("rb") as file:
            if not (line := file.readline()):
                return  # the program, or this bus, has closed the connection
            assert line.startswith(b"\0AUTH EXTERNAL ")
            connection.sendall(b"OK 0123\r\n")
            assert file.readline() in (b"BEGIN\r\n", b"")
            while len(fixed := file.read(FIXED_BYTES)) == FIXED_BYTES:
                data = fixed + file.read(message_length(fixed) - FIXED_BYTES)
                self.calls.append(decode_message(data))
                serial = struct.unpack_from("<I", data, 8)[0]
                fields = [(5, b"u", struct.pack("<I", serial)), (8, b"g", b"\x01u\0")]
                connection.sendall(bus_message("<", 2, fields, struct.pack("<I", NUMBER)))
