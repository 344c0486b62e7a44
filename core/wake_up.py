"""Lets other threads interrupt a thread that waits in a selector."""

import contextlib
import socket
from threading import Lock


class WakeUp:
    """For one selector, in which it is registered for reading."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)

    def fileno(self) -> int:
        """Return what a selector waits for."""
        return self._reader.fileno()

    def wake(self) -> None:
        """End the wait that is, or the next one. Any thread; never blocks; nothing after close."""
        # The lock, since the system may give the number of a closed socket to another.
        with self._lock, contextlib.suppress(OSError):  # Full: it is awake already.
            self._writer.send(b"\0")

    def take(self) -> None:
        """Take note of having woken, or the wait would never wait again."""
        with contextlib.suppress(BlockingIOError):
            self._reader.recv(4096)

    def wait(self, limit_s: float) -> None:
        """Wait for this alone."""
        self._reader.settimeout(limit_s)
        with contextlib.suppress(TimeoutError):
            self._reader.recv(1)
        self._reader.setblocking(False)

    def close(self) -> None:
        """Let go of the sockets; `wake` may still come."""
        with self._lock:
            self._writer.close()
        self._reader.close()
