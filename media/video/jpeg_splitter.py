"""A splitter of byte streams into complete JPEG pictures. Pure: no I/O, no clock.

A `multipart/x-mixed-replace` stream is

    --boundary CRLF  Content-Type: image/jpeg CRLF  [Content-Length: n CRLF]  CRLF  JPEG  CRLF ...

and every camera writes a different dialect of it: boundaries with extra dashes or quotes, lengths
that are missing or wrong, no line end before the boundary. But a JPEG marks its own beginning and
end. So only those marks are read, and everything between two pictures is skipped. That works for
every dialect, and a picture is complete with its last byte, not with the next boundary.

    FF D8   FF xx length ...   FF DA length ...   coded bits, in which FF is followed by   FF D9
    begin   segments           scan               00 or D0-D7 only (ITU T.81 B.1.1.5)      end

Segments are skipped by their lengths, because a segment may contain a thumbnail, itself a JPEG.
"""

import re

from media.errors import SourceError

MAX_JPEG_BYTES = 8 * 1024 * 1024
"""More than any camera's picture of 4096x4096; anything larger is not a picture."""

_BEGIN = b"\xff\xd8\xff"
_END = b"\xff\xd9"
_END_OR_BEGIN = re.compile(re.escape(_END) + b"|" + re.escape(_BEGIN))
"""One search for both takes a third of the time of two."""
_SCAN = 0xDA
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD8)})


class JpegSplitter:
    """Finds complete pictures. Keeps only the incomplete one, at most 8 MiB."""

    def __init__(self) -> None:
        self.skipped = 0
        """Complete pictures that `feed` did not return, because a newer one was complete too."""
        self._buffer = bytearray()
        self._begin = -1
        self._position = 0
        self._is_in_scan = False

    @property
    def has_begun(self) -> bool:
        """True while the beginning of a picture has arrived, and its end has not."""
        return self._begin >= 0

    def feed(self, data: bytes) -> bytes | None:
        """Return the newest picture that is complete with these bytes, or None.

        Raises SourceError if a picture has more than 8 MiB.
        """
        self._buffer += data
        newest: tuple[int, int] | None = None
        while (end := self._find_end()) is not None:
            if newest is not None:
                self.skipped += 1
            newest = (self._begin, end)
            self._restart(end)
        if len(self._buffer) - max(self._begin, 0) > MAX_JPEG_BYTES:
            raise SourceError("The camera sends a picture of more than 8 MiB")
        picture = None if newest is None else bytes(self._buffer[newest[0] : newest[1]])
        self._discard_used()
        return picture

    def _find_end(self) -> int | None:
        """Return the end of the next picture, or None if it has not arrived yet."""
        buffer = self._buffer
        while True:
            if self._begin < 0:
                self._begin = buffer.find(_BEGIN, self._position)
                if self._begin < 0:
                    self._position = max(self._position, len(buffer) - len(_BEGIN) + 1)
                    return None
                self._position = self._begin + 2
            if self._is_in_scan:
                mark = _END_OR_BEGIN.search(buffer, self._position)
                if mark is None:
                    self._position = max(self._position, len(buffer) - len(_BEGIN) + 1)
                    return None
                if mark[0] == _END:
                    return mark.end()
                self._restart(mark.start())  # the current picture was cut off
                continue
            if not self._skip_segment():
                return None

    def _skip_segment(self) -> bool:
        """Skip one segment; return False if more bytes are needed."""
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

    def _discard_used(self) -> None:
        """Discard the bytes that will not be read again."""
        used = self._begin if self._begin >= 0 else min(self._position, len(self._buffer))
        if used > 0:
            del self._buffer[:used]
            self._position -= used
            self._begin = min(0, self._begin)
