"""The composition: media, interface and session context, built on the early parts. Main thread.

    settings, options --> early parts --> listener or dialer --> compose --> session --> App

Its imports, codecs and arrays, take most of the program's start. Qt comes later, when the app runs.
"""

import logging
from functools import partial

import msgspec

from call.inbox import InputEnded, LineTyped
from call.live.local_audio import LocalAudio
from call.live.local_video import LocalVideo
from call.live.video_display import VideoDisplay
from call.session.session import Session
from call.session.session_context import SessionContext
from cli.app import App
from cli.early_parts import EarlyParts
from cli.remembered_settings import RememberedSettings
from core.clock import now_us
from core.mailbox import Mailbox
from core.memory import resume_collections
from core.user_folders import config_folder, data_folder
from media.frame import Frame
from media.video.camera_spec import CameraSpec, FilePath
from media.video.capture import Capture
from media.video.display_sizes import DisplaySizes
from media.video.self_view import SelfView
from net.protocol.control import Discovery
from net.trust.camera_pins import CAMERA_PINS_FILE, PinStore
from net.trust.discovery_secret import load_or_make_secret
from ui.desktop.ring_notice import RingNotice
from ui.late_window import LateWindow
from ui.terminal.keyboard import Keyboard
from ui.terminal.terminal import Terminal
from ui.user_interface import UserInterface
from ui.view import UserEvent
from ui.window.screen_probe import ScreenProbe

_log = logging.getLogger(__name__)


class Program(msgspec.Struct, frozen=True):
    """The parts of a run, complete but for its session."""

    parts: EarlyParts
    keyboard: Keyboard
    context: SessionContext

    def make_app(self, session: Session) -> App:
        """Return the app that runs a session with these parts."""
        parts, interface = self.parts, self.context.interface
        return App(session, interface, parts.inbox, parts.threads, self.keyboard, parts.signals)


def compose(parts: EarlyParts, screen: ScreenProbe | None) -> Program:
    """Return the program. Its window, if it has one, opens once the app runs.

    Args:
        screen: tries whether a window can be opened; None if none is wanted.
    """
    has_window = screen is not None and _can_open_window(screen)
    interface: LateWindow | Terminal
    if has_window:
        interface = LateWindow()
        media = _build_media(parts, interface)
        interface.open_with(partial(_open_window, parts, media))
    else:
        interface = Terminal(
            parts.options.console,
            parts.inbox.post,
            parts.signals.socket,
            is_quiet=parts.options.verbosity < 0,
        )
        media = _build_media(parts, interface)
        resume_collections()
    media.local_audio.set_window(has_window)
    inbox = parts.inbox
    at_end: UserEvent | InputEnded = InputEnded()
    if parts.options.ends_with_input:
        at_end = UserEvent.QUIT
    keyboard = Keyboard(lambda text: inbox.post(LineTyped(text)), lambda: inbox.post(at_end))
    return Program(parts, keyboard, _build_context(parts, media, interface, has_window=has_window))


class _Media(msgspec.Struct, frozen=True):
    """Pictures and sound of this end."""

    sizes: DisplaySizes
    display: VideoDisplay
    self_view: SelfView
    local_video: LocalVideo
    local_audio: LocalAudio


def _build_media(parts: EarlyParts, interface: UserInterface) -> _Media:
    camera, settings = parts.camera, parts.settings
    sizes = DisplaySizes()
    self_view = SelfView(sizes, interface.notify_own)
    pins = PinStore(data_folder() / CAMERA_PINS_FILE)

    def make_capture(spec: CameraSpec, frames: Mailbox[Frame], is_on_trial: bool) -> Capture:
        return Capture(
            spec,
            settings.video,
            frames,
            pins=pins,
            now_us=now_us,
            name=parts.local_name,
            # Of its own: one capture may follow the other while that still works.
            self_view=SelfView(sizes, interface.notify_own, self_view.pictures),
            is_on_trial=is_on_trial,
        )

    local_video = LocalVideo(camera, parts.threads, make_capture)
    local_audio = LocalAudio(
        parts.microphone,
        parts.speaker,
        settings.audio,
        parts.threads,
        now_us,
        film_started_us=(
            (lambda: local_video.started_us) if isinstance(camera, FilePath) else None
        ),
    )
    return _Media(
        sizes,
        VideoDisplay(sizes, interface.notify_remote, now_us),
        self_view,
        local_video,
        local_audio,
    )


def _can_open_window(screen: ScreenProbe) -> bool:
    """Return whether a window can be opened; log why not."""
    problem = screen.find_problem()
    if problem is not None:
        _log.warning("No window: %s", problem, extra={"key": "no_window"})
    return problem is None


def _open_window(parts: EarlyParts, media: _Media) -> UserInterface:
    # Imported here: Qt is large, and a session begins without it.
    from ui.window.window import Window
    from ui.window.window_pictures import WindowPictures

    window = Window(
        parts.settings.window,
        WindowPictures(
            remote=media.display.remote,
            own=media.self_view.pictures,
            wanted=media.sizes,
            on_painted=media.display.on_painted,
        ),
        post=parts.inbox.post,
        wakeup_socket=parts.signals.socket,
        level_dbfs=media.local_audio.level_dbfs,
    )
    resume_collections()
    return window


def _build_context(
    parts: EarlyParts, media: _Media, interface: UserInterface, *, has_window: bool
) -> SessionContext:
    return SessionContext(
        settings=parts.settings,
        own_name=parts.own_name,
        inbox=parts.inbox,
        interface=interface,
        ring_notice=RingNotice(parts.threads.start, parts.inbox.post),
        has_window=has_window,
        threads=parts.threads,
        local_video=media.local_video,
        local_audio=media.local_audio,
        display=media.display,
        known=parts.known,
        discovery=partial(_read_discovery, parts.settings.listen.port),
        report=parts.report,
        reply=parts.options.console.print_reply,
        statistics=parts.statistics,
        snapshot=parts.options.snapshot,
        recording=parts.options.record,
        remember=RememberedSettings(config_folder(), parts.threads.start).store,
        now_us=now_us,
    )


def _read_discovery(port: int) -> Discovery | None:
    try:
        return Discovery(load_or_make_secret(data_folder()), port)
    except OSError as error:
        _log.debug("no discovery secret: %s", error)
        return None
