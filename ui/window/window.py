"""The window as the rest of the program sees it: one object that any thread may call.

`run` is the display thread, which is the main thread, because Qt requires it. Views and pictures of
other threads are stored in one slot each and announced by a queued signal, at most one of each kind
at a time: a slow display thread sees the newest of everything and never a queue.
"""

import socket
from collections.abc import Callable
from contextlib import ExitStack

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal
from PySide6.QtWidgets import QApplication

from core.program import NAME
from ui.actions import UserAction
from ui.user_interface import ScreenLost
from ui.view import UserEvent, View
from ui.window.call_window import CallWindow
from ui.window.qt_messages import qt_messages_logged
from ui.window.settings import WindowSettings
from ui.window.signal_notifier import SignalNotifier
from ui.window.sound_badge import no_level
from ui.window.window_pictures import WindowPictures

_CLOSED = 0
"""The result of an event loop that ends with the window."""


class Window:
    """A window on a call. Created and run in the main thread."""

    def __init__(
        self,
        settings: WindowSettings,
        pictures: WindowPictures,
        *,
        post: Callable[[UserAction], object],
        wakeup_socket: socket.socket | None,
        level_dbfs: Callable[[], float | None] = no_level,
    ) -> None:
        """Create the window; it is not shown before `run`.

        Where no window can be opened, Qt aborts the process: call `find_screen_problem` first.

        Args:
            settings: the `window` section.
            pictures: where its pictures come from, and what it reports about them.
            post: handles what the user does; called in the display thread, must not block.
            wakeup_socket: where `signal.set_wakeup_fd` writes signals; the caller closes it.
            level_dbfs: returns the level of our microphone now, or None where there is none; called
                in the display thread at most 15 times a second, must not block.
        """
        self._resources = ExitStack()
        self._resources.enter_context(qt_messages_logged())
        self._application = _find_application()
        self._widget = CallWindow(settings, pictures, post=post, level_dbfs=level_dbfs)
        if wakeup_socket is not None:
            wakeup = SignalNotifier(wakeup_socket, lambda: post(UserEvent.QUIT))
            self._resources.callback(wakeup.close)
        self._view: View | None = None
        self._is_view_announced = False
        self._is_remote_announced = False
        self._is_own_announced = False
        self._is_over = False
        self._announcements = _Announcements()
        queued = Qt.ConnectionType.QueuedConnection
        self._announcements.view.connect(self._show_view, queued)
        self._announcements.remote.connect(self._take_remote, queued)
        self._announcements.own.connect(self._take_own, queued)
        self._announcements.close.connect(self._widget.leave, queued)

    @property
    def widget(self) -> CallWindow:
        """The widget itself, for the display thread."""
        return self._widget

    def run(self) -> None:
        """Show the window and handle what the user does until it is closed.

        Blocks. Returns at once if `close` was called before. A window runs once.

        Raises:
            ScreenLost: the window can no longer be shown.
        """
        try:
            if not self._is_over:
                self._show_view()
                # Not earlier: Qt would end the next event loop of a window that never ran.
                self._widget.closed.connect(lambda: self._application.exit(_CLOSED))
                self._widget.show()
                if self._application.exec() != _CLOSED:
                    # Qt ends its event loop like this when the X server dies.
                    raise ScreenLost
        finally:
            self._is_over = True
            self._widget.hide()
            self._resources.close()

    def show(self, view: View) -> None:
        """Show this view soon, unless a newer one comes first. Any thread."""
        self._view = view
        if not self._is_view_announced and not self._is_over:
            self._is_view_announced = True
            self._announcements.view.emit()

    def notify_remote(self) -> None:
        """Announce a newer picture of the other peer. Any thread; never blocks."""
        if not self._is_remote_announced and not self._is_over:
            self._is_remote_announced = True
            self._announcements.remote.emit()

    def notify_own(self) -> None:
        """Announce a newer picture of our own. Any thread; never blocks."""
        if not self._is_own_announced and not self._is_over:
            self._is_own_announced = True
            self._announcements.own.emit()

    def close(self) -> None:
        """Let `run` return soon. Any thread; any number of times."""
        if not self._is_over:
            self._is_over = True
            self._announcements.close.emit()

    def _show_view(self) -> None:
        self._is_view_announced = False
        if self._view is not None:
            self._widget.set_view(self._view)

    def _take_remote(self) -> None:
        self._is_remote_announced = False
        self._widget.take_remote()

    def _take_own(self) -> None:
        self._is_own_announced = False
        self._widget.take_own()


class _Announcements(QObject):
    """Signals into the display thread; the values themselves are stored in the window."""

    view = Signal()
    remote = Signal()
    own = Signal()
    close = Signal()


def _find_application() -> QApplication:
    """Return the one application that a process may have; create it if there is none."""
    application = QCoreApplication.instance()
    if not isinstance(application, QApplication):
        application = QApplication(["vis-a-vis"])
    application.setApplicationName(NAME)
    # The program decides when it ends, not a window that is hidden for a moment.
    application.setQuitOnLastWindowClosed(False)
    return application
