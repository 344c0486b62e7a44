"""Session context: the parts of the program that a session works with. Built once for a run."""

from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from call.inbox import Inbox
from call.live.local_audio import LocalAudio
from call.live.local_video import LocalVideo
from call.live.video_display import VideoDisplay
from call.local_name import LocalName
from call.session.statistics_file import StatisticsFile
from call.settings import Settings
from core.events import Event
from core.threads import Threads
from media.device_state import DeviceState
from net.protocol.control import Discovery
from net.trust.known_peers import KnownPeers
from ui.desktop.ring_notice import RingNotice
from ui.user_interface import UserInterface
from ui.view import PeerView


class SessionContext(msgspec.Struct, frozen=True):
    """The parts of the program that a session works with.

    Attributes:
        has_window: whether the interface is a window.
        discovery: returns what known peers are sent so that they find us again; None if our secret
            cannot be read. Reads the disk.
        report: given every event of the program.
        reply: prints the answer to a line that the user has typed, however quiet the log is.
        statistics: receives the figures of each second, or None.
        snapshot: the file for the last remote picture, or None.
        recording: the file for the recording of each call, or None.
        remember: stores settings, by their keys, for the next start. Does not wait for the disk.
    """

    settings: Settings
    own_name: LocalName
    inbox: Inbox
    interface: UserInterface
    ring_notice: RingNotice
    has_window: bool
    threads: Threads
    local_video: LocalVideo
    local_audio: LocalAudio
    display: VideoDisplay
    known: KnownPeers
    discovery: Callable[[], Discovery | None]
    report: Callable[[Event], None]
    reply: Callable[[tuple[str, ...]], None]
    statistics: StatisticsFile | None
    snapshot: Path | None
    recording: Path | None
    remember: Callable[[Mapping[str, str]], None]
    now_us: Callable[[], int]

    @property
    def local_name(self) -> str:
        """What the other peer sees as our name; a lobby may change it between calls."""
        return self.own_name.text

    def open_devices(self) -> None:
        """Open camera, microphone and loudspeaker, if they are not open yet."""
        self.local_video.start()
        self.local_audio.start()

    def start_ringing(self, peer: PeerView) -> None:
        """Play the ring tone, and show a notification."""
        self.local_audio.ring()
        self.ring_notice.show(peer)

    def stop_ringing(self) -> None:
        """End both."""
        self.local_audio.stop_sounds()
        self.ring_notice.hide()

    def close_devices(self) -> None:
        """Close camera, microphone and loudspeaker."""
        self.local_video.stop()
        self.local_audio.stop()

    @property
    def device_states(self) -> tuple[DeviceState, ...]:
        """The states of the devices in use."""
        camera = self.local_video.device_state
        return ((camera,) if camera is not None else ()) + self.local_audio.device_states
