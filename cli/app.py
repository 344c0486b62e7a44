"""What a listener and a caller have in common, from the start of the program to its exit status.

The main thread's, which runs the window or the terminal. The one place that leaves a running peer
by force: where a device or a look-up cannot be interrupted. (`peer.py` does so while libraries
still load.)
"""

import contextlib
import logging
import os
import signal
import socket
import sys
from typing import NoReturn

from call.inbox import Inbox, InputEnded, LineTyped
from call.live.local_audio import LocalAudio
from call.live.local_video import LocalVideo
from call.live.video_display import VideoDisplay
from call.local_name import local_name
from call.outcome import outcome_of
from call.session.session import Session
from call.session.session_context import SessionContext
from call.session.statistics_file import StatisticsFile
from call.settings import Settings
from cli.options import RunOptions
from cli.output_files import open_stats
from core.clock import now_us
from core.mailbox import Mailbox
from core.priority import ProcessPriority
from core.signals import QUIT_SIGNALS
from core.threads import Threads
from media.frame import Frame
from media.sound.sound_spec import parse_microphone, parse_speaker
from media.sound.wav import check_sound
from media.video.camera_spec import FilePath, parse_camera
from media.video.capture import Capture
from media.video.display_sizes import DisplaySizes
from media.video.self_view import SelfView
from media.video.source import check_camera
from net.protocol.control import Discovery
from net.trust.camera_pins import PinStore
from net.trust.discovery_secret import load_or_make_secret
from net.trust.identity import default_folder, load_or_make
from net.trust.known_peers import FILE_NAME as KNOWN_FILE
from net.trust.known_peers import KnownPeers
from ui.terminal.keyboard import Keyboard
from ui.terminal.terminal import Terminal
from ui.user_interface import UserInterface
from ui.view import UserEvent
from ui.window.screen_probe import find_screen_problem

_log = logging.getLogger(__name__)

SWITCH_INTERVAL_S = 0.0005
"""Measured beside busy Python threads: at Python's own 5 ms, pictures and sound have gaps."""
END_S = 1.3
"""For the call thread, whose last deed it is to end the interface."""
JOIN_S = 0.6
"""For threads that are still in a device; a bye takes 1 s at most, and every end 2 s."""


