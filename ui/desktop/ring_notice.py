"""Ring notice: a notification of the desktop while somebody rings. Its own thread.

Linux and other free systems: org.freedesktop.Notifications over D-Bus, with buttons that answer.
macOS: a notification of the system, which has no buttons. On Windows the window shows one itself
(`ui/window/tray_notice.py`).
"""

import html
import logging
import shutil
import subprocess
import sys
from collections.abc import Callable
from threading import Event, Lock

from core.program import NAME
from core.safe_text import cut_controls
from ui.actions import UserAction
from ui.desktop.bus_message import BusError, Writer
from ui.desktop.session_bus import NoBusError, SessionBus
from ui.view import PeerView, UserEvent
from ui.wording.ringing import ACCEPT, DECLINE, word_ring_notice, word_ring_title

_log = logging.getLogger(__name__)

SERVICE = "org.freedesktop.Notifications"
PATH = "/org/freedesktop/Notifications"
ANSWERS: dict[str, UserEvent] = {"accept": UserEvent.ACCEPT, "decline": UserEvent.DECLINE}
CRITICAL = 2
"""The urgency of a call: it stays until it is answered, also where others are held back."""
OSASCRIPT_S = 10.0
_SCRIPT = (
    "on run argv",
    "display notification (item 2 of argv) with title (item 1 of argv)",
    "end run",
)


class RingNotice:
    """Shows one notification at a time. Any one thread.

    Args:
        start_thread: starts a thread with a name and a body.
        post: receives what the user presses in the notification.
    """

    def __init__(
        self,
        start_thread: Callable[[str, Callable[[], None]], object],
        post: Callable[[UserAction], object],
        platform: str = sys.platform,
    ) -> None:
        self._start_thread = start_thread
        self._post = post
        self._platform = platform
        self._shown: _BusNotice | None = None

    def show(self, peer: PeerView) -> None:
        """Show that a peer rings. Does not wait."""
        self.hide()
        title, body = word_ring_title(peer), word_ring_notice(peer)
        if self._platform == "darwin":
            self._start_thread("notify", lambda: _notify_macos(title, body))
        elif self._platform != "win32":
            self._shown = _BusNotice(title, body, self._post)
            self._start_thread("notify", self._shown.run)

    def hide(self) -> None:
        """Take the notification away. Does not wait."""
        shown, self._shown = self._shown, None
        if shown is not None:
            shown.close()


class _BusNotice:
    """One notification over D-Bus."""

    def __init__(self, title: str, body: str, post: Callable[[UserAction], object]) -> None:
        self._title = title
        self._body = body
        self._post = post
        self._lock = Lock()
        self._is_closed = Event()
        self._bus: SessionBus | None = None

    def run(self) -> None:
        """Show it until `close`, or until the user has pressed something."""
        try:
            bus = SessionBus()
        except NoBusError as error:
            _log.debug("no notification: %s", error)
            return
        try:
            self._show(bus)
        except (OSError, BusError) as error:
            if not self._is_closed.is_set():
                _log.debug("no notification: %s", error)
        finally:
            bus.close()

    def _show(self, bus: SessionBus) -> None:
        bus.listen(f"type='signal',interface='{SERVICE}'")
        number, *_ = bus.call(SERVICE, PATH, SERVICE, "Notify", self._notification())
        with self._lock:
            self._bus = bus
        try:
            while not self._is_closed.is_set():
                signal = bus.wait_signal()
                if signal.values[:1] != (number,):
                    continue
                if signal.member == "ActionInvoked" and len(signal.values) > 1:
                    answer = ANSWERS.get(str(signal.values[1]))
                    if answer is not None and not self._is_closed.is_set():
                        self._post(answer)
                elif signal.member == "NotificationClosed":
                    return
        finally:
            with self._lock:
                self._bus = None
            _take_away(int(number))

    def _notification(self) -> Writer:
        body = Writer()
        body.string(NAME)
        body.u32(0)
        body.string("call-start")
        body.string(self._title)
        # Desktops read the body as markup, and names come from the other peer.
        body.string(html.escape(self._body, quote=False))
        body.strings(("accept", ACCEPT, "decline", DECLINE))
        body.hints({"urgency": CRITICAL, "category": "call.incoming"})
        body.i32(0)
        return body

    def close(self) -> None:
        """Take it away. Any thread; does not wait."""
        self._is_closed.set()
        with self._lock:
            bus = self._bus
        if bus is not None:
            bus.interrupt()


def _take_away(number: int) -> None:
    """Close a notification, on a connection of its own: the other one may have been interrupted."""
    body = Writer()
    body.u32(number)
    try:
        bus = SessionBus()
    except NoBusError:
        return
    try:
        bus.call(SERVICE, PATH, SERVICE, "CloseNotification", body)
    except (OSError, BusError) as error:
        _log.debug("the notification was gone already: %s", error)
    finally:
        bus.close()


def _notify_macos(title: str, body: str) -> None:
    program = shutil.which("osascript")
    if program is None:
        return
    script = [word for line in _SCRIPT for word in ("-e", line)]
    try:
        subprocess.run(
            [program, *script, cut_controls(title), cut_controls(body)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=OSASCRIPT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        _log.debug("no notification: %s", error)
