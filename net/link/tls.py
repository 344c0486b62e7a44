"""TLS 1.3 for a link: its contexts, and a stream that is bytes in, bytes out.

Used by the send and the receive thread of a link at once, and by the listen thread before that.
It does no socket I/O and does not know who may be at the other end: certificates are checked by
their fingerprint, elsewhere.

                  read()  <-+                +-> write()
                            |  one SSLObject |
 socket -> feed() -> BIO ---+  and one lock  +--- BIO -> take_outgoing() -> socket

Two threads on one `ssl.SSLSocket` can deadlock in CPython; here each call holds the lock for no
longer than the coding of one record takes. The order of `write` is the order of
`take_outgoing`, so only one thread may take.
"""

import contextlib
import ssl
from collections import deque
from pathlib import Path
from threading import Lock
from typing import NoReturn, Protocol

from core.program import COMMAND
from net.errors import LinkLost, NetError, NotOurProtocol, ProtocolError
from net.link.protocol_sniffer import ENOUGH_BYTES, alert_meaning, who_speaks

ALPN = "visavis/1"
RECORD_BYTES = 16_384
"""The most plaintext that one TLS record holds; RFC 8446 section 5.1."""

_WRONG_PROGRAM = (
    f"check the address and the port: `{COMMAND} listen` prints both,"
    " and both sides need this program"
)
_WRONG_VERSION = "bring both sides to the same version of this program"


class HasPem(Protocol):
    """What a listener needs of its identity: a file with its key and certificate."""

    @property
    def pem_path(self) -> Path:
        """Return the path of the PEM file."""


def server_context(identity: HasPem) -> ssl.SSLContext:
    """Return the context of a listener, which proves `identity`.

    Reads its PEM file; raises OSError or ssl.SSLError if that has gone or is damaged.
    """
    context = _bare_context(ssl.PROTOCOL_TLS_SERVER)
    context.num_tickets = 0
    context.load_cert_chain(identity.pem_path)
    return context


def client_context() -> ssl.SSLContext:
    """Return the context of a caller: it takes any certificate, and has none of its own."""
    return _bare_context(ssl.PROTOCOL_TLS_CLIENT)


def _bare_context(protocol: int) -> ssl.SSLContext:
    # Not ssl.create_default_context: that one writes our session keys to the file named in the
    # environment's SSLKEYLOGFILE.
    context = ssl.SSLContext(protocol)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.maximum_version = ssl.TLSVersion.TLSv1_3
    # Debian's Python 3.11.2 sets this, and then an end without a goodbye reads as a clean one.
    context.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    context.set_alpn_protocols([ALPN])
    return context


