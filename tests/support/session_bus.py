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
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

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
        for end in (self._listening, *self._connections):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        for thread in self._threads:
            thread.join(DEADLINE_S)
            assert not thread.is_alive()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                self._connections.append(connection)
                thread = threading.Thread(target=self._serve, args=(connection,))
                self._threads.append(thread)
                thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            file = connection.makefile("rb")
            assert file.readline().startswith(b"\0AUTH EXTERNAL ")
            connection.sendall(b"OK 0123\r\n")
            assert file.readline() == b"BEGIN\r\n"
            while len(fixed := file.read(FIXED_BYTES)) == FIXED_BYTES:
                data = fixed + file.read(message_length(fixed) - FIXED_BYTES)
                self.calls.append(decode_message(data))
                serial = struct.unpack_from("<I", data, 8)[0]
                fields = [(5, b"u", struct.pack("<I", serial)), (8, b"g", b"\x01u\0")]
                connection.sendall(bus_message("<", 2, fields, struct.pack("<I", NUMBER)))
