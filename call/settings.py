"""Every setting of the program, as values with their ranges. Pure: no I/O, no clock."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from core.safe_text import MAX_NAME_CHARACTERS
from media.files.settings import FileSettings
from media.sound.settings import AudioSettings
from media.video.settings import VideoSettings
from net.settings import ListenSettings
from ui.window.settings import WindowSettings

RING_SILENCE_S = 4.0
"""The longest silence of a peer while it rings: there is no call to hold yet."""


class CallSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The times after which a call ends by itself, and how its link is driven.

    Attributes:
        duration_s: after which we hang up; 0 for never.
        silence_timeout_s: without a message from the other peer, after which the call is lost. With
            a peer that cannot resume a call, 4 s at most. After the end of the stream without a
            bye, 10 s at most.
        congestion_control: of TCP: BBR where the system permits, or what the system uses.
    """

    duration_s: Annotated[float, Meta(ge=0, le=31_536_000)] = 0.0
    silence_timeout_s: Annotated[float, Meta(ge=1, le=60)] = 60.0
    congestion_control: Literal["auto", "system"] = "auto"


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every setting of the program; `name` is None unless the user sets one."""

    name: Annotated[str, Meta(min_length=1, max_length=MAX_NAME_CHARACTERS)] | None = None
    listen: ListenSettings = ListenSettings()
    video: VideoSettings = VideoSettings()
    audio: AudioSettings = AudioSettings()
    call: CallSettings = CallSettings()
    window: WindowSettings = WindowSettings()
    files: FileSettings = FileSettings()
