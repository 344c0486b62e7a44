"""Session bus: a connection to the D-Bus of this desktop, one call at a time. Any one thread.

Calls have a time limit; another thread can end the wait for a signal.
"""

import contextlib
import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

from ui.desktop.bus_message import (
    FIXED_BYTES,
    BusError,
    BusMessage,
    MessageType,
    Writer,
    decode_message,
    encode_call,
    message_length,
)

CALL_S = 2.0
"""Time limit for an answer; a desktop answers within milliseconds."""
MAX_LINE_BYTES = 1024
BUS = "org.freedesktop.DBus"


class NoBusError(OSError):
    """There is no session bus, or it does not answer."""


class SessionBus:
    """A connection.

    Raises:
        NoBusError: there is none.
    """

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._serial = 0
        self._socket = _connect(environment)
        try:
            self._socket.settimeout(CALL_S)
            self._authenticate()
            self.call(BUS, "/org/freedesktop/DBus", BUS, "Hello", Writer())
        except (OSError, BusError) as error:
            self._socket.close()
            raise NoBusError("the session bus does not answer") from error

    def _authenticate(self) -> None:
        if sys.platform == "win32":
            raise BusError("users have no numbers here")
        user = str(os.getuid()).encode().hex()
        self._socket.sendall(b"\0AUTH EXTERNAL " + user.encode() + b"\r\n")
        line = b""
        while not line.endswith(b"\r\n") and len(line) < MAX_LINE_BYTES:
            line += self._receive(1)
        if not line.startswith(b"OK "):
            raise BusError("refused")
        self._socket.sendall(b"BEGIN\r\n")

    def call(
        self, destination: str, path: str, interface: str, member: str, body: Writer
    ) -> tuple[int | str, ...]:
        """Call a method and return the leading values of its answer. Signals meanwhile are lost.

        Raises:
            OSError, BusError: there is no answer, or an error.
        """
        self._serial += 1
        serial = self._serial
        self._socket.settimeout(CALL_S)
        self._socket.sendall(
            encode_call(
                serial,
                destination=destination,
                path=path,
                interface=interface,
                member=member,
                body=body,
            )
        )
        while True:
            message = self._read()
            if message.reply_serial != serial:
                continue
            if message.kind == MessageType.ERROR:
                raise BusError(str(message.values[0]) if message.values else "an error")
            return message.values

    def listen(self, rule: str) -> None:
        """Have the signals delivered that match a rule.

        Raises:
            OSError, BusError: the bus refuses.
        """
        body = Writer()
        body.string(rule)
        self.call(BUS, "/org/freedesktop/DBus", BUS, "AddMatch", body)

    def wait_signal(self) -> BusMessage:
        """Wait for the next signal, without a limit.

        Raises:
            OSError, BusError: the connection has ended, perhaps by `interrupt`.
        """
        self._socket.settimeout(None)
        while True:
            message = self._read()
            if message.kind == MessageType.SIGNAL:
                return message

    def _read(self) -> BusMessage:
        fixed = self._receive(FIXED_BYTES)
        return decode_message(fixed + self._receive(message_length(fixed) - FIXED_BYTES))

    def _receive(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            received = self._socket.recv(count - len(data))
            if not received:
                raise ConnectionError("the session bus has ended the connection")
            data += received
        return data

    def interrupt(self) -> None:
        """End a wait for a signal. Any thread; the connection is of no use afterwards."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()


def _connect(environment: Mapping[str, str]) -> socket.socket:
    if sys.platform == "win32":
        raise NoBusError("this system has no session bus")
    for address in _addresses(environment):
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            sock.settimeout(CALL_S)
            sock.connect(address)
        except OSError:
            sock.close()
        else:
            return sock
    raise NoBusError("this desktop has no session bus")


def _addresses(environment: Mapping[str, str]) -> list[str]:
    """Return the sockets of the bus, as Python names them."""
    found = []
    for address in environment.get("DBUS_SESSION_BUS_ADDRESS", "").split(";"):
        transport, _, rest = address.partition(":")
        keys = dict(each.partition("=")[::2] for each in rest.split(","))
        if transport == "unix" and "path" in keys:
            found.append(keys["path"])
        elif transport == "unix" and "abstract" in keys:
            found.append("\0" + keys["abstract"])
    runtime = environment.get("XDG_RUNTIME_DIR", "")
    if not found and runtime:
        found.append(str(Path(runtime) / "bus"))
    return found
