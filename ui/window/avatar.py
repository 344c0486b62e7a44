"""Avatar: a letter in place of a face. Display thread."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui.window import palette


class Avatar(QWidget):
    """A disc with the first letter of a name."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._initial = ""

    def set_initial(self, initial: str) -> None:
        """Show a letter."""
        self._initial = initial
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(palette.AVATAR))
        painter.drawEllipse(self.rect())
        font = QFont()
        font.setPixelSize(max(1, round(self.height() * 0.46)))
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(QColor(palette.TEXT))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._initial)
        painter.end()