class TlsStream:
    """One TLS session without its socket. Any thread may call anything; nothing blocks.

    What comes from the socket goes to `feed`; what `take_outgoing` returns goes to the socket,
    also after an error: it may be the alert that tells the other side. The first error of the
    session is raised again by every later `handshake`, `read` and `write`.
    """

    def __init__(self, context: ssl.SSLContext, *, server_side: bool) -> None:
        self._lock = Lock()
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._object = context.wrap_bio(self._incoming, self._outgoing, server_side=server_side)
        self._opening = b""
        # What was read at `close`, to be read again; no more than was fed by then.
        self._received: deque[bytes] = deque()
        self._failure: NetError | None = None
        self._is_complete = False
        self._is_closed = False

    def feed(self, received: bytes | memoryview) -> None:
        """Take bytes that came from the socket. How many wait here is the caller's to bound."""
        with self._lock:
            if len(self._opening) < ENOUGH_BYTES:
                self._opening += bytes(received[: ENOUGH_BYTES - len(self._opening)])
            self._incoming.write(received)

    def feed_eof(self) -> None:
        """Say that no more will come from the socket."""
        with self._lock:
            self._incoming.write_eof()

    def handshake(self) -> bool:
        """Go on with the handshake as far as what was fed allows; return True when it is done.

        After each call there may be outgoing bytes.

        Raises:
            NotOurProtocol: what came is not TLS 1.3.
            LinkLost: the stream ended before the handshake did.
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
        """Return what one record holds, at most `max_bytes`; None when it needs more from the
        socket; b"" after the other side's clean end.

        A read can put bytes into `take_outgoing` (the answer to a key update).

        Raises:
            LinkLost: the stream ended, or the other side broke off, without a clean end.
            ProtocolError: what came does not decrypt.
        """
        with self._lock:
            self._raise_earlier_failure()
            self._require_complete()
            if self._received:
                received = self._received.popleft()
                if len(received) > max_bytes:
                    self._received.appendleft(received[max_bytes:])
                return received[:max_bytes]
            try:
                return self._object.read(max_bytes)
            except ssl.SSLWantReadError:
                return None
            except ssl.SSLZeroReturnError:
                return b""
            except ssl.SSLError as error:
                if self._is_closed:
                    return b""
                self._fail(_later_failure(error), error)

    def write(self, plaintext: bytes | bytearray | memoryview) -> None:
        """Encrypt `plaintext`: into one record up to `RECORD_BYTES`, else into as few as hold it.

        The lock is let go between two records. Raises LinkLost after `close`.
        """
        with memoryview(plaintext) as view:
            for start in range(0, len(view), RECORD_BYTES):
                self._write_record(view[start : start + RECORD_BYTES])

    def _write_record(self, plaintext: memoryview) -> None:
        with self._lock:
            self._raise_earlier_failure()
            self._require_complete()
            if self._is_closed:
                raise LinkLost("This side has already ended the link")
            try:
                self._object.write(plaintext)
            except ssl.SSLError as error:
                self._fail(_later_failure(error), error)

    def take_outgoing(self) -> bytes:
        """Return and forget all that waits for the socket; b"" when nothing does."""
        with self._lock:
            return self._outgoing.read()

    @property
    def has_outgoing(self) -> bool:
        """Whether something waits for the socket."""
        with self._lock:
            return self._outgoing.pending > 0

    def close(self) -> None:
        """End our direction: the other side reads a clean end after all that was written.

        What it sent can still be read. Does nothing before the handshake is done, after an
        error, or again.
        """
        with self._lock:
            if not self._is_complete or self._is_closed or self._failure is not None:
                return
            self._is_closed = True
            # The end is written in any case; then unwrap looks for the other side's end, fails
            # because it has not come, and would throw away what comes before it.
            with contextlib.suppress(ssl.SSLError):
                while received := self._object.read(RECORD_BYTES):
                    self._received.append(received)
            with contextlib.suppress(ssl.SSLError):
                self._object.unwrap()

    def peer_certificate_der(self) -> bytes | None:
        """Return the certificate that the other side showed, in DER; None if it showed none."""
        with self._lock:
            self._require_complete()
            return self._object.getpeercert(binary_form=True)

    def alpn(self) -> str | None:
        """Return the protocol that both sides agreed on; None if the other side knows not ours."""
        with self._lock:
            self._require_complete()
            return self._object.selected_alpn_protocol()

    def require_our_protocol(self) -> None:
        """Raise NotOurProtocol unless both sides agreed on `ALPN`."""
        if self.alpn() != ALPN:
            raise NotOurProtocol(
                "What answered speaks TLS, but not this program's protocol", _WRONG_PROGRAM
            )

    def _require_complete(self) -> None:
        if not self._is_complete:
            raise RuntimeError("the handshake is not done")

    def _raise_earlier_failure(self) -> None:
        if self._failure is not None:
            raise _again(self._failure)

    def _fail(self, failure: NetError, error: ssl.SSLError) -> NoReturn:
        self._failure = failure
        raise _again(failure) from error

    def _handshake_failure(self, error: ssl.SSLError) -> NetError:
        if _is_end(error) or isinstance(error, ssl.SSLZeroReturnError):
            return LinkLost(
                "The other side closed the connection before it was encrypted", _WRONG_PROGRAM
            )
        meaning = alert_meaning(self._opening)
        if meaning:
            return NotOurProtocol(f"The other side refused TLS 1.3: {meaning}", _WRONG_VERSION)
        if error.reason in ("UNSUPPORTED_PROTOCOL", "VERSION_TOO_LOW"):
            return NotOurProtocol("The other side speaks an older TLS than 1.3", _WRONG_VERSION)
        who = who_speaks(self._opening)
        return NotOurProtocol(f"At the other end is {who}, not this program", _WRONG_PROGRAM)


def _again(failure: NetError) -> NetError:
    # A new object each time: two threads must not share one traceback.
    return type(failure)(failure.sentence, failure.next_step)


def _is_end(error: ssl.SSLError) -> bool:
    is_named = error.reason == "UNEXPECTED_EOF_WHILE_READING"  # By some builds of Python.
    return is_named or isinstance(error, ssl.SSLEOFError)


def _later_failure(error: ssl.SSLError) -> NetError:
    if _is_end(error):
        return LinkLost("The connection ended without a goodbye")
    if "ALERT" in (error.reason or ""):
        return LinkLost("The other side broke off the encryption")
    return ProtocolError("What came does not decrypt")
