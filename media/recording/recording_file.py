"""The file of a recording: complete parts are added, and a part that fails leaves no trace.

Recording thread only. Every part goes to the system in one piece, so what was added outlives the
program.
"""

import contextlib
import errno
import os
from io import FileIO
from pathlib import Path

from core.file_names import numbered
from media.errors import MediaError


class RecordingFile:
    """A new file that grows.

    Args:
        path: the name to take; if there is such a file already, and it is not empty, the first free
            one of `NAME 2`, `NAME 3`, ...

    Raises:
        MediaError: no file can be written there.
    """

    def __init__(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self.path, self._file = _open_unused(path)
        except OSError as error:
            raise MediaError(
                f"The recording cannot be written to {path}: {error.strerror or error}",
                "Check that the folder can be written to, then record again",
            ) from error
        self.size_bytes = 0

    def append(self, data: bytes) -> None:
        """Add a part.

        Raises:
            MediaError: it does not fit; the file ends with the part before it.
        """
        left = memoryview(data)
        try:
            while left:
                left = left[self._file.write(left) :]
        except OSError as error:
            with contextlib.suppress(OSError):
                self._file.truncate(self.size_bytes)
                self._file.seek(self.size_bytes)
            raise MediaError(
                f"The recording {self.path} has stopped: {error.strerror or error}."
                " It plays up to here, and the call goes on",
                "Make room on the disk, then record again",
            ) from error
        self.size_bytes += len(data)

    def overwrite(self, position: int, data: bytes) -> None:
        """Replace bytes that were added before. A disk that refuses leaves the file playable."""
        with contextlib.suppress(OSError):
            self._file.seek(position)
            self._file.write(data)
        with contextlib.suppress(OSError):
            self._file.seek(self.size_bytes)

    def clear(self) -> None:
        """Discard all that was added."""
        self.size_bytes = 0
        with contextlib.suppress(OSError):
            self._file.truncate(0)

    def close(self) -> None:
        """Close the file; remove it if nothing was added."""
        with contextlib.suppress(OSError):
            self._file.close()
        if not self.size_bytes:
            with contextlib.suppress(OSError):
                self.path.unlink()


def _open_unused(path: Path) -> tuple[Path, FileIO]:
    for candidate in numbered(path):
        with contextlib.suppress(FileExistsError):
            return candidate, FileIO(candidate, "xb")
        if candidate.is_file() and not candidate.stat().st_size:
            return candidate, FileIO(candidate, "r+b")
    raise OSError(errno.EEXIST, os.strerror(errno.EEXIST))
