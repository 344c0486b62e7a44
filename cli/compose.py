"""The composition: the only place that builds a listener or a caller from its parts. Main thread.

    settings, options --> parts of both --> listener or dialer --> interface --> session --> App

What can fail for reasons of the user (a setting, the port, a file) is built before the interface.
"""

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from call.inbox import Inbox, InputEnded, LineTyped
from call.incoming.admission_policy import AdmissionPolicy
from call.incoming.announcer import Announcer
from call.incoming.listener import Listener
from call.live.local_audio import LocalAudio
from call.live.local_video import LocalVideo
from call.live.video_display import VideoDisplay
from call.local_name import local_name
from call.local_peer import LocalPeer
from call.outgoing.call_attempt import CallAttempt
from call.outgoing.callee_verifier import CalleeVerifier
from call.outgoing.dialer import Dialer
from call.outgoing.resolver import Candidate, resolver_for
from call.session.caller_session import CallerSession
from call.session.listener_session import ListenerParts, ListenerSession
from call.session.session_context import SessionContext
from call.session.statistics_file import StatisticsFile
from call.settings import RING_SILENCE_S, Settings
from cli.app import App
from cli.events_file import EventsFile, WarningEvents
from cli.options import RunOptions
from cli.output_files import open_output
from cli.program_command import program_command
from cli.signal_wakeup import SignalWakeup
from core.clock import now_us
from core.events import Event
from core.exit_status import ExitStatus
from core.mailbox import Mailbox
from core.threads import Threads
from core.user_folders import data_folder
from core.wake_up import WakeUp
from media.frame import Frame
from media.sound.codec import SOUND_CODECS
from media.sound.sound_spec import parse_microphone, parse_speaker
from media.sound.wav import check_sound
from media.video.camera_spec import FilePath, parse_camera
from media.video.capture import Capture
from media.video.display_sizes import DisplaySizes
from media.video.picture_size import LARGEST_DECODED_PX
from media.video.self_view import SelfView
from media.video.settings import DECODED_CODECS
from media.video.source import check_camera
from net.link.address import format_host
from net.link.listening_sockets import open_listening_sockets
from net.link.local_addresses import address_to_type, local_addresses
from net.protocol.control import Decodable, Discovery
from net.trust.call_code import draw_code
from net.trust.camera_pins import CAMERA_PINS_FILE, PinStore
from net.trust.discovery_secret import load_or_make_secret
from net.trust.identity import Identity, load_or_make_identity
from net.trust.known_peers import KnownPeers
from net.trust.known_peers_file import KNOWN_PEERS_FILE
from ui.terminal.keyboard import Keyboard
from ui.terminal.terminal import Terminal
from ui.user_interface import PictureNotifier, UserInterface
from ui.view import ListenerView
from ui.window.screen_probe import find_screen_problem
from ui.wording import log as wording
from ui.wording.listener import word_waiting, word_waiting_details

_log = logging.getLogger(__name__)

CAN_DECODE = [
    Decodable(codec, *LARGEST_DECODED_PX, takes_full_range=True) for codec in DECODED_CODECS
]
CAN_HEAR: list[str] = list(SOUND_CODECS)


