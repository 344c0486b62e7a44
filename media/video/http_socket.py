"""A TCP or TLS connection to a camera, with a deadline for each step. Capture thread.

Checks every 50 ms whether it was closed, so that `close` in another thread also ends a connection
attempt. Only a name look-up cannot be interrupted.

A certificate that the system's authorities verify for the host is accepted. Any other certificate,
usually a self-signed one, is checked by `CameraPins` on a second connection, before any byte of the
request is sent, because the request may carry a password.
"""

import selectors
import socket
import ssl
from collections.abc import Callable
from hashlib import sha256
from threading import Event
from typing import Protocol

from core.program import COMMAND
from media.errors import SourceError
from media.video.certificate_pins import CameraPins
from media.video.use_guard import SourceClosedError

CONNECT_TIMEOUT_S = 3.0
_CHECK_S = 0.05
_READ_BYTES = 256 * 1024
_US_PER_S = 1_000_000


class _UnverifiedError(Exception):
    """No authority of the system verifies the certificate."""


class CameraAddress(Protocol):
    """Where a camera is, and how a person knows it."""

    @property
    def is_tls(self) -> bool: ...
    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def label(self) -> str: ...
    @property
    def plain_scheme(self) -> str: ...


class CameraSocket:
    """Sends bytes to one camera and receives bytes from it.

    Args:
        closed: set by another thread; each wait then ends with SourceClosedError.
        now_us: this machine's monotonic clock.
    """

    def __init__(
        self, target: CameraAddress, pins: CameraPins, closed: Event, now_us: Callable[[], int]
    ) -> None:
        self._target = target
        self._pins = pins
        self._closed = closed
        self._now_us = now_us
        self._socket: socket.socket | None = None
        self._selector = selectors.DefaultSelector()

    def connect(self) -> None:
        """Connect, and for https verify or pin the certificate. Raises SourceError.

        Blocks for at most 3 s for each connection.
        """
        if not self._target.is_tls:
            self._dial(None)
            return
        try:
            self._dial(ssl.create_default_context())
        except _UnverifiedError:
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            self._dial(context)
            self._check_pin()

    def send(self, data: bytes) -> None:
        """Send all bytes. Blocks for 3 s at most. Raises SourceError."""
        deadline_us = self._now_us() + int(CONNECT_TIMEOUT_S * _US_PER_S)
        view = memoryview(data)
        while view:
            try:
                view = view[self._connected.send(view) :]
            except (BlockingIOError, ssl.SSLWantWriteError):
                self._wait(selectors.EVENT_WRITE, deadline_us)
            except ssl.SSLWantReadError:
                self._wait(selectors.EVENT_READ, deadline_us)
            except OSError as error:
                raise self._error_of(error) from error

    def receive(self) -> bytes | None:
        """Return received bytes, at most 256 KiB: None if there are none yet, b"" at the end.

        Never blocks. Raises SourceError.
        """
        try:
            return self._connected.recv(_READ_BYTES)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return None
        except ssl.SSLEOFError:
            return b""
        except OSError as error:
            raise self._error_of(error) from error

    def wait_readable(self, timeout_s: float) -> None:
        """Wait until there are bytes to receive, or the time is over. Raises SourceClosedError."""
        deadline_us = self._now_us() + int(timeout_s * _US_PER_S)
        self._wait(selectors.EVENT_READ, deadline_us, is_limit=False)

    def fileno(self) -> int:
        """Return the socket's file descriptor, for a selector. Raises SourceError."""
        return self._connected.fileno()

    def interrupt(self) -> None:
        """Wake the thread that waits here. Any thread."""
        connected = self._socket
        if connected is not None:
            try:
                connected.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # not connected: the waiting thread checks `closed` within 50 ms

    def close(self) -> None:
        """Release the socket. Not while another thread is inside."""
        self._close_socket()
        self._selector.close()

    @property
    def _connected(self) -> socket.socket:
        if self._socket is None:
            raise SourceError(f"{self._target.label} is not connected")
        return self._socket

    def _dial(self, context: ssl.SSLContext | None) -> None:
        """Connect to the first of the host's addresses that accepts, within one limit of 3 s."""
        target = self._target
        try:
            addresses = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise SourceError(
                f"{target.label} was not found", "Check the name in the URL, and the network"
            ) from error
        deadline_us = self._now_us() + int(CONNECT_TIMEOUT_S * _US_PER_S)
        failure: SourceError | None = None
        for family, kind, protocol, _, address in addresses:
            try:
                self._close_socket()
                self._open(socket.socket(family, kind, protocol), address, deadline_us)
                if context is not None:
                    self._start_tls(context, deadline_us)
                return
            except SourceClosedError:
                raise
            except SourceError as error:
                failure = error
        raise failure or SourceError(f"{target.label} was not found")

    def _open(
        self, plain: socket.socket, address: tuple[str | int | bytes, ...], deadline_us: int
    ) -> None:
        self._socket = plain
        plain.setblocking(False)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._selector.register(plain, selectors.EVENT_WRITE)
        try:
            plain.connect(address)
        except BlockingIOError:
            self._wait(selectors.EVENT_WRITE, deadline_us)
        except OSError as error:
            raise self._error_of(error) from error
        code = plain.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise self._error_of(OSError(code, "connect"))

    def _start_tls(self, context: ssl.SSLContext, deadline_us: int) -> None:
        plain = self._connected
        self._selector.unregister(plain)
        try:
            secure = context.wrap_socket(
                plain, server_hostname=self._target.host, do_handshake_on_connect=False
            )
        except (OSError, ValueError) as error:
            plain.close()
            self._socket = None
            raise SourceError(f"{self._target.label} does not respond with TLS") from error
        self._socket = secure
        self._selector.register(secure, selectors.EVENT_READ)
        while True:
            try:
                secure.do_handshake()
                return
            except ssl.SSLWantReadError:
                self._wait(selectors.EVENT_READ, deadline_us)
            except ssl.SSLWantWriteError:
                self._wait(selectors.EVENT_WRITE, deadline_us)
            except ssl.SSLCertVerificationError as error:
                raise _UnverifiedError from error
            except OSError as error:
                raise SourceError(
                    f"{self._target.label} does not respond with TLS",
                    f"Use {self._target.plain_scheme}:// instead, if you trust the network",
                ) from error

    def _check_pin(self) -> None:
        secure = self._connected
        certificate = secure.getpeercert(True) if isinstance(secure, ssl.SSLSocket) else None
        if not certificate:
            raise SourceError(f"{self._target.label} sent no certificate")
        fingerprint = sha256(certificate).digest()
        if not self._pins.check(self._target.host, self._target.port, fingerprint):
            self._close_socket()
            raise SourceError(
                f"THE CERTIFICATE OF {self._target.label} HAS CHANGED: this may be another camera,"
                " or someone is intercepting the connection; nothing was read from it",
                "If you replaced the camera or its app yourself, run"
                f" `{COMMAND} known forget-camera {self._target.host}:{self._target.port}`",
            )

    def _wait(self, event: int, deadline_us: int, *, is_limit: bool = True) -> None:
        connected = self._connected
        self._selector.modify(connected, event)
        while not self._closed.is_set():
            left_s = (deadline_us - self._now_us()) / _US_PER_S
            if left_s <= 0:
                if is_limit:
                    raise SourceError(
                        f"{self._target.label} does not respond",
                        "Check that the camera's app is running, and check the network",
                    )
                return
            if self._selector.select(min(left_s, _CHECK_S)):
                return
        raise SourceClosedError

    def _error_of(self, error: OSError) -> SourceError:
        if self._closed.is_set():
            return SourceClosedError()
        if isinstance(error, ConnectionRefusedError):
            return SourceError(
                f"{self._target.label} refused the connection",
                "Start the camera's app, and check the port in the URL",
            )
        return SourceError(f"The connection to {self._target.label} was lost")

    def _close_socket(self) -> None:
        if self._socket is not None:
            if self._socket in self._selector.get_map():
                self._selector.unregister(self._socket)
            self._socket.close()
            self._socket = None
