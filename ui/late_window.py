"""A window that opens in `run`, so that a session begins before Qt is loaded. Imports no Qt.

Loading Qt and building a window take about as long as all else at the start. Meanwhile a caller
rings already, and a listener takes calls.
"""

from collections.abc import Callable
from threading import Event, Lock

from ui.user_interface import UserInterface
from ui.view import View


class LateWindow:
    """Passes everything on to the window once there is one.

    Before that it keeps the newest view. It drops announcements of pictures: a new window shows the
    newest ones by itself.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._open: Callable[[], UserInterface] | None = None
        self._window: UserInterface | None = None
        self._view: View | None = None
        self._closed = Event()

    def open_with(self, open_window: Callable[[], UserInterface]) -> None:
        """Let `run` open the window with this function. Main thread, before `run`."""
        self._open = open_window

    def run(self) -> None:
        """Open the window and run it until `close`. Main thread.

        Raises:
            ScreenLost: the window can no longer be shown.
        """
        assert self._open is not None, "nothing opens the window"
        if self._closed.is_set():
            return
        window = self._open()
        with self._lock:
            self._window = window
            if self._view is not None:
                window.show(self._view)
            if self._closed.is_set():
                window.close()
        window.run()

    def show(self, view: View) -> None:
        """Show this view from now on. Any thread; does not wait until it is seen."""
        with self._lock:
            self._view = view
            if self._window is not None:
                self._window.show(view)

    def notify_remote(self) -> None:
        """Show the newest picture of the other peer. Any thread; never blocks."""
        if self._window is not None:
            self._window.notify_remote()

    def notify_own(self) -> None:
        """Show the newest picture of our own. Any thread; never blocks."""
        if self._window is not None:
            self._window.notify_own()

    def close(self) -> None:
        """Let `run` return, even if it has not begun. Any thread; any number of times."""
        with self._lock:
            self._closed.set()
            if self._window is not None:
                self._window.close()
