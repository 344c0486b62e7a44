"""A TCP relay between a caller and a listener, which can lose connections as a network does."""

import contextlib
import selectors
import socket
import struct
import threading
from dataclasses import dataclass, field

RESET = struct.pack("ii", 1, 0)
"""SO_LINGER: a closed socket sends a reset."""


@dataclass(eq=False)
class _Way:
    """One direction of one connection."""

    source: socket.socket
    sink: socket.socket
    is_from_caller: bool
    is_forgotten: bool = field(default=False)


class ForgetfulRelay:
    """Relays any number of connections to a port of this machine, in a thread."""

    def __init__(self, port: int) -> None:
        self._listener_port = port
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self.accepted = 0
        self._lock = threading.Lock()
        self._ways: list[_Way] = []
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._server, selectors.EVENT_READ)
        self._is_closed = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def forget(self, *, from_caller: bool = True, from_listener: bool = True) -> None:
        """Drop all that comes on the present connections from now on, without a word."""
        with self._lock:
            for way in self._ways:
                way.is_forgotten |= from_caller if way.is_from_caller else from_listener

    def reset(self, *, caller: bool = True, listener: bool = True) -> None:
        """Reset the ends of the present connections; an end that is spared hears nothing."""
        with self._lock:
            for way in self._ways:
                way.is_forgotten = True
                if caller if way.is_from_caller else listener:
                    way.source.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                    self._drop(way.source)

    def _run(self) -> None:
        while not self._is_closed:
            for key, _ in self._selector.select(0.05):
                with self._lock, contextlib.suppress(OSError):
                    if key.fileobj is self._server:
                        self._accept()
                    elif isinstance(key.data, _Way):
                        self._relay(key.data)

    def _accept(self) -> None:
        caller, _ = self._server.accept()
        self.accepted += 1
        try:
            listener = socket.create_connection(("127.0.0.1", self._listener_port))
        except OSError:  # its program has ended, or ends its call
            caller.close()
            return
        for way in (_Way(caller, listener, True), _Way(listener, caller, False)):
            self._ways.append(way)
            self._selector.register(way.source, selectors.EVENT_READ, way)

    def _relay(self, way: _Way) -> None:
        data = b""
        with contextlib.suppress(OSError):
            data = way.source.recv(65_536)
        if way.is_forgotten and data:
            return
        if not data:
            self._drop(way.source)
            if not way.is_forgotten:
                with contextlib.suppress(OSError):
                    way.sink.shutdown(socket.SHUT_WR)
            return
        way.sink.sendall(data)

    def _drop(self, sock: socket.socket) -> None:
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(sock)
        sock.close()
        self._ways = [way for way in self._ways if way.source is not sock]

    def close(self) -> None:
        """Close everything."""
        self._is_closed = True
        self._thread.join()
        for way in self._ways:
            way.source.close()
        self._selector.close()
        self._server.close()
