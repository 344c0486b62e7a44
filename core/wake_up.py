"""A wake-up signal for a thread that waits in a selector. Any thread may send it."""

import contextlib
import socket
from threading import Lock


class WakeUp:
    """The signal for one selector; register it there for reading."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)

    def fileno(self) -> int:
        """Return the file descriptor that becomes readable."""
        return self._reader.fileno()

    def wake(self) -> None:
        """End the present wait, or the next one. Never blocks; does nothing after `close`."""
        # Under the lock, since the system may reuse a closed socket's number for another file.
        with self._lock, contextlib.suppress(OSError):  # Full: a wake-up is already pending.
            self._writer.send(b"\0")

    def clear(self) -> None:
        """Clear the signal, so that the next wait blocks again. Waiting thread only."""
        with contextlib.suppress(BlockingIOError):
            self._reader.recv(4096)

    def wait(self, limit_s: float) -> None:
        """Wait for the signal alone, without a selector. Waiting thread only."""
        self._reader.settimeout(limit_s)
        with contextlib.suppress(TimeoutError):
            self._reader.recv(1)
        self._reader.setblocking(False)

    def close(self) -> None:
        """Close the sockets. Later calls of `wake` do nothing."""
        with self._lock:
            self._writer.close()
        self._reader.close()
