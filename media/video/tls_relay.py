"""A relay from a port of this computer to a camera behind TLS. One thread, while it is open.

FFmpeg's own TLS would accept any certificate. This one checks it as for https, by the system's
authorities or by the camera's pin, before FFmpeg sends its first byte.

    FFmpeg --> 127.0.0.1, one connection --> relay --> TLS --> camera
"""

import selectors
import socket
from collections.abc import Callable
from threading import Event

from core.threads import Threads
from media.errors import SourceError
from media.video.certificate_pins import CameraPins
from media.video.http_socket import CameraAddress, CameraSocket

_CHECK_S = 0.05
_SEND_TIMEOUT_S = 3.0
_READ_BYTES = 64 * 1024
LOCAL_HOST = "127.0.0.1"


class TlsRelay:
    """Carries the bytes of one connection to and from a camera.

    Args:
        now_us: this machine's monotonic clock.
    """

    def __init__(self, target: CameraAddress, pins: CameraPins, now_us: Callable[[], int]) -> None:
        self._closed = Event()
        self._camera = CameraSocket(target, pins, self._closed, now_us)
        self._threads = Threads()
        self._listening: socket.socket | None = None

    def start(self) -> int:
        """Connect to the camera, and return the port where its bytes come. Raises SourceError."""
        try:
            self._camera.connect()
            self._listening = socket.create_server((LOCAL_HOST, 0), backlog=1)
        except (SourceError, OSError):
            self._camera.close()
            raise
        port = int(self._listening.getsockname()[1])
        self._threads.start("camera TLS", self._run)
        return port

    def close(self) -> None:
        """End the connection; its thread ends within 50 ms. Any thread."""
        self._closed.set()

    def _run(self) -> None:
        try:
            connection = self._accept()
            if connection is not None:
                with connection:
                    self._carry(connection)
        except (SourceError, OSError):
            return  # FFmpeg sees the end of the connection
        finally:
            self._camera.close()

    def _accept(self) -> socket.socket | None:
        listening = self._listening
        if listening is None:
            return None
        with listening:
            listening.settimeout(_CHECK_S)
            while not self._closed.is_set():
                try:
                    return listening.accept()[0]
                except TimeoutError:
                    continue
        return None

    def _carry(self, connection: socket.socket) -> None:
        connection.settimeout(_SEND_TIMEOUT_S)
        with selectors.DefaultSelector() as selector:
            selector.register(connection, selectors.EVENT_READ)
            selector.register(self._camera.fileno(), selectors.EVENT_READ)
            while not self._closed.is_set():
                ready = selector.select(_CHECK_S)
                if any(key.fileobj is connection for key, _ in ready):
                    data = connection.recv(_READ_BYTES)
                    if not data:
                        return
                    self._camera.send(data)
                # TLS may hold bytes that the selector does not see.
                while (received := self._camera.receive()) is not None:
                    if not received:
                        return
                    connection.sendall(received)
