"""A file of this computer, read to be sent. Any thread, one at a time but for `close`."""

import hashlib
import io
import os
import stat
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import BinaryIO

from media.files.errors import FileError, FileProblem, reading_failed
from media.files.safe_file_name import safe_file_name

BUFFER_BYTES = 256 * 1024
"""Read at once from the disk: parts of a file are a few kilobytes on small links."""


class OutgoingFile:
    """An open file, and the checksum of what was read of it so far.

    Attributes:
        name: without a folder, as the other peer may store it.
    """

    def __init__(self, file: BinaryIO, name: str, size_bytes: int) -> None:
        self.name = safe_file_name(name)
        self.size_bytes = size_bytes
        self._lock = Lock()
        self._file = file
        self._sha256 = hashlib.sha256()
        self._hashed_bytes = 0
        self._at_bytes = 0
        self._stamp = _stamp(file)

    def read(self, offset_bytes: int, count_bytes: int) -> bytes:
        """Return bytes of the file, fewer only at its end; b"" once it is closed.

        Raises:
            FileError: it cannot be read, or is no longer what it was.
        """
        with self._lock:
            if self._file.closed:
                return b""
            wanted_bytes = min(count_bytes, self.size_bytes - offset_bytes)
            try:
                if offset_bytes != self._at_bytes:
                    self._file.seek(offset_bytes)
                data = self._file.read(wanted_bytes)
            except OSError as error:
                raise reading_failed(error) from error
            if len(data) != wanted_bytes:
                raise FileError(FileProblem.CHANGED)
            self._at_bytes = offset_bytes + len(data)
            new_bytes = self._at_bytes - self._hashed_bytes
            if new_bytes > 0:  # After a resume, some is read again.
                self._sha256.update(data[-new_bytes:])
                self._hashed_bytes = self._at_bytes
            return data

    def finish(self) -> bytes:
        """Return the SHA-256 of the whole file, all of which must have been read.

        Raises:
            FileError: the file changed meanwhile, so what was sent may be a mixture.
        """
        with self._lock:
            if self._file.closed or _stamp(self._file) != self._stamp:
                raise FileError(FileProblem.CHANGED)
            return self._sha256.digest()

    def close(self) -> None:
        """Close the file. Any thread; waits for a read."""
        with self._lock, suppress(OSError):
            self._file.close()


def open_file(path: Path) -> OutgoingFile:
    """Open a file to be sent. May block as long as the disk does.

    Raises:
        FileError: it is missing, no regular file, or cannot be read.
    """
    try:
        path = path.expanduser()
        # Before it is opened: a pipe would block until somebody writes to it.
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise FileError(FileProblem.FOLDER)
        if not stat.S_ISREG(mode):
            raise FileError(FileProblem.NOT_REGULAR)
        file = path.open("rb", buffering=BUFFER_BYTES)
    except OSError as error:
        raise reading_failed(error) from error
    except (RuntimeError, ValueError) as error:  # No home folder; a zero byte in the path.
        raise FileError(FileProblem.MISSING) from error
    return OutgoingFile(file, path.name, os.fstat(file.fileno()).st_size)


def open_bytes(name: str, data: bytes) -> OutgoingFile:
    """Return bytes in memory as a file to be sent."""
    return OutgoingFile(io.BytesIO(data), name, len(data))


def _stamp(file: BinaryIO) -> tuple[int, int]:
    """Return what differs once a file has changed: its size and its time of change."""
    try:
        found = os.fstat(file.fileno())
    except OSError:  # In memory, where nothing changes.
        return 0, 0
    return found.st_size, found.st_mtime_ns
