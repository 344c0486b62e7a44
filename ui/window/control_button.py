"""Control button: a round button over the picture. Display thread.

Its look is one image, drawn again only when it changes: a window that shows 30 pictures a second
paints it with each of them.
"""

from enum import Enum

import msgspec
from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QFocusEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
)
from PySide6.QtWidgets import QPushButton, QWidget

from ui.window import palette
from ui.window.icons import Icon, paint_icon

RING_PX = 3.0
"""Logical; the ring of a button that has the keyboard lies inside the button's square."""
ICON_SHARE = 0.46


class Tone(Enum):
    """The state that the colours of a button show."""

    PLAIN = "plain"
    """Nothing is special."""
    OFF = "off"
    """Its subject is off, such as the microphone: white, and struck through."""
    ON = "on"
    """The thing that it opens or starts is on, such as a panel."""
    RED = "red"
    """It ends the call, or what it started runs, such as a recording."""


_COLOURS = {
    Tone.PLAIN: (palette.CONTROL, palette.CONTROL_LIT, palette.TEXT),
    Tone.OFF: (palette.CONTROL_OFF, palette.CONTROL_OFF_LIT, palette.CONTROL_OFF_TEXT),
    Tone.ON: (palette.CONTROL_ON, palette.CONTROL_ON_LIT, palette.CONTROL_OFF_TEXT),
    Tone.RED: (palette.DECLINE, palette.DECLINE_LIT, palette.TEXT),
}


class ButtonFace(msgspec.Struct, frozen=True):
    """The look and the words of a button.

    Attributes:
        count: a small number at its corner, such as of unread messages; 0 for none.
    """

    icon: Icon
    name: str
    tooltip: str
    tone: Tone = Tone.PLAIN
    count: int = 0


class ControlButton(QPushButton):
    """A round button with an icon, whose name only tooltips and screen readers know."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._face: ButtonFace | None = None
        self._opacity = 1.0
        self._pixmap = QPixmap()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)

    def show_face(self, face: ButtonFace) -> None:
        """Show this look from now on."""
        if face == self._face:
            return
        self._face = face
        self.setAccessibleName(face.name)
        self.setToolTip(face.tooltip)
        self._redraw()

    def set_opacity(self, opacity: float) -> None:
        """Show it faded: 1 is whole, 0 is not seen. The caller has it painted."""
        self._opacity = opacity

    def sizeHint(self) -> QSize:
        return self.size()

    def paintEvent(self, _: QPaintEvent) -> None:
        if self._opacity <= 0 or self._face is None:
            return
        ratio = self.devicePixelRatio()
        if self._pixmap.isNull() or self._pixmap.devicePixelRatio() != ratio:
            self._pixmap = self._draw(ratio)
        painter = QPainter(self)
        if self._opacity < 1:
            painter.setOpacity(self._opacity)
        painter.drawPixmap(0, 0, self._pixmap)
        painter.end()

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self._redraw()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._redraw()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._redraw()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._redraw()

    def resizeEvent(self, _: object) -> None:
        self._redraw()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Enter would reach the window, where it hangs up.
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if not event.isAutoRepeat():
                self.click()
            return
        super().keyPressEvent(event)

    def _redraw(self) -> None:
        self._pixmap = QPixmap()
        self.update()

    def _draw(self, ratio: float) -> QPixmap:
        face = self._face
        assert face is not None
        side = float(min(self.width(), self.height()))
        pixmap = QPixmap(self.size() * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        ground, lit, line = _COLOURS[face.tone]
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.hasFocus():
            painter.setBrush(QColor(palette.FOCUS))
            painter.drawEllipse(QRectF(0, 0, side, side))
            painter.setBrush(QColor(palette.GROUND))
            painter.drawEllipse(QRectF(0, 0, side, side).adjusted(2.5, 2.5, -2.5, -2.5))
        disc = QRectF(0, 0, side, side).adjusted(RING_PX, RING_PX, -RING_PX, -RING_PX)
        colour = QColor(lit if self.underMouse() else ground)
        painter.setBrush(colour)
        painter.drawEllipse(disc)
        icon_px = disc.width() * ICON_SHARE
        centred = (side - icon_px) / 2
        colour.setAlpha(255)
        paint_icon(
            painter,
            face.icon,
            QRectF(centred, centred, icon_px, icon_px),
            colour=QColor(line),
            struck_on=colour if face.tone is Tone.OFF else None,
        )
        if face.count:
            self._draw_count(painter, face.count, side)
        painter.end()
        return pixmap

    def _draw_count(self, painter: QPainter, count: int, side: float) -> None:
        text = str(count) if count < 100 else "99"
        high = side * 0.4
        wide = max(high, high * 0.55 * len(text) + high * 0.4)
        area = QRectF(side - wide, 0, wide, high)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(palette.DECLINE))
        painter.drawRoundedRect(area, high / 2, high / 2)
        font = self.font()
        font.setPixelSize(max(8, round(high * 0.68)))
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(QColor(palette.TEXT))
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)