class App:
    """What a listener and a caller have in common, from the start to the exit status."""

    def __init__(self, settings: Settings, options: RunOptions) -> None:
        sys.setswitchinterval(SWITCH_INTERVAL_S)
        self._settings = settings
        self._options = options
        self.name = settings.name or local_name()
        self._stats = (
            StatisticsFile(open_stats(options.stats)) if options.stats is not None else None
        )
        self._camera = parse_camera(settings.video.camera)
        check_camera(self._camera)
        folder = default_folder()
        self.identity = load_or_make(folder)
        self.known = KnownPeers(folder / KNOWN_FILE)
        self.known.mend()
        self._pins = PinStore(folder / "camera_pins.json")
        self.inbox = Inbox()
        self.threads = Threads()
        self._sizes = DisplaySizes()
        self._pictures = VideoDisplay(self._sizes, lambda: self._interface.notify_remote(), now_us)
        self._self_view = SelfView(self._sizes, lambda: self._interface.notify_own())
        self._own = LocalVideo(self._camera, self.threads, self._make_capture)
        microphone = parse_microphone(settings.audio.microphone)
        speaker = parse_speaker(settings.audio.speaker)
        check_sound(microphone, speaker)
        self._sound = LocalAudio(
            microphone,
            speaker,
            settings.audio,
            self.threads,
            now_us,
            film_started_us=self._film_started_us if isinstance(self._camera, FilePath) else None,
        )
        self._signals, self._signals_in = socket.socketpair()
        self._signals_in.setblocking(False)
        self.keyboard = Keyboard(
            lambda text: self.inbox.post(LineTyped(text)), lambda: self.inbox.post(InputEnded())
        )
        self.has_window = False
        self._interface: UserInterface

    def _make_capture(self, frames: Mailbox[Frame]) -> Capture:
        return Capture(
            self._camera,
            self._settings.video,
            frames,
            pins=self._pins,
            now_us=now_us,
            name=self.name,
            self_view=self._self_view,
        )

    def _film_started_us(self) -> int | None:
        return self._own.started_us

    def open_interface(self) -> None:
        """Open the window, or the terminal where there can be no window, and say why."""
        self._catch_signals()
        if not self._settings.window.headless:
            problem = find_screen_problem()
            if problem is None:
                # Only here: Qt is large, and a peer without a window does without it.
                from ui.window.window import Window

                self.has_window = True
                self._sound.set_window(True)
                self._interface = Window(
                    self._settings.window,
                    remote=self._pictures.remote,
                    own=self._self_view.pictures,
                    wanted=self._sizes,
                    post=self.inbox.post,
                    on_painted=self._pictures.on_painted,
                    wakeup_socket=self._signals,
                    level_dbfs=self._sound.level_dbfs,
                )
                return
            _log.warning("No window: %s", problem)
        self._interface = Terminal(
            self._options.console,
            self.inbox.post,
            self._signals,
            is_quiet=self._options.verbosity < 0,
        )

    def _catch_signals(self) -> None:
        """Have signals arrive in the interface, which posts them."""
        signal.set_wakeup_fd(self._signals_in.fileno(), warn_on_full_buffer=False)
        for number in QUIT_SIGNALS:
            is_hangup = number == getattr(signal, "SIGHUP", None)
            if not (is_hangup and signal.getsignal(number) is signal.SIG_IGN):  # As under nohup.
                signal.signal(number, _ignore)

    def context(self) -> SessionContext:
        """Return what the session works with; the interface must be open."""
        return SessionContext(
            settings=self._settings,
            local_name=self.name,
            inbox=self.inbox,
            interface=self._interface,
            has_window=self.has_window,
            threads=self.threads,
            own=self._own,
            sound=self._sound,
            pictures=self._pictures,
            known=self.known,
            discovery=self._discovery,
            stats=self._stats,
            snapshot=self._options.snapshot,
            now_us=now_us,
        )

    def _discovery(self) -> Discovery | None:
        try:
            secret = load_or_make_secret(default_folder())
        except OSError as error:
            _log.debug("no discovery secret: %s", error)
            return None
        return Discovery(secret, self._settings.listen.port)

    def run(self, session: Session) -> int:
        """Run the session and the interface to their end, and return the exit status."""
        # Only here: what fails before would leave the session of the terminal ranked.
        urgency = ProcessPriority()
        urgency.ask()
        self.threads.start("keyboard", self.keyboard.loop)
        call = self.threads.start("call", session.run, self._on_call_thread_end)
        try:
            self._interface.run()
        finally:
            self.inbox.post(UserEvent.QUIT)
            self.keyboard.close()
            self.threads.join(END_S, [call])
            urgency.restore()
        remaining = self.threads.join(JOIN_S)
        signal.set_wakeup_fd(-1)
        # Python gives the signals back to the system before it is gone; one more must add nothing.
        for number in QUIT_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        for each in (self._signals, self._signals_in):
            each.close()
        if remaining:
            self._leave(session.exit_status, remaining)
        return session.exit_status

    def _on_call_thread_end(self, error: BaseException | None) -> None:
        if error is not None:
            _log.error("%s", outcome_of(error, after_accept=False).text)
        self._interface.close()

    def _leave(self, status: int, remaining: list[str]) -> NoReturn:
        """End the process although threads are still in calls that cannot be interrupted."""
        _log.debug("left without waiting for %s", ", ".join(remaining))
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError, AttributeError):
                stream.flush()
        os._exit(status)


def _ignore(number: int, frame: object) -> None:
    """Let the wake-up alone tell that a signal came."""