def run_listen(settings: Settings, options: RunOptions) -> ExitStatus:
    """Take calls until the user ends the program; with `once`, take one call.

    Raises:
        SettingsError, MediaError, NetError: it cannot start.
    """
    parts = _build_parts(settings, options, _open_known_peers())
    code = draw_code()
    admission = AdmissionPolicy(
        code, parts.known, parts.identity.fingerprint, is_open=settings.listen.open
    )
    sockets = open_listening_sockets(settings.listen.address, settings.listen.port)
    port = sockets[0].getsockname()[1]
    hides_name = not (settings.listen.open or settings.listen.announce_name)
    listener = Listener(
        sockets,
        LocalPeer(parts.identity, parts.local_name, CAN_DECODE, CAN_HEAR, hides_name=hides_name),
        admission,
        parts.inbox,
        now_us,
        parts.report,
        silence_timeout_us=_ring_silence_us(settings),
    )
    announcer = None
    if settings.listen.announce:
        announcer = Announcer(
            code,
            port,
            settings.listen.address,
            name=parts.local_name if settings.listen.announce_name else "",
            folder=data_folder(),
        )
    find_addresses = partial(_find_addresses, settings.listen.address, port)
    address, *others = find_addresses()
    interface, has_window = _open_interface(parts)
    view = ListenerView(
        code=str(code),
        command=program_command(),
        address=address,
        other_addresses=tuple(others),
        is_open=settings.listen.open,
        is_announced=settings.listen.announce,
        can_ask=has_window or not parts.keyboard.is_at_end_now(),
    )
    _print_invitation(view, options, has_window=has_window)
    if not view.can_ask and not settings.listen.accept:
        _log.warning("%s", wording.nobody_to_ask(), extra={"key": "nobody_to_ask"})
    session = ListenerSession(
        _build_context(parts, interface, has_window=has_window),
        ListenerParts(
            listener,
            announcer,
            admission,
            view,
            find_addresses,
            is_once=options.once,
            keeps_early_lines=not os.isatty(0),
        ),
    )
    print(f"Listening on {address}", flush=True)
    return parts.make_app(session, interface).run()


def run_connect(host_text: str, settings: Settings, options: RunOptions) -> ExitStatus:
    """Call one peer, once.

    Raises:
        SettingsError, MediaError, NetError: it cannot start.
    """
    known = _open_known_peers()
    resolver = resolver_for(host_text, options.port, options.code, known)
    parts = _build_parts(settings, options, known)
    verifier = CalleeVerifier(
        LocalPeer(parts.identity, parts.local_name, CAN_DECODE, CAN_HEAR), known
    )

    def make_attempt(
        candidate: Candidate, wake_up: WakeUp, on_ring: Callable[[], None]
    ) -> CallAttempt:
        return CallAttempt(
            candidate,
            verifier,
            parts.threads.start,
            parts.inbox,
            now_us,
            wake_up,
            on_ring=on_ring,
            silence_timeout_us=_ring_silence_us(settings),
        )

    interface, has_window = _open_interface(parts)
    session = CallerSession(
        _build_context(parts, interface, has_window=has_window),
        Dialer(resolver, make_attempt, parts.inbox),
        resolver.target,
        unknown_words=resolver.unknown_words,
    )
    return parts.make_app(session, interface).run()


@dataclass(frozen=True, slots=True)
class _Parts:
    """The parts that a listener and a caller share, before there is an interface."""

    settings: Settings
    options: RunOptions
    identity: Identity
    known: KnownPeers
    local_name: str
    inbox: Inbox
    threads: Threads
    keyboard: Keyboard
    signals: SignalWakeup
    notifier: PictureNotifier
    sizes: DisplaySizes
    display: VideoDisplay
    self_view: SelfView
    local_video: LocalVideo
    local_audio: LocalAudio
    statistics: StatisticsFile | None
    report: Callable[[Event], None]

    def make_app(self, session: ListenerSession | CallerSession, interface: UserInterface) -> App:
        """Return the app that runs these parts."""
        return App(session, interface, self.inbox, self.threads, self.keyboard, self.signals)


def _open_known_peers() -> KnownPeers:
    known = KnownPeers(data_folder() / KNOWN_PEERS_FILE)
    known.move_aside_if_damaged()
    return known


def _build_parts(settings: Settings, options: RunOptions, known: KnownPeers) -> _Parts:
    report = _open_events(options)
    statistics = None
    if options.stats is not None:
        statistics = StatisticsFile(open_output("The statistics", options.stats))
    camera = parse_camera(settings.video.camera)
    check_camera(camera)
    microphone = parse_microphone(settings.audio.microphone)
    speaker = parse_speaker(settings.audio.speaker)
    check_sound(microphone, speaker)
    folder = data_folder()
    identity = load_or_make_identity(folder)
    name = local_name(settings.name)
    inbox, threads = Inbox(), Threads()
    notifier, sizes = PictureNotifier(), DisplaySizes()
    self_view = SelfView(sizes, notifier.notify_own)
    pins = PinStore(folder / CAMERA_PINS_FILE)

    def make_capture(frames: Mailbox[Frame]) -> Capture:
        return Capture(
            camera,
            settings.video,
            frames,
            pins=pins,
            now_us=now_us,
            name=name,
            self_view=self_view,
        )

    local_video = LocalVideo(camera, threads, make_capture)
    local_audio = LocalAudio(
        microphone,
        speaker,
        settings.audio,
        threads,
        now_us,
        film_started_us=(
            (lambda: local_video.started_us) if isinstance(camera, FilePath) else None
        ),
    )
    return _Parts(
        settings,
        options,
        identity,
        known,
        name,
        inbox,
        threads,
        Keyboard(lambda text: inbox.post(LineTyped(text)), lambda: inbox.post(InputEnded())),
        SignalWakeup(),
        notifier,
        sizes,
        VideoDisplay(sizes, notifier.notify_remote, now_us),
        self_view,
        local_video,
        local_audio,
        statistics,
        report,
    )


