"""An encoded unit, as media hands it to the network and takes it back. Pure: values, no I/O.

The one thing of `media` that `net` knows; it imports only the standard library.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class VideoPacket:
    """One encoded picture.

    Attributes:
        sequence: counts a direction's packets of one call from 0, without gaps.
        captured_us: when its source handed the picture over, on the *sender's* monotonic clock.
        is_keyframe: whether it decodes alone.
        payload: the encoded bytes: H.264 in Annex B form, or one JPEG file.
    """

    sequence: int
    captured_us: int
    is_keyframe: bool
    payload: bytes | bytearray | memoryview


@dataclass(frozen=True, slots=True)
class AudioPacket:
    """One encoded stretch of sound.

    Attributes:
        sequence: counts a direction's packets of one call from 0; a gap is sound that was dropped.
        pts_us: when the first sample that it decodes to was at the microphone, on the *sender's*
            monotonic clock.
        payload: the encoded bytes: one Opus packet, or raw samples.
    """

    sequence: int
    pts_us: int
    payload: bytes
