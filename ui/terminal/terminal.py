"""Terminal: a call without a window, as lines and a status line on standard error. Main thread.

Views are stored and printed in the main thread, so that a terminal that was stopped with Ctrl-S
blocks no other thread. A line of the log is different: its thread prints the waiting views first.
"""

import contextlib
import selectors
import socket
from collections import deque
from collections.abc import Callable
from threading import Lock, RLock

from core import clock
from core.signals import QUIT_SIGNALS
from core.wake_up import WakeUp
from ui.actions import UserAction
from ui.terminal.console import Console
from ui.terminal.sharing_lines import SharingLines
from ui.view import RemotePicture, Stage, UserEvent, View
from ui.wording.peers import name_peer
from ui.wording.recording import mark_recording
from ui.wording.screens import word_screen_news
from ui.wording.sharing import word_moving
from ui.wording.sound import word_sound_news
from ui.wording.stages import word_details, word_missing_picture, word_sentence
from ui.wording.statistics import word_status
from ui.wording.view_values import detail_values, sentence_values

PLAIN_STATUS_INTERVAL_US = 10_000_000
"""Between two status lines where they cannot be rewritten in place."""
CHANGE_INTERVAL_US = 1_000_000
"""Between two changes in a call: the other peer can make any number of them."""
MAX_WAITING_VIEWS = 256
"""When more views wait, the oldest are not printed."""


_WITHOUT_PICTURE = (RemotePicture.NONE, RemotePicture.HIDDEN, RemotePicture.PAUSED)


