"""The `audio` section of the settings. Pure: values with their ranges."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Codec = Literal["opus", "pcm"]


class AudioSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Devices, codec and voice processing."""

    microphone: Annotated[str, Meta(min_length=1, max_length=4096)] = "default"
    speaker: Annotated[str, Meta(min_length=1, max_length=4096)] = "default"
    codec: Codec = "opus"
    bitrate_bps: Annotated[int, Meta(ge=6_000, le=256_000)] = 32_000
    echo_cancellation: bool = True
    noise_suppression: bool = True
    gain_control: bool = True
