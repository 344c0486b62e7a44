"""What one direction's pictures are, from what both ends said they can do. Pure."""

from collections.abc import Sequence
from typing import Literal, cast

from net.protocol.control import Decodable

KnownCodec = Literal["h264", "mjpeg"]


def agree(
    wanted_codec: str, wanted_px: tuple[int, int], can_decode: Sequence[Decodable]
) -> tuple[KnownCodec, tuple[int, int]] | None:
    """Return the codec and the largest size that the sender uses, or None where nothing fits.

    Args:
        wanted_codec, wanted_px: the sender's settings.
        can_decode: what the receiver takes, in its order; the sender's codec goes before that.
    """
    for offer in sorted(can_decode, key=lambda offer: offer.codec != wanted_codec):
        if offer.codec in ("h264", "mjpeg"):
            width = min(wanted_px[0], offer.width_px) // 2 * 2
            height = min(wanted_px[1], offer.height_px) // 2 * 2
            return cast(KnownCodec, offer.codec), (width, height)
    return None