class Terminal:
    """The interface of a call without a window.

    Args:
        console: where to print.
        post: handles what the user does; any thread.
        signals: the read end of the socket pair that `signal.set_wakeup_fd` writes to, or None;
            made non-blocking here; the caller closes it.
        is_quiet: whether to print only questions, chat and files.
        now_us: the clock.
    """

    def __init__(
        self,
        console: Console,
        post: Callable[[UserAction], object],
        signals: socket.socket | None,
        *,
        is_quiet: bool = False,
        now_us: Callable[[], int] = clock.now_us,
    ) -> None:
        self._console = console
        self._post = post
        self._signals = signals
        self._is_quiet = is_quiet
        self._now_us = now_us
        self._lock = Lock()
        self._views: deque[View] = deque(maxlen=MAX_WAITING_VIEWS)
        self._is_closed = False
        self._is_running = False
        self._wake_up = WakeUp()
        self._printed: dict[Stage, tuple[object, ...]] = {}
        """The values of the last lines of each stage."""
        self._asked: tuple[object, ...] = ()
        """The values of the last lines below the sentence of the present call."""
        self._sharing_lines = SharingLines()
        self._former: View | None = None
        self._status_us: int | None = None
        self._changed_us: int | None = None
        self._printing = RLock()
        console.print_before = self._print_waiting

    def run(self) -> None:
        """Print views and post signals until `close`. Main thread; once."""
        with self._lock:
            self._is_running = not self._is_closed
        if self._is_running:
            self._wait_closed()
        self._print_waiting()
        if self._console.is_terminal:
            self._console.clear_status()

    def _wait_closed(self) -> None:
        with contextlib.closing(self._wake_up), selectors.DefaultSelector() as selector:
            selector.register(self._wake_up, selectors.EVENT_READ)
            if self._signals is not None:
                self._signals.setblocking(False)
                selector.register(self._signals, selectors.EVENT_READ)
            while not self._print_waiting():
                for key, _ in selector.select():
                    if key.fileobj is self._wake_up:
                        self._wake_up.clear()
                    elif not self._read_signals():
                        selector.unregister(key.fileobj)

    def show(self, view: View) -> None:
        """Print a view soon: its sentence if it is new, news about sound, the status of a call."""
        with self._lock:
            self._views.append(view)
        self._wake_up.wake()

    def notify_remote(self) -> None:
        """A terminal shows no pictures."""

    def notify_own(self) -> None:
        """A terminal shows no pictures."""

    def close(self) -> None:
        """Let `run` return after it has printed the waiting views."""
        with self._lock:
            self._is_closed = True
            if not self._is_running:
                self._wake_up.close()
        self._wake_up.wake()

    def _read_signals(self) -> bool:
        """Post the signals that came; return False when no more can come."""
        assert self._signals is not None
        numbers = _receive(self._signals)
        for number in numbers or b"":
            if number in QUIT_SIGNALS:
                self._post(UserEvent.QUIT)
        return numbers != b""

    def _print_waiting(self) -> bool:
        """Print the waiting views; return whether the terminal was closed after them."""
        with self._printing:
            while True:
                with self._lock:
                    if not self._views:
                        return self._is_closed
                    view = self._views.popleft()
                self._print_view(view)

    def _print_view(self, view: View) -> None:
        now_us = self._now_us()
        if view.stage is not Stage.CALL and self._console.is_terminal:
            self._console.clear_status()
        self._print_news(view, now_us)
        if shared := self._sharing_lines.take_new(view, now_us):
            self._console.print_lines(shared)
        if self._is_quiet:
            return
        parts = (word_moving(view.sharing), mark_recording(view, word_status(view)))
        status = "; ".join(part for part in parts if part)
        if self._console.is_terminal:
            self._console.show_status(status)
        elif not status:
            self._status_us = None
        else:
            self._print_plain_status(status, now_us)

    def _print_news(self, view: View, now_us: int) -> None:
        """Print what is new in a view; in a call, nothing within a second of the last change."""
        lines = self._new_lines(view)
        news = word_sound_news(self._former, view) + word_screen_news(self._former, view)
        is_change = self._former is not None and self._former.stage is view.stage is Stage.CALL
        if (lines or news) and is_change:
            if self._changed_us is not None and now_us - self._changed_us < CHANGE_INTERVAL_US:
                return
            self._changed_us = now_us
        self._former = view
        self._printed[view.stage] = _line_values(view)
        if view.stage is not Stage.CALL:
            self._asked = ()
        elif lines and (asked := detail_values(view)):
            self._asked = asked
        if lines and (not self._is_quiet or view.stage is Stage.INCOMING):
            self._console.print_lines(lines)
        if news and not self._is_quiet:
            self._console.print_lines(news)

    def _new_lines(self, view: View) -> tuple[str, ...]:
        lines, values = _word_lines(view), _line_values(view)
        before = self._printed.get(view.stage, ())
        if self._former is not None and self._former.stage is view.stage:
            if all(value in before for value in values):
                return ()
            # The words to compare are printed once: the picture or the link may go and come back.
            was_asked = view.stage is Stage.CALL and detail_values(view) == self._asked
            if was_asked:
                return lines[:1]
            return lines[1:] if values[0] in before else lines
        # How to call us is printed once: a caller who rings and leaves must not fill the screen.
        return lines[:1] if view.stage is Stage.WAITING and values == before else lines

    def _print_plain_status(self, status: str, now_us: int) -> None:
        if self._status_us is None or now_us - self._status_us >= PLAIN_STATUS_INTERVAL_US:
            self._status_us = now_us
            self._console.print_line(status)


def _word_lines(view: View) -> tuple[str, ...]:
    if view.stage in (Stage.DIALLING, Stage.ENDED):
        return ()  # The log has that, with and without a window.
    if _lacks_picture(view):
        return (word_missing_picture(view),)
    sentence = word_sentence(view)
    if view.stage is Stage.INCOMING:
        sentence += ". Accept? y/n"
    return sentence, *(f"    {line}" for line in word_details(view, at_terminal=True))


def _line_values(view: View) -> tuple[object, ...]:
    """Return the values of a view's lines; the lines say nothing new if none of these is new."""
    if view.stage in (Stage.DIALLING, Stage.ENDED):
        return ()
    if _lacks_picture(view):
        return ((view.remote_picture, name_peer(view)),)
    return (sentence_values(view), *detail_values(view))


def _lacks_picture(view: View) -> bool:
    """Return whether the other peer sends no picture, and nothing matters more."""
    is_in_call = view.stage is Stage.CALL and not view.is_reconnecting
    return is_in_call and view.remote_picture in _WITHOUT_PICTURE


def _receive(receiver: socket.socket) -> bytes | None:
    """Return the bytes that came, b"" at the end, None if none came after all."""
    try:
        return receiver.recv(4096)
    except (BlockingIOError, InterruptedError):
        return None
    except OSError:
        return b""
