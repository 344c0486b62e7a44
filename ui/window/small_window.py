"""Small window: the call in a corner of the screen, on top of other windows. Display thread."""

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QWidget

SIZE_PX = (384, 216)
EDGE_PX = 24
"""Both logical."""


class SmallWindow:
    """The switch between the window as it was and a small one on top of the others."""

    def __init__(self, window: QWidget) -> None:
        self._window = window
        self._former: QRect | None = None

    @property
    def is_on(self) -> bool:
        """True while the window is small."""
        return self._former is not None

    def toggle(self) -> None:
        """Make the window small, or large again."""
        if self.is_on:
            self.leave()
        else:
            self._enter()

    def leave(self) -> None:
        """Make the window as it was, if it is small."""
        if self._former is None:
            return
        former, self._former = self._former, None
        self._window.setWindowFlag(Qt.WindowType.WindowStaysOnTopHint, False)
        self._window.setGeometry(former)
        self._window.show()
        self._window.activateWindow()  # It opens anew, and its keys must go on to work.

    def _enter(self) -> None:
        window = self._window
        if window.isFullScreen() or window.isMaximized():
            window.showNormal()
        self._former = window.geometry()
        free = window.screen().availableGeometry()
        window.setWindowFlag(Qt.WindowType.WindowStaysOnTopHint, True)
        window.setGeometry(
            free.right() - EDGE_PX - SIZE_PX[0],
            free.bottom() - EDGE_PX - SIZE_PX[1],
            *SIZE_PX,
        )
        window.show()
        window.activateWindow()
