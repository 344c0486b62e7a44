"""Typing guard: keeps letters that were meant for a text field from answering a call or leaving its
end, which appear in the middle of a word. Display thread.
"""

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

PAUSE_MS = 1000
"""Whoever pauses this long has seen that something else has appeared."""
_ENDS_TEXT = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape, Qt.Key.Key_Tab)


class TypingGuard(QObject):
    """Knows whether the user is in the middle of typing.

    Args:
        fields: the text fields of the window.
    """

    def __init__(self, parent: QObject, *fields: QWidget) -> None:
        super().__init__(parent)
        self._is_on = False
        self._pause = QTimer(self, singleShot=True)
        self._pause.setInterval(PAUSE_MS)
        for field in fields:
            field.installEventFilter(self)

    @property
    def is_on(self) -> bool:
        """True while keys are still meant for a field that is gone."""
        return self._is_on and self._pause.isActive()

    def begin(self) -> None:
        """Something else has taken the place of the field."""
        self._is_on = self._pause.isActive()

    def takes_key(self) -> bool:
        """Return whether a key that was just pressed was meant for the field."""
        if not self.is_on:
            return False
        self._pause.start()
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in _ENDS_TEXT:
                self._pause.stop()
            elif event.text():
                self._pause.start()
        return False
