"""An HTTP/1.x response, parsed as its bytes arrive. Pure: no I/O, no clock.

    head   HTTP/1.1 200 OK CRLF  name: value CRLF ...  CRLF                 at most 64 KiB
    body   all bytes to the end of the connection, or Content-Length bytes, or chunked:
           size-in-hex [; extension] CRLF  bytes CRLF ...  0 CRLF  trailers CRLF

Source: RFC 9112.
"""

import re
from email.message import Message
from email.parser import BytesParser
from enum import Enum, auto

import msgspec

from media.errors import SourceError

_MAX_HEAD_BYTES = 64 * 1024
_MAX_CHUNK_LINE_BYTES = 1024
_STATUS_LINE = re.compile(rb"(?:HTTP/1\.([01])|ICY) ([1-9][0-9]{2})(?: [^\r\n]*)?")
"""Some cameras and their relays respond with the line of SHOUTcast, "ICY 200 OK"."""
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_HEX = re.compile(rb"[0-9A-Fa-f]{1,16}")
_BAD_CHUNK = "The camera's response has a malformed chunk"


class ResponseHead(msgspec.Struct, frozen=True):
    """The status line and headers of a response.

    Attributes:
        status: a number of three digits.
        content_type: lower case, without parameters; "" if the header is missing.
        location: the target of a redirect.
        is_kept_alive: True if the connection accepts another request after the body.
        has_length: True if the length of the body is known.
        challenges: the values of WWW-Authenticate.
    """

    status: int
    content_type: str
    location: str | None
    is_kept_alive: bool
    has_length: bool = False
    challenges: tuple[str, ...] = ()


class _Body(Enum):
    """The part of the body that is parsed next."""

    UNTIL_END = auto()
    LENGTH = auto()
    CHUNK_SIZE = auto()
    CHUNK_DATA = auto()
    CHUNK_END = auto()
    TRAILERS = auto()
    COMPLETE = auto()


class ResponseReader:
    """Parses one response: received bytes in, the bytes of the body out."""

    def __init__(self) -> None:
        self.head: ResponseHead | None = None
        self._buffer = bytearray()
        self._state = _Body.UNTIL_END
        self._left_bytes = 0

    @property
    def is_complete(self) -> bool:
        """True once the end of the body has arrived."""
        return self._state is _Body.COMPLETE

    def feed(self, data: bytes) -> bytes:
        """Parse received bytes, and return the bytes of the body among them. Raises SourceError."""
        if self.head is None:
            self._buffer += data
            if not self._read_head():
                return b""
            data = bytes(self._buffer)
            self._buffer.clear()
        if self._state is _Body.UNTIL_END:
            return data
        if self._state is _Body.LENGTH:
            body = data[: self._left_bytes]
            self._left_bytes -= len(body)
            if self._left_bytes == 0:
                self._state = _Body.COMPLETE
            return body
        self._buffer += data
        return self._read_chunks()

    def _read_head(self) -> bool:
        """Parse the head once it is complete, and remove it from the buffer; skip 1xx responses."""
        while end := _HEAD_END.search(self._buffer, 0, _MAX_HEAD_BYTES):
            raw = bytes(self._buffer[: end.end()])
            del self._buffer[: end.end()]
            line, _, fields = raw.partition(b"\n")
            status = _STATUS_LINE.fullmatch(line.rstrip(b"\r"))
            if status is None:
                raise SourceError("The camera does not respond with HTTP")
            if int(status[2]) >= 200:
                headers = BytesParser().parsebytes(fields, headersonly=True)
                self.head = self._parse_head(status[1] == b"1", int(status[2]), headers)
                return True
        if len(self._buffer) >= _MAX_HEAD_BYTES:
            raise SourceError("The headers of the camera's response have no end")
        return False

    def _parse_head(
        self, is_http_1_1: bool, status: int, headers: "Message[str, str]"
    ) -> ResponseHead:
        length = str(headers.get("Content-Length", "")).strip()
        connection = str(headers.get("Connection", "")).lower()
        if "chunked" in str(headers.get("Transfer-Encoding", "")).lower():
            self._state = _Body.CHUNK_SIZE
        elif status in (204, 304):
            self._state = _Body.COMPLETE
        elif length.isascii() and length.isdigit():
            self._left_bytes = int(length[:18])
            self._state = _Body.LENGTH if self._left_bytes else _Body.COMPLETE
        location = headers.get("Location")
        return ResponseHead(
            status=status,
            content_type=headers.get_content_type() if "Content-Type" in headers else "",
            location=None if location is None else str(location).strip(),
            is_kept_alive="keep-alive" in connection or (is_http_1_1 and "close" not in connection),
            has_length=self._state is _Body.LENGTH,
            challenges=tuple(str(each) for each in headers.get_all("WWW-Authenticate", [])),
        )

    def _read_chunks(self) -> bytes:
        body = bytearray()
        while True:
            match self._state:
                case _Body.CHUNK_SIZE:
                    line = self._next_line()
                    if line is None:
                        return bytes(body)
                    digits = _HEX.match(line.strip())
                    if digits is None:
                        raise SourceError(_BAD_CHUNK)
                    self._left_bytes = int(digits[0], 16)
                    self._state = _Body.CHUNK_DATA if self._left_bytes else _Body.TRAILERS
                case _Body.CHUNK_DATA:
                    part = self._buffer[: self._left_bytes]
                    if not part:
                        return bytes(body)
                    body += part
                    del self._buffer[: len(part)]
                    self._left_bytes -= len(part)
                    if self._left_bytes == 0:
                        self._state = _Body.CHUNK_END
                case _Body.CHUNK_END:
                    line = self._next_line()
                    if line is None:
                        return bytes(body)
                    if line.strip():
                        raise SourceError(_BAD_CHUNK)
                    self._state = _Body.CHUNK_SIZE
                case _Body.TRAILERS:
                    line = self._next_line()
                    if line is None:
                        return bytes(body)
                    if not line.strip():
                        self._state = _Body.COMPLETE
                case _:
                    return bytes(body)

    def _next_line(self) -> bytes | None:
        """Remove and return the next line of the buffer, or None if it is incomplete."""
        end = self._buffer.find(b"\n", 0, _MAX_CHUNK_LINE_BYTES)
        if end < 0:
            if len(self._buffer) >= _MAX_CHUNK_LINE_BYTES:
                raise SourceError(_BAD_CHUNK)
            return None
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return line
