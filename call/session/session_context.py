"""The session's context: what the call thread works with. Built once, for the whole run."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from call.inbox import Inbox
from call.live.local_audio import LocalAudio
from call.live.local_video import LocalVideo
from call.live.video_display import VideoDisplay
from call.session.statistics_file import StatisticsFile
from call.settings import Settings
from core.events import Event
from core.threads import Threads
from net.protocol.control import Discovery
from net.trust.known_peers import KnownPeers
from ui.user_interface import UserInterface


@dataclass(frozen=True, slots=True)
class SessionContext:
    """What a session works with.

    Attributes:
        has_window: whether the interface is a window.
        discovery: returns what known peers are sent so that they find us again; None if our secret
            cannot be read. Reads the disk.
        report: given every event of the program.
        statistics: where the figures go, or None.
        snapshot: where the last remote picture goes, or None.
    """

    settings: Settings
    local_name: str
    inbox: Inbox
    interface: UserInterface
    has_window: bool
    threads: Threads
    local_video: LocalVideo
    local_audio: LocalAudio
    display: VideoDisplay
    known: KnownPeers
    discovery: Callable[[], Discovery | None]
    report: Callable[[Event], None]
    statistics: StatisticsFile | None
    snapshot: Path | None
    now_us: Callable[[], int]
