"""An accepted link always ends with a bye, however early the program ends. Real links."""

import contextlib
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from unittest.mock import MagicMock

import pytest

from call.inbox import Established, Inbox, ThreadEnded
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
from core.events import Ended, Event
from core.threads import Threads
from media.sound.settings import AudioSettings
from media.sound.sound_spec import NoSound
from media.video.camera_spec import NoCamera
from media.video.capture import Capture
from media.video.display_sizes import DisplaySizes
from net.link.tls import client_context, server_context
from net.protocol.clock_sync import ClockSync
from net.protocol.control import Bye, Control, Hello
from net.protocol.reasons import Reason
from net.protocol.states import Role
from net.trust.identity import load_or_make_identity
from net.trust.known_peers import KnownPeers
from net.trust.known_peers_file import KNOWN_PEERS_FILE
from tests.support.deadline import DEADLINE_S
from tests.support.link_pair import LinkPair
from ui.view import CallTarget, TargetKind, Trust, UserEvent

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

    def __init__(self, pair: LinkPair, folder: Path, missing_thread: str = "") -> None:
        self.pair = pair
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
                local_audio=LocalAudio(NoSound(), NoSound(), AudioSettings(), self.threads, now_us),
                display=VideoDisplay(DisplaySizes(), lambda: None, now_us),
                known=KnownPeers(folder / KNOWN_PEERS_FILE),
                discovery=lambda: None,
                report=self.reported.append,
                reply=lambda lines: None,
                statistics=None,
                snapshot=None,
                recording=None,
                remember=lambda settings: None,
                now_us=now_us,
            ),
            lambda number: PreparedDial(
                MagicMock(spec=Dialer), CallTarget(TargetKind.NAME, "Bob"), {}
            ),
        )

    def established(self) -> Established:
        """Return the event of the accepted link."""
        return Established(self.pair.link(0), Role.CALLER, BOB, ClockSync(), now_us(), DIGEST)

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


@pytest.fixture(scope="module", name="contexts")
def _contexts(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    return client_context(), server_context(
        load_or_make_identity(tmp_path_factory.mktemp("identity"))
    )


@pytest.fixture(name="pair")
def _pair(contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> Iterator[LinkPair]:
    with contextlib.closing(LinkPair(contexts)) as pair:
        yield pair


@pytest.mark.parametrize("event", [UserEvent.HANG_UP, UserEvent.QUIT])
def test_link_established_after_the_end_of_the_session_gets_a_bye(
    event: UserEvent, pair: LinkPair, tmp_path: Path
) -> None:
    caller = Caller(pair, tmp_path)
    caller.inbox.post(event)
    caller.inbox.post(caller.established())
    caller.run()
    assert caller.controls == [Bye()]


def test_closed_inbox_takes_no_link(pair: LinkPair, tmp_path: Path) -> None:
    caller = Caller(pair, tmp_path)
    caller.inbox.post(UserEvent.QUIT)
    caller.session.run()
    assert not caller.inbox.post(caller.established())


def test_quit_right_after_the_accept_sends_a_bye(pair: LinkPair, tmp_path: Path) -> None:
    caller = Caller(pair, tmp_path)
    caller.inbox.post(caller.established())
    caller.inbox.post(UserEvent.QUIT)
    caller.run()
    assert caller.controls[-1] == Bye()
    assert [type(event) for event in caller.reported][-1] is Ended


@pytest.mark.parametrize("missing", ["send", "decode", "microphone", "receive"])
def test_call_whose_threads_cannot_start_sends_a_bye_and_names_the_cause(
    missing: str, pair: LinkPair, tmp_path: Path
) -> None:
    caller = Caller(pair, tmp_path, missing_thread=missing)
    caller.inbox.post(caller.established())
    with pytest.raises(MemoryError, match="no thread"):
        caller.run()
    assert caller.controls[-1] == Bye(Reason.PROGRAM_FAULT)
    assert caller.session.ending is not None
    assert caller.session.ending.error == "shortage_error"


def test_call_that_cannot_be_built_sends_a_bye(
    pair: LinkPair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = Caller(pair, tmp_path)
    monkeypatch.setattr(
        "call.session.session_call.ActiveCall", MagicMock(side_effect=MemoryError("no memory"))
    )
    caller.inbox.post(caller.established())
    with pytest.raises(MemoryError):
        caller.run()
    assert caller.controls == [Bye(Reason.PROGRAM_FAULT)]


@pytest.mark.parametrize("thread", ["decode", "microphone", "speaker", "receive"])
def test_fault_in_a_thread_of_the_call_sends_a_bye(
    thread: str, pair: LinkPair, tmp_path: Path
) -> None:
    caller = Caller(pair, tmp_path)
    caller.inbox.post(caller.established())
    caller.inbox.post(ThreadEnded(thread, ZeroDivisionError("a fault"), call=1))
    caller.run()
    assert caller.controls[-1] == Bye(Reason.PROGRAM_FAULT)


def test_fault_of_the_call_thread_sends_a_bye(
    pair: LinkPair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = Caller(pair, tmp_path)
    monkeypatch.setattr(caller.session, "on_event", MagicMock(side_effect=ZeroDivisionError))
    caller.inbox.post(caller.established())
    caller.inbox.post(ThreadEnded("dial", None))
    with pytest.raises(ZeroDivisionError):
        caller.run()
    assert caller.controls[-1] == Bye(Reason.PROGRAM_FAULT)
