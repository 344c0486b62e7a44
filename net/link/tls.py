"""TLS 1.3 for a link: its contexts, and a stream without a socket. Any thread.

The send and the receive thread of a link use it at the same time, and the listen thread before
them. It does no socket I/O and does not verify the peer: `net/protocol/handshake.py` checks the
certificate's fingerprint.

                  read()  <-+                +-> write()
                            |  one SSLObject |
 socket -> feed() -> BIO ---+  and one lock  +--- BIO -> take_outgoing() -> socket

Two threads on one `ssl.SSLSocket` can deadlock in CPython. Here each call holds the lock only while
it encrypts or decrypts one record. `take_outgoing` returns data in the order of `write`, so only
one thread may call it.
"""

import contextlib
import ssl
from collections import deque
from pathlib import Path
from threading import Lock
from typing import NoReturn, Protocol

from core.program import COMMAND
from net.errors import LinkLost, NetError, NotOurProtocol, ProtocolError
from net.link.protocol_sniffer import ENOUGH_BYTES, explain_alert, identify_sender

ALPN = "visavis/1"
RECORD_BYTES = 16_384
"""The most plaintext in one TLS record, RFC 8446 section 5.1."""

_WRONG_PROGRAM = (
    f"check the address and the port, which `{COMMAND} listen` prints; both sides need this program"
)
_WRONG_VERSION = "update both sides to the same version of this program"


class HasPem(Protocol):
    """An identity whose key and certificate are in a PEM file."""

    @property
    def pem_path(self) -> Path:
        """The path of the PEM file."""


def server_context(identity: HasPem) -> ssl.SSLContext:
    """Return the context of a listener that proves `identity`. Reads the identity's PEM file.

    Raises:
        OSError: the file cannot be read.
        ssl.SSLError: the file is damaged.
    """
    context = _bare_context(ssl.PROTOCOL_TLS_SERVER)
    context.num_tickets = 0
    context.load_cert_chain(identity.pem_path)
    return context


def client_context() -> ssl.SSLContext:
    """Return the context of a caller, which accepts any certificate and has none."""
    return _bare_context(ssl.PROTOCOL_TLS_CLIENT)


def _bare_context(protocol: int) -> ssl.SSLContext:
    # Not ssl.create_default_context, which writes our session keys to the file named in the
    # environment variable SSLKEYLOGFILE.
    context = ssl.SSLContext(protocol)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.maximum_version = ssl.TLSVersion.TLSv1_3
    # Debian's Python 3.11.2 sets this option, which makes an end without a goodbye look clean.
    context.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    context.set_alpn_protocols([ALPN])
    return context


