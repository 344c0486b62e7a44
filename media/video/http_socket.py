"""A TCP or TLS connection to a camera, every step of which has a deadline. Used by one thread.

Never waits longer than a slice of 50 ms without looking whether it was closed, so that a close from
another thread ends even a connection that is only being made. Name look-up alone cannot be ended.

A certificate that the system's authorities verify for the host is accepted. For another, most of
all a self-signed one, `CameraPins` is asked, on a second connection, before a byte of the request
(which may carry a password) is sent.
"""

import selectors
import socket
import ssl
from collections.abc import Callable
from hashlib import sha256
from threading import Event

from core.program import COMMAND
from media.errors import SourceError
from media.video.certificate_pins import CameraPins
from media.video.http_target import HttpTarget
from media.video.use_guard import SourceClosedError

CONNECT_TIMEOUT_S = 3.0
_SLICE_S = 0.05
_READ_BYTES = 256 * 1024
_US_PER_S = 1_000_000


class _UnverifiedError(Exception):
    """No authority vouches for the certificate."""


class CameraSocket:
    """Bytes to and from one camera.

    Args:
        closed: set by another thread; every wait here then ends with SourceClosedError.
        now_us: this machine's monotonic clock.
    """

    def __init__(
        self, target: HttpTarget, pins: CameraPins, closed: Event, now_us: Callable[[], int]
    ) -> None:
        self._target = target
        self._pins = pins
        self._closed = closed
        self._now_us = now_us
        self._socket: socket.socket | None = None
        self._selector = selectors.DefaultSelector()

    def connect(self) -> None:
        """Connect, and for https verify or pin the certificate; at most 3 s for each connection.

        Raises SourceError.
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
        """Send all. Raises SourceError; after 3 s at the latest."""
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
                raise self._lost(error) from error

    def receive(self) -> bytes | None:
        """Return what is there, at most 256 KiB: None for nothing yet, b"" at the end.

        Never blocks. Raises SourceError.
        """
        try:
            return self._connected.recv(_READ_BYTES)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return None
        except ssl.SSLEOFError:
            return b""
        except OSError as error:
            raise self._lost(error) from error

    def wait_readable(self, timeout_s: float) -> None:
        """Return as soon as something is there, or after the time. Raises SourceClosedError."""
        deadline_us = self._now_us() + int(timeout_s * _US_PER_S)
        self._wait(selectors.EVENT_READ, deadline_us, is_error=False)

    def interrupt(self) -> None:
        """Wake a thread that waits here; called from another one."""
        connected = self._socket
        if connected is not None:
            try:
                connected.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # not connected yet, or no more: the next slice sees `closed`

    def close(self) -> None:
        """Free the socket. Not while another thread is inside."""
        self._drop()
        self._selector.close()

    @property
    def _connected(self) -> socket.socket:
        if self._socket is None:
            raise SourceError(f"{self._target.label} is not connected")
        return self._socket

    def _dial(self, context: ssl.SSLContext | None) -> None:
        """Try every address of the host within one limit."""
        target = self._target
        try:
            addresses = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise SourceError(
                f"{target.label} is not found", "Check the name in the URL, and the network"
            ) from error
        deadline_us = self._now_us() + int(CONNECT_TIMEOUT_S * _US_PER_S)
        failure: SourceError | None = None
        for family, kind, protocol, _, address in addresses:
            try:
                self._drop()
                self._open(socket.socket(family, kind, protocol), address, deadline_us)
                if context is not None:
                    self._shake_hands(context, deadline_us)
                return
            except SourceClosedError:
                raise
            except SourceError as error:
                failure = error
        raise failure or SourceError(f"{target.label} is not found")

    def _open(self, fresh: socket.socket, address: object, deadline_us: int) -> None:
        self._socket = fresh
        fresh.setblocking(False)
        fresh.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._selector.register(fresh, selectors.EVENT_WRITE)
        try:
            fresh.connect(address)  # type: ignore[arg-type]  # as getaddrinfo gave it
        except BlockingIOError:
            self._wait(selectors.EVENT_WRITE, deadline_us)
        except OSError as error:
            raise self._lost(error) from error
        code = fresh.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise self._lost(OSError(code, "connect"))

    def _shake_hands(self, context: ssl.SSLContext, deadline_us: int) -> None:
        plain = self._connected
        self._selector.unregister(plain)
        try:
            secure = context.wrap_socket(
                plain, server_hostname=self._target.host, do_handshake_on_connect=False
            )
        except (OSError, ValueError) as error:
            plain.close()
            self._socket = None
            raise SourceError(f"{self._target.label} does not answer by TLS") from error
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
                    f"{self._target.label} does not answer by TLS",
                    "Try the same URL with http:// if the network is yours",
                ) from error

    def _check_pin(self) -> None:
        secure = self._connected
        certificate = secure.getpeercert(True) if isinstance(secure, ssl.SSLSocket) else None
        if not certificate:
            raise SourceError(f"{self._target.label} shows no certificate")
        fingerprint = sha256(certificate).digest()
        if not self._pins.check(self._target.host, self._target.port, fingerprint):
            self._drop()
            raise SourceError(
                f"THE CERTIFICATE OF {self._target.label} HAS CHANGED: this may be another camera,"
                " or somebody in between; nothing is read from it",
                "If you replaced the camera or its app yourself, run"
                f" `{COMMAND} known forget-camera {self._target.host}:{self._target.port}`",
            )

    def _wait(self, event: int, deadline_us: int, *, is_error: bool = True) -> None:
        connected = self._connected
        self._selector.modify(connected, event)
        while not self._closed.is_set():
            left_s = (deadline_us - self._now_us()) / _US_PER_S
            if left_s <= 0:
                if is_error:
                    raise SourceError(
                        f"{self._target.label} does not answer",
                        "Check that the camera's app runs, and the network",
                    )
                return
            if self._selector.select(min(left_s, _SLICE_S)):
                return
        raise SourceClosedError

    def _lost(self, error: OSError) -> SourceError:
        if self._closed.is_set():
            return SourceClosedError()
        if isinstance(error, ConnectionRefusedError):
            return SourceError(
                f"{self._target.label} refuses: nothing listens there",
                "Start the camera's app, and check the port in the URL",
            )
        return SourceError(f"The connection to {self._target.label} is lost")

    def _drop(self) -> None:
        if self._socket is not None:
            if self._socket in self._selector.get_map():
                self._selector.unregister(self._socket)
            self._socket.close()
            self._socket = None
