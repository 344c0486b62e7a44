"""Errors of pictures and sound. Pure: no I/O, no clock.

    MediaError
     +-- SourceError     a camera, URL, file or screen delivers no pictures
     |    +-- ShortageError   the system lacks memory or file descriptors
     +-- EncoderError    a library cannot encode pictures here
     +-- CodecError      a packet does not decode to a picture that we allow

Each carries a sentence for the user and the next step; the log has the details.
"""

import errno
import sys

from core.errors import ReportedError

MORE_MEMORY = "Close other programs"
if sys.platform != "win32":
    MORE_MEMORY += ", or raise the limit of memory (`ulimit -v`)"
_FULL_TABLES = frozenset({errno.EMFILE, errno.ENFILE})


class MediaError(ReportedError):
    """The base of all errors in this package."""


class SourceError(MediaError):
    """A source delivers no pictures at present; opening it again later may work."""


class ShortageError(SourceError):
    """The system lacks memory or file descriptors; later there may be enough."""


class CodecError(MediaError):
    """A packet or file does not hold a picture that we decode."""


class EncoderError(MediaError):
    """A library cannot encode pictures on this computer, usually for lack of memory."""


LIBRARY_ERRORS = (OSError, MemoryError, ImportError)
"""What opening a device or file may raise when the system lacks something. Where no file can be
opened, modules cannot be loaded either."""


def shortage_of(error: BaseException, what: str) -> ShortageError | None:
    """Return the error to report if the system lacks memory or file descriptors, else None.

    Args:
        what: the thing that failed, as a sentence begins with it.
    """
    if isinstance(error, MemoryError):
        return ShortageError(f"{what} needs more memory than this program may use", MORE_MEMORY)
    if isinstance(error, OSError) and error.errno in _FULL_TABLES:
        return ShortageError(
            f"{what} needs more open files than this program may have",
            "Raise the limit, as with `ulimit -n 1024`, and start it again",
        )
    return None


def word_library_error(error: Exception, title: str) -> SourceError:
    """Return the error for a source that failed for a reason of the system's.

    Args:
        title: the source, as a sentence begins with it.
    """
    detail = error.strerror if isinstance(error, OSError) else str(error)
    return shortage_of(error, title) or SourceError(
        f"{title} cannot be used: {detail or type(error).__name__}"
    )
