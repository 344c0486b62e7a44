"""Negotiation of the video and audio format of one direction. Pure: no I/O, no clock."""

from collections.abc import Sequence
from typing import Literal, NamedTuple, cast

from net.protocol.control import Decodable

KnownCodec = Literal["h264", "mjpeg"]
KnownSoundCodec = Literal["opus", "pcm"]


class AgreedVideo(NamedTuple):
    """The pictures that a sender may send: their codec, largest size and range."""

    codec: KnownCodec
    largest_px: tuple[int, int]
    allows_full_range: bool = False


def negotiate_video(
    wanted_codec: str, wanted_px: tuple[int, int], can_decode: Sequence[Decodable]
) -> AgreedVideo | None:
    """Return the codec, size and range for the sender to use, or None if nothing fits.

    Args:
        wanted_codec, wanted_px: the sender's settings.
        can_decode: the receiver's codecs, in its order of preference. The sender's setting takes
            precedence.
    """
    for offer in sorted(can_decode, key=lambda offer: offer.codec != wanted_codec):
        if offer.codec in ("h264", "mjpeg"):
            width = min(wanted_px[0], offer.width_px) // 2 * 2
            height = min(wanted_px[1], offer.height_px) // 2 * 2
            codec = cast(KnownCodec, offer.codec)
            return AgreedVideo(codec, (width, height), offer.takes_full_range)
    return None


def negotiate_audio(wanted_codec: str, can_hear: Sequence[str]) -> KnownSoundCodec | None:
    """Return the codec for the sender to use, or None if nothing fits.

    Args:
        wanted_codec: the sender's setting.
        can_hear: the receiver's codecs, in its order of preference. The sender's setting takes
            precedence.
    """
    for codec in sorted(can_hear, key=lambda codec: codec != wanted_codec):
        if codec in ("opus", "pcm"):
            return cast(KnownSoundCodec, codec)
    return None
