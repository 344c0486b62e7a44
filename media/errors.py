"""Errors of pictures and sound. Pure: no I/O, no clock.

    MediaError
     +-- SourceError     a camera, URL, file or screen delivers no pictures
     +-- CodecError      a packet does not decode to a picture that we allow

Each carries a sentence for the user and the next step; the log has the details.
"""

from core.errors import ReportedError


class MediaError(ReportedError):
    """The base of all errors in this package."""


class SourceError(MediaError):
    """A source delivers no pictures at present; opening it again later may work."""


class CodecError(MediaError):
    """A packet or file does not hold a picture that we decode."""
