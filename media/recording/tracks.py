"""The packets that a recording is given, and their tracks. Pure: values only."""

from enum import IntEnum

import msgspec


class Track(IntEnum):
    """The tracks of a recording, in the order of the file."""

    REMOTE_PICTURE = 1
    REMOTE_VOICE = 2
    OWN_PICTURE = 3
    OWN_VOICE = 4


PICTURES = (Track.REMOTE_PICTURE, Track.OWN_PICTURE)
VOICES = (Track.REMOTE_VOICE, Track.OWN_VOICE)


class RecordedPacket(msgspec.Struct, frozen=True):
    """One packet of a call, on its way into a recording.

    Attributes:
        codec: `h264` or `mjpeg`; `opus` or `pcm`.
        sequence: counts the packets of its track in the call; a gap is a packet that is missing.
        taken_us: when it was captured, on the clock of the peer that captured it.
        arrived_us: when it was sent or received here, on our clock.
        estimate_us: `taken_us` on our clock, as far as it is known; None while it is not.
        width_px, height_px: of a picture.
    """

    track: Track
    codec: str
    sequence: int
    taken_us: int
    arrived_us: int
    estimate_us: int | None
    is_keyframe: bool
    payload: bytes | bytearray | memoryview
    width_px: int = 0
    height_px: int = 0
