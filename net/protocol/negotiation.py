"""Negotiation of the video and audio format of one direction. Pure: no I/O, no clock."""

from collections.abc import Sequence
from typing import Literal, cast

from net.protocol.control import Decodable

KnownCodec = Literal["h264", "mjpeg"]
KnownSoundCodec = Literal["opus", "pcm"]


def negotiate_video(
    wanted_codec: str, wanted_px: tuple[int, int], can_decode: Sequence[Decodable]
) -> tuple[KnownCodec, tuple[int, int]] | None:
    """Return the codec and the largest size for the sender to use, or None if nothing fits.

    Args:
        wanted_codec, wanted_px: the sender's settings.
        can_decode: the receiver's codecs, in its order of preference. The sender's setting takes
            precedence.
    """
    for offer in sorted(can_decode, key=lambda offer: offer.codec != wanted_codec):
        if offer.codec in ("h264", "mjpeg"):
            width = min(wanted_px[0], offer.width_px) // 2 * 2
            height = min(wanted_px[1], offer.height_px) // 2 * 2
            return cast(KnownCodec, offer.codec), (width, height)
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
