"""What a session works with."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from call.inbox import Inbox
from call.live.local_audio import LocalAudio
from call.live.local_video import LocalVideo
from call.live.video_display import VideoDisplay
from call.session.statistics_file import StatisticsFile
from call.settings import Settings
from core.threads import Threads
from net.protocol.control import Discovery
from net.trust.known_peers import KnownPeers
from ui.user_interface import UserInterface


@dataclass(frozen=True, slots=True)
class SessionContext:
    """Made once, for the whole run.

    Attributes:
        has_window: whether the interface is one.
        discovery: returns what known peers are told; None where it cannot be had. Reads the disk.
        stats, snapshot: where to write them, if at all.
    """

    settings: Settings
    local_name: str
    inbox: Inbox
    interface: UserInterface
    has_window: bool
    threads: Threads
    own: LocalVideo
    sound: LocalAudio
    pictures: VideoDisplay
    known: KnownPeers
    discovery: Callable[[], Discovery | None]
    stats: StatisticsFile | None
    snapshot: Path | None
    now_us: Callable[[], int]
