"""Errors of reading and storing files. Pure: no I/O, no clock."""

import errno
from enum import StrEnum

from media.errors import MediaError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class FileProblem(StrEnum):
    """A fault of a file."""

    MISSING = "missing"
    FOLDER = "folder"
    NOT_REGULAR = "not_regular"
    """A device, a pipe or a socket."""
    UNREADABLE = "unreadable"
    CHANGED = "changed"
    """It changed while it was read."""
    DISK_FULL = "disk_full"
    NOT_WRITABLE = "not_writable"
    CHECKSUM = "checksum"
    """The stored bytes are not those that were sent."""


class FileError(MediaError):
    """A file cannot be read or stored.

    Args:
        detail: what the system said, or "".
    """

    def __init__(self, problem: FileProblem, detail: str = "") -> None:
        super().__init__(detail or problem.value)
        self.problem = problem
        self.detail = detail


def reading_failed(error: OSError) -> FileError:
    """Return the error of a file that the system does not let us read."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return FileError(FileProblem.MISSING)
    if isinstance(error, IsADirectoryError):
        return FileError(FileProblem.FOLDER)
    return FileError(FileProblem.UNREADABLE, error.strerror or str(error))


def storing_failed(error: OSError | ValueError) -> FileError:
    """Return the error of a file that the system does not let us store.

    A ValueError comes from a path that the system cannot express.
    """
    if isinstance(error, ValueError):
        return FileError(FileProblem.NOT_WRITABLE, str(error))
    if error.errno in _FULL:
        return FileError(FileProblem.DISK_FULL)
    return FileError(FileProblem.NOT_WRITABLE, error.strerror or str(error))
