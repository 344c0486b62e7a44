"""Attention: a window comes to the front when somebody rings. Display thread."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget


def come_forward(window: QWidget) -> None:
    """Show a window in front of the others, also if it was minimized.

    Where the desktop lets no program do that by itself, the window's entry asks for attention.
    """
    if window.isMinimized():
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.raise_()
    window.activateWindow()
    QApplication.alert(window)
