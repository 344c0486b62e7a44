"""The `video` section of the settings, and the codecs that it may name. Pure: values and ranges."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

VideoCodec = Literal["h264", "mjpeg"]

DECODED_CODECS: tuple[VideoCodec, ...] = ("h264", "mjpeg")
"""The codecs that we decode, in order of preference."""


class VideoSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The camera, and the limits of the pictures that are sent."""

    camera: Annotated[str, Meta(min_length=1, max_length=4096)] = "0"
    width_px: Annotated[int, Meta(ge=64, le=1920, multiple_of=2)] = 1280
    height_px: Annotated[int, Meta(ge=64, le=1080, multiple_of=2)] = 720
    frame_rate_hz: Annotated[int, Meta(ge=1, le=60)] = 30
    bitrate_bps: Annotated[int, Meta(ge=100_000, le=20_000_000)] = 2_500_000
    codec: VideoCodec = "h264"
