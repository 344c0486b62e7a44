"""Signal notifier: wakes Qt when a signal arrives in a socket. Display thread.

Python runs its signal handlers between two of its own instructions, and there are none while Qt
waits for events. `signal.set_wakeup_fd` writes each signal as one byte into a socket, which wakes
Qt.
"""

import socket
from collections.abc import Callable

from PySide6.QtCore import QObject, QSocketNotifier

from core.signals import QUIT_SIGNALS


class SignalNotifier(QObject):
    """Calls back once for each signal that asks the program to end."""

    def __init__(self, receiver: socket.socket, on_quit: Callable[[], object]) -> None:
        """Start to watch a socket.

        Args:
            receiver: made non-blocking here; the caller closes it after this object.
            on_quit: called in the display thread.
        """
        super().__init__()
        receiver.setblocking(False)
        self._receiver = receiver
        self._on_quit = on_quit
        self._notifier = QSocketNotifier(receiver.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._read)

    @property
    def is_watching(self) -> bool:
        """True while signals are watched: until `close`, or until the other end is closed."""
        return self._notifier.isEnabled()

    def close(self) -> None:
        """Stop watching; the socket stays open."""
        self._notifier.setEnabled(False)

    def _read(self) -> None:
        try:
            numbers = self._receiver.recv(4096)
        except BlockingIOError:
            return
        except OSError:
            numbers = b""
        if not numbers:
            # The other end is closed, which would wake Qt for ever.
            self._notifier.setEnabled(False)
        for number in numbers:
            if number in QUIT_SIGNALS:
                self._on_quit()