def _open_events(options: RunOptions) -> Callable[[Event], None]:
    """Return a function that writes the program's events; make warnings of the log events too."""
    if options.events is None:
        return lambda event: None
    events = EventsFile(open_output("The events", options.events))
    logging.getLogger().addHandler(WarningEvents(events))
    return events.write


def _open_interface(parts: _Parts) -> tuple[UserInterface, bool]:
    """Open the window; where that cannot be, log why and open the terminal."""
    parts.signals.catch()
    interface = None
    if not parts.settings.window.headless:
        problem = find_screen_problem()
        if problem is None:
            interface = _open_window(parts)
        else:
            _log.warning("No window: %s", problem, extra={"key": "no_window"})
    has_window = interface is not None
    if interface is None:
        interface = Terminal(
            parts.options.console,
            parts.inbox.post,
            parts.signals.socket,
            is_quiet=parts.options.verbosity < 0,
        )
    parts.notifier.attach(interface)
    parts.local_audio.set_window(has_window)
    return interface, has_window


def _open_window(parts: _Parts) -> UserInterface:
    # Imported here: Qt is large, and a peer without a window does without it.
    from ui.window.window import Window
    from ui.window.window_pictures import WindowPictures

    return Window(
        parts.settings.window,
        WindowPictures(
            remote=parts.display.remote,
            own=parts.self_view.pictures,
            wanted=parts.sizes,
            on_painted=parts.display.on_painted,
        ),
        post=parts.inbox.post,
        wakeup_socket=parts.signals.socket,
        level_dbfs=parts.local_audio.level_dbfs,
    )


def _build_context(parts: _Parts, interface: UserInterface, *, has_window: bool) -> SessionContext:
    return SessionContext(
        settings=parts.settings,
        local_name=parts.local_name,
        inbox=parts.inbox,
        interface=interface,
        has_window=has_window,
        threads=parts.threads,
        local_video=parts.local_video,
        local_audio=parts.local_audio,
        display=parts.display,
        known=parts.known,
        discovery=partial(_read_discovery, parts.settings.listen.port),
        report=parts.report,
        statistics=parts.statistics,
        snapshot=parts.options.snapshot,
        now_us=now_us,
    )


def _read_discovery(port: int) -> Discovery | None:
    try:
        return Discovery(load_or_make_secret(data_folder()), port)
    except OSError as error:
        _log.debug("no discovery secret: %s", error)
        return None


def _ring_silence_us(settings: Settings) -> int:
    return int(min(settings.call.silence_timeout_s, RING_SILENCE_S) * 1e6)


def _find_addresses(bound_address: str, port: int) -> tuple[str, ...]:
    """Return every HOST:PORT of a listener, the one to type first."""
    addresses = local_addresses()
    typed = format_host(address_to_type(addresses, bound_address), port)
    if bound_address:
        return (typed,)
    all_hosts = (format_host(own.address, port) for own in addresses)
    return (typed, *(host for host in all_hosts if host != typed))


def _print_invitation(view: ListenerView, options: RunOptions, *, has_window: bool) -> None:
    """Print how to call this listener, unless the terminal shows it as part of the view."""
    is_quiet = options.verbosity < 0
    if has_window or (is_quiet and not view.is_open):
        # Without the code, hardly anybody could call.
        details = () if is_quiet else word_waiting_details(view, at_terminal=not has_window)
        options.console.print_lines((word_waiting(view), *details))