class TlsStream:
    """One TLS session without its socket. Never blocks.

    Feed it the bytes from the socket, and send the bytes from `take_outgoing`, even after an error,
    since they may be the alert for the peer. After the first error, every `handshake`, `read` and
    `write` raises that error again.
    """

    def __init__(self, context: ssl.SSLContext, *, server_side: bool) -> None:
        self._lock = Lock()
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._object = context.wrap_bio(self._incoming, self._outgoing, server_side=server_side)
        self._opening = b""
        # Plaintext decrypted by `close` and not yet read; no more than had been fed.
        self._unread: deque[bytes] = deque()
        self._failure: NetError | None = None
        self._is_complete = False
        self._is_closed = False
        self._has_peer_ended = False

    def feed(self, received: bytes | memoryview) -> None:
        """Add bytes from the socket. The caller bounds the number that waits here."""
        with self._lock:
            if len(self._opening) < ENOUGH_BYTES:
                self._opening += bytes(received[: ENOUGH_BYTES - len(self._opening)])
            self._incoming.write(received)

    def feed_eof(self) -> None:
        """Note that the socket has reached its end."""
        with self._lock:
            self._incoming.write_eof()

    def handshake(self) -> bool:
        """Continue the handshake with the bytes fed so far; return whether it is complete.

        May leave bytes for `take_outgoing`.

        Raises:
            NotOurProtocol: the peer does not speak TLS 1.3.
            LinkLost: the stream ended during the handshake.
        """
        with self._lock:
            self._raise_earlier_failure()
            if not self._is_complete:
                try:
                    self._object.do_handshake()
                except ssl.SSLWantReadError:
                    return False
                except ssl.SSLError as error:
                    self._fail(self._handshake_failure(error), error)
                self._is_complete = True
            return True

    def read(self, max_bytes: int) -> bytes | None:
        """Return at most `max_bytes` of plaintext from one record.

        Returns None if more bytes from the socket are needed, and b"" after the peer's clean end.
        May leave bytes for `take_outgoing`: the answer to a key update.

        Raises:
            LinkLost: the stream ended, or the peer aborted it, without a clean end.
            ProtocolError: the data does not decrypt.
        """
        with self._lock:
            self._raise_earlier_failure()
            self._require_complete()
            if self._unread:
                received = self._unread.popleft()
                if len(received) > max_bytes:
                    self._unread.appendleft(received[max_bytes:])
                return received[:max_bytes]
            if self._has_peer_ended:
                return b""
            if not (self._incoming.pending or self._incoming.eof or self._object.pending()):
                return None  # Nothing to decrypt; cheaper than OpenSSL's exception.
            try:
                received = self._object.read(max_bytes)
            except ssl.SSLWantReadError:
                return None
            except ssl.SSLZeroReturnError:
                received = b""
            except ssl.SSLError as error:
                if self._is_closed:
                    return b""
                self._fail(_failure_after_handshake(error), error)
            self._has_peer_ended = not received
            return received

    def write(self, plaintext: bytes | bytearray | memoryview) -> None:
        """Encrypt `plaintext` into records of up to `RECORD_BYTES`.

        Releases the lock between two records.

        Raises:
            LinkLost: this side has closed the stream.
        """
        with memoryview(plaintext) as view:
            for start in range(0, len(view), RECORD_BYTES):
                self._write_record(view[start : start + RECORD_BYTES])

    def _write_record(self, plaintext: memoryview) -> None:
        with self._lock:
            self._raise_earlier_failure()
            self._require_complete()
            if self._is_closed:
                raise LinkLost("This side has already closed the link")
            try:
                self._object.write(plaintext)
            except ssl.SSLError as error:
                self._fail(_failure_after_handshake(error), error)

    def take_outgoing(self) -> bytes:
        """Remove and return all bytes that wait for the socket; b"" if there are none."""
        with self._lock:
            return self._outgoing.read()

    @property
    def has_outgoing(self) -> bool:
        """True while bytes wait for the socket."""
        with self._lock:
            return self._outgoing.pending > 0

    def close(self) -> None:
        """Close our direction, so that the peer reads a clean end after all written data.

        Data from the peer can still be read. Does nothing before the handshake is complete, after
        an error, or when called again.
        """
        with self._lock:
            if not self._is_complete or self._is_closed or self._failure is not None:
                return
            self._is_closed = True
            # `unwrap` writes our end, and fails if the peer's end has not come. It would discard
            # data before the peer's end, so read that data first.
            with contextlib.suppress(ssl.SSLError):
                while received := self._object.read(RECORD_BYTES):
                    self._unread.append(received)
            with contextlib.suppress(ssl.SSLError):
                self._object.unwrap()

    def peer_certificate_der(self) -> bytes | None:
        """Return the peer's certificate in DER, or None if it sent none."""
        with self._lock:
            self._require_complete()
            return self._object.getpeercert(binary_form=True)

    def channel_binding(self) -> bytes:
        """Return bytes that both ends of this stream share and no other stream has.

        It is the client's Finished message, a MAC over the whole handshake with a key of this
        stream. `tls-unique` is the name of RFC 5929, which ends with TLS 1.2; the successor of RFC
        9266 needs the exporter, which Python's ssl does not offer.
        """
        with self._lock:
            self._require_complete()
            binding = self._object.get_channel_binding("tls-unique")
        if not binding:
            raise RuntimeError("this OpenSSL gives no channel binding")
        return binding

    def alpn(self) -> str | None:
        """Return the protocol that both sides agreed on, or None."""
        with self._lock:
            self._require_complete()
            return self._object.selected_alpn_protocol()

    def require_our_protocol(self) -> None:
        """Check that both sides agreed on `ALPN`.

        Raises:
            NotOurProtocol: they did not.
        """
        if self.alpn() != ALPN:
            raise NotOurProtocol(
                "The other program speaks TLS, but not this program's protocol", _WRONG_PROGRAM
            )

    def _require_complete(self) -> None:
        if not self._is_complete:
            raise RuntimeError("the handshake is not complete")

    def _raise_earlier_failure(self) -> None:
        if self._failure is not None:
            raise _copy(self._failure)

    def _fail(self, failure: NetError, error: ssl.SSLError) -> NoReturn:
        self._failure = failure
        raise _copy(failure) from error

    def _handshake_failure(self, error: ssl.SSLError) -> NetError:
        if _is_abrupt_end(error) or isinstance(error, ssl.SSLZeroReturnError):
            return LinkLost(
                "The other side closed the connection before it was encrypted", _WRONG_PROGRAM
            )
        meaning = explain_alert(self._opening)
        if meaning:
            return NotOurProtocol(f"The other side refused TLS 1.3: {meaning}", _WRONG_VERSION)
        if error.reason in ("UNSUPPORTED_PROTOCOL", "VERSION_TOO_LOW"):
            return NotOurProtocol("The other side speaks an older TLS than 1.3", _WRONG_VERSION)
        sender = identify_sender(self._opening)
        return NotOurProtocol(f"The other side is {sender}, not this program", _WRONG_PROGRAM)


def _copy(failure: NetError) -> NetError:
    # A new object each time, since two threads must not share one traceback.
    return type(failure)(failure.sentence, failure.next_step)


def _is_abrupt_end(error: ssl.SSLError) -> bool:
    is_named = error.reason == "UNEXPECTED_EOF_WHILE_READING"  # Some builds of Python.
    return is_named or isinstance(error, ssl.SSLEOFError)


def _failure_after_handshake(error: ssl.SSLError) -> NetError:
    if _is_abrupt_end(error):
        return LinkLost("The connection ended without a goodbye")
    if "ALERT" in (error.reason or ""):
        return LinkLost("The other side broke off the encryption")
    return ProtocolError(
        "The other side sent data that does not decrypt",
        "call again; if this happens again, something on the network changes your data",
    )
