"""What can go wrong with pictures and sound.

    MediaError
     +-- SourceError     a camera, URL, file or screen gives no pictures
     +-- CodecError      a packet does not decode to a picture that we allow

Each carries a sentence for the person and the next step; the log has the rest.
"""

from core.errors import ReportedError


class MediaError(ReportedError):
    """Any failure in this package."""


class SourceError(MediaError):
    """A source gives no pictures, now; it is worth trying again."""


class CodecError(MediaError):
    """A packet from the other side is not a picture that we decode."""
