"""Errors of pictures and sound. Pure: no I/O, no clock.

    MediaError
     +-- SourceError     a camera, URL, file or screen delivers no pictures
     +-- EncoderError    a library cannot encode pictures here
     +-- CodecError      a packet does not decode to a picture that we allow

Each carries a sentence for the user and the next step; the log has the details.
"""

import errno

from core.errors import ReportedError

_FULL_TABLES = frozenset({errno.EMFILE, errno.ENFILE})


class MediaError(ReportedError):
    """The base of all errors in this package."""


class SourceError(MediaError):
    """A source delivers no pictures at present; opening it again later may work."""


class CodecError(MediaError):
    """A packet or file does not hold a picture that we decode."""


class EncoderError(MediaError):
    """A library cannot encode pictures on this computer, usually for lack of memory."""


def shortage_of(error: Exception, doing: str) -> SourceError | None:
    """Return the error to report if the system lacks memory or file descriptors, else None.

    Args:
        doing: what failed, as in "opening film.mp4".
    """
    if isinstance(error, MemoryError):
        return SourceError(
            f"There is not enough memory for {doing}", "Close other programs, or raise `ulimit -v`"
        )
    if isinstance(error, OSError) and error.errno in _FULL_TABLES:
        return SourceError(
            f"Too many files are open for {doing}", "Raise the limit, as with `ulimit -n 1024`"
        )
    return None
