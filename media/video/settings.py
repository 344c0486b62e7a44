"""The `video` section of the settings. Pure: a value with its ranges."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

VideoCodec = Literal["h264", "mjpeg"]


class VideoSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is captured, and what is sent at most."""

    camera: Annotated[str, Meta(min_length=1, max_length=4096)] = "0"
    width_px: Annotated[int, Meta(ge=64, le=1920, multiple_of=2)] = 1280
    height_px: Annotated[int, Meta(ge=64, le=1080, multiple_of=2)] = 720
    frame_rate_hz: Annotated[int, Meta(ge=1, le=60)] = 30
    bitrate_bps: Annotated[int, Meta(ge=100_000, le=20_000_000)] = 2_500_000
    codec: VideoCodec = "h264"
