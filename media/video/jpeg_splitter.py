"""Whole JPEG pictures out of a stream of bytes. Pure: no I/O, no clock.

A `multipart/x-mixed-replace` stream is

    --boundary CRLF  Content-Type: image/jpeg CRLF  [Content-Length: n CRLF]  CRLF  JPEG  CRLF ...

and every camera writes its own dialect of it: boundaries with dashes of their own or in quotes,
lengths that are absent or wrong, no line end before the boundary. A JPEG however says itself where
it begins and ends, so only that is read and all between two pictures is passed over, which
understands every dialect alike and is not a picture late, as waiting for the next boundary is.

    FF D8   FF xx length ...   FF DA length ...   coded bits, in which FF is followed by   FF D9
    begin   segments           scan               00 or D0-D7 only (ITU T.81 B.1.1.5)      end

Segments are stepped over by their lengths, since a thumbnail in one is a JPEG of its own.
"""

from media.errors import SourceError

MAX_JPEG_BYTES = 8 * 1024 * 1024
"""More than any picture of 4096x4096 that a camera sends; what is larger is no picture."""

_BEGIN = b"\xff\xd8\xff"
_END = b"\xff\xd9"
_SCAN = 0xDA
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD8)})


class JpegSplitter:
    """Finds pictures; keeps the unfinished one and nothing else, at most 8 MiB."""

    def __init__(self) -> None:
        self.passed_over = 0
        """Whole pictures that were older than the one returned with them."""
        self._buffer = bytearray()
        self._begin = -1
        self._position = 0
        self._is_in_scan = False

    def feed(self, data: bytes) -> bytes | None:
        """Return the newest picture that these bytes complete, or None.

        Raises SourceError for a picture of more than 8 MiB.
        """
        self._buffer += data
        newest: tuple[int, int] | None = None
        while (end := self._find_end()) is not None:
            if newest is not None:
                self.passed_over += 1
            newest = (self._begin, end)
            self._restart(end)
        if len(self._buffer) - max(self._begin, 0) > MAX_JPEG_BYTES:
            raise SourceError("The camera sends a picture of more than 8 MiB")
        picture = None if newest is None else bytes(self._buffer[newest[0] : newest[1]])
        self._forget()
        return picture

    def _find_end(self) -> int | None:
        """Return where the picture ends that begins at or after here; None: not yet known."""
        buffer = self._buffer
        while True:
            if self._begin < 0:
                self._begin = buffer.find(_BEGIN, self._position)
                if self._begin < 0:
                    self._position = max(self._position, len(buffer) - len(_BEGIN) + 1)
                    return None
                self._position = self._begin + 2
            if self._is_in_scan:
                end = buffer.find(_END, self._position)
                another = buffer.find(_BEGIN, self._position, end if end >= 0 else len(buffer))
                if another >= 0:  # this one was cut off
                    self._restart(another)
                    continue
                if end < 0:
                    self._position = max(self._position, len(buffer) - len(_BEGIN) + 1)
                    return None
                return end + len(_END)
            if not self._step():
                return None

    def _step(self) -> bool:
        """Pass one segment. False: more bytes are needed."""
        buffer, at = self._buffer, self._position
        while at + 1 < len(buffer) and buffer[at] == buffer[at + 1] == 0xFF:
            at += 1  # fill bytes
        self._position = at
        if at + 1 >= len(buffer):
            return False
        marker = buffer[at + 1]
        if buffer[at] != 0xFF or marker in (0x00, 0xD9):
            self._restart(self._begin + 2)
        elif marker == 0xD8:
            self._restart(at)
        elif marker in _WITHOUT_LENGTH:
            self._position = at + 2
        elif at + 3 >= len(buffer):
            return False
        else:
            length = int.from_bytes(buffer[at + 2 : at + 4], "big")
            if length < 2:
                self._restart(self._begin + 2)
            else:
                self._position = at + 2 + length
                self._is_in_scan = marker == _SCAN
        return True

    def _restart(self, position: int) -> None:
        self._begin = -1
        self._position = position
        self._is_in_scan = False

    def _forget(self) -> None:
        """Drop what will not be looked at again."""
        used = self._begin if self._begin >= 0 else min(self._position, len(self._buffer))
        if used > 0:
            del self._buffer[:used]
            self._position -= used
            self._begin = min(0, self._begin)
