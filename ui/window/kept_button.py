"""Kept button: a button with text over a picture, whose look is kept as pixels. Display thread.

A style sheet takes 0.2 ms to draw a button, and a window paints what lies on the picture with each
picture.
"""

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QPushButton, QStyle, QStyleOptionButton, QWidget


class KeptButton(QPushButton):
    """A button that is drawn again only when it changes."""

    def __init__(self, text: str, parent: QWidget) -> None:
        super().__init__(text, parent)
        self._key: tuple[object, ...] = ()
        self._pixmap = QPixmap()

    def paintEvent(self, _: QPaintEvent) -> None:
        option = QStyleOptionButton()
        self.initStyleOption(option)
        ratio = self.devicePixelRatio()
        key = (option.state.value, self.width(), self.height(), ratio, option.text, self.font())
        if key != self._key:
            self._key = key
            self._pixmap = QPixmap(self.size() * ratio)
            self._pixmap.setDevicePixelRatio(ratio)
            self._pixmap.fill(Qt.GlobalColor.transparent)
            kept = QPainter(self._pixmap)
            kept.setFont(self.font())  # A painter of a widget has it already.
            self.style().drawControl(QStyle.ControlElement.CE_PushButton, option, kept, self)
            kept.end()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._pixmap)
        painter.end()
