"""Every setting of the program, as values with their ranges. Pure: no I/O, no clock."""

from typing import Annotated

import msgspec
from msgspec import Meta

from core.safe_text import MAX_NAME_CHARACTERS
from media.sound.settings import AudioSettings
from media.video.settings import VideoSettings
from net.settings import ListenSettings
from ui.window.settings import WindowSettings


class CallSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The times after which a call ends by itself.

    Attributes:
        duration_s: after which we hang up; 0 for never.
        silence_timeout_s: without any bytes from the other peer, after which the call is lost.
    """

    duration_s: Annotated[float, Meta(ge=0, le=31_536_000)] = 0.0
    silence_timeout_s: Annotated[float, Meta(ge=1, le=60)] = 4.0


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every setting of the program; `name` is None unless the user sets one."""

    name: Annotated[str, Meta(min_length=1, max_length=MAX_NAME_CHARACTERS)] | None = None
    listen: ListenSettings = ListenSettings()
    video: VideoSettings = VideoSettings()
    audio: AudioSettings = AudioSettings()
    call: CallSettings = CallSettings()
    window: WindowSettings = WindowSettings()
