"""What a session works with."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from call.inbox import Inbox
from call.interface import Interface
from call.own_picture import OwnPicture
from call.own_sound import OwnSound
from call.picture_display import PictureDisplay
from call.settings import Settings
from call.stats_file import StatsFile
from call.threads import Threads
from net.protocol.control import Discovery
from net.trust.known_peers import KnownPeers


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Made once, for the whole run.

    Attributes:
        has_window: whether the interface is one.
        discovery: returns what known peers are told; None where it cannot be had. Reads the disk.
        stats, snapshot: where to write them, if at all.
    """

    settings: Settings
    own_name: str
    inbox: Inbox
    interface: Interface
    has_window: bool
    threads: Threads
    own: OwnPicture
    sound: OwnSound
    pictures: PictureDisplay
    known: KnownPeers
    discovery: Callable[[], Discovery | None]
    stats: StatsFile | None
    snapshot: Path | None
    now_us: Callable[[], int]
