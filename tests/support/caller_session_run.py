"""A caller's session over a pair of sockets, whose dial thread does nothing."""

import threading
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from unittest.mock import MagicMock

from call.inbox import Established, Inbox
from call.live.active_call import ActiveCall
from call.live.local_audio import LocalAudio
from call.live.local_video import LocalVideo
from call.live.video_display import VideoDisplay
from call.local_name import LocalName
from call.outgoing.dialer import Dialer
from call.remote_peer import RemotePeer
from call.session.caller_session import CallerSession
from call.session.outgoing_call import PreparedDial
from call.session.session_context import SessionContext
from call.settings import Settings
from core.clock import now_us
from core.events import Event
from core.threads import Threads
from media.sound.settings import AudioSettings
from media.sound.sound_spec import NoSound
from media.video.camera_spec import NoCamera
from media.video.capture import Capture
from media.video.display_sizes import DisplaySizes
from net.link.address import HostPort
from net.protocol.clock_sync import ClockSync
from net.protocol.control import Control, Hello
from net.protocol.states import Role
from net.trust.known_peers import KnownPeers
from net.trust.known_peers_file import KNOWN_PEERS_FILE
from tests.support.deadline import DEADLINE_S
from tests.support.link_pair import LinkPair
from ui.view import CallTarget, TargetKind, Trust

BOB = RemotePeer(Hello(1, "Bob", bytes(32)), "Bob", b"b" * 32, "10.0.0.2", Trust.CODE, "w o r d")

DIGEST = b"d" * 32


class LimitedThreads(Threads):
    """Threads of a system that cannot start one of them."""

    def __init__(self, missing: str) -> None:
        super().__init__()
        self._missing = missing

    def start(
        self,
        name: str,
        body: Callable[[], None],
        on_end: Callable[[BaseException | None], object] = lambda error: None,
    ) -> Thread:
        if name == self._missing:
            raise MemoryError("no thread can be started")
        return super().start(name, body, on_end)


class Caller:
    """A caller's session whose dial thread does nothing, and the link that it is given."""

    def __init__(
        self,
        pair: LinkPair,
        folder: Path,
        missing_thread: str = "",
        clock_us: Callable[[], int] = now_us,
    ) -> None:
        self.pair = pair
        self._now_us = clock_us
        self.inbox = Inbox()
        self.reported: list[Event] = []
        self.controls: list[Control] = []
        """All that the other peer has read."""
        self.threads = LimitedThreads(missing_thread)
        self.session = CallerSession(
            SessionContext(
                settings=Settings(),
                own_name=LocalName("Ann"),
                inbox=self.inbox,
                interface=MagicMock(),
                ring_notice=MagicMock(),
                has_window=False,
                threads=self.threads,
                local_video=LocalVideo(NoCamera(), self.threads, MagicMock(spec=Capture)),
                local_audio=LocalAudio(
                    NoSound(), NoSound(), AudioSettings(), self.threads, clock_us
                ),
                display=VideoDisplay(DisplaySizes(), lambda: None, clock_us),
                known=KnownPeers(folder / KNOWN_PEERS_FILE),
                discovery=lambda: None,
                report=self.reported.append,
                reply=lambda lines: None,
                statistics=None,
                snapshot=None,
                recording=None,
                remember=lambda settings: None,
                now_us=clock_us,
            ),
            lambda number: PreparedDial(
                MagicMock(spec=Dialer), CallTarget(TargetKind.NAME, "Bob"), {}
            ),
        )

    def established(
        self, callee: RemotePeer = BOB, redial: tuple[HostPort, ...] = ()
    ) -> Established:
        """Return the event of the accepted link."""
        link, accepted_us = self.pair.link(0), self._now_us()
        return Established(link, Role.CALLER, callee, ClockSync(), accepted_us, DIGEST, redial)

    @property
    def live(self) -> ActiveCall | None:
        """The call while there is one."""
        return None if self.session.call is None else self.session.call.live

    def run(self) -> None:
        """Run the session, while the other peer reads to the end and closes its end."""

        def read() -> None:
            self.controls = self.pair.read_controls()
            self.pair.sockets[1].close()

        reader = threading.Thread(target=read)
        reader.start()
        try:
            self.session.run()
        finally:
            reader.join(DEADLINE_S)
            assert self.threads.join(DEADLINE_S) == []
