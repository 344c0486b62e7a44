"""Encoded pictures and sound, as media and net hand them to each other. Pure: values, no I/O.

The only module of `media` that `net` imports; it imports nothing but the standard library.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EncodedPicture:
    """The bytes of one picture as an encoder returns them, not numbered yet.

    Attributes:
        payload: H.264 in Annex B form, or one JPEG file.
        is_keyframe: True if it decodes alone.
        quantizer: how coarse it is, 0 to 51 by H.264, and up to 69 by x264 where the rate
            is far too low; None where the codec has no such figure.
    """

    payload: bytes
    is_keyframe: bool
    quantizer: float | None = None


@dataclass(frozen=True, slots=True)
class VideoPacket:
    """One encoded picture on its way to the other peer.

    Attributes:
        sequence: counts one direction's packets in a call, from 0, without gaps.
        captured_us: when the source handed the picture over, on the *sender's* monotonic clock.
        is_keyframe: True if it decodes alone.
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
        sequence: counts one direction's packets in a call, from 0; a gap is dropped sound.
        pts_us: when its first decoded sample was at the microphone, on the *sender's* monotonic
            clock.
        payload: the encoded bytes: one Opus packet, or raw samples.
    """

    sequence: int
    pts_us: int
    payload: bytes
