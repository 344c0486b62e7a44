"""Warning corner: problems of our own devices, in a corner of the picture. Display thread.

The text fades after a while and leaves a small sign, for as long as the problem lasts. The sign is
a button that shows the text again.
"""

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, QTimer, QVariantAnimation
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QPushButton, QWidget

from ui.window import palette
from ui.window.icons import Icon, paint_icon
from ui.window.panel import PanelStyle, TextPanel

STAYS_MS = 10_000
"""Long enough to read three lines twice."""
FADE_MS = 400
FONT_PX = 14.0
SIGN_PX = 30.0


class WarningCorner(QPushButton):
    """Warnings, as text or as a sign."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._lines: tuple[str, ...] = ()
        self._is_open = False
        self._opacity = 1.0
        self._panel = TextPanel(PanelStyle(icon=Icon.WARNING, is_wrapped=True, text=palette.NOTICE))
        self._pixmap = QPixmap()
        self._area = (1, 1.0, 1.0)
        """The width of the room, the unit of text and the ratio."""
        self._timer = QTimer(self, singleShot=True)
        self._timer.setInterval(STAYS_MS)
        self._timer.timeout.connect(self._fade)
        self._animation = QVariantAnimation(self)
        self._animation.setDuration(FADE_MS)
        self._animation.setStartValue(1.0)
        self._animation.setEndValue(0.0)
        self._animation.valueChanged.connect(self._set_opacity)
        self._animation.finished.connect(self._close)
        self._right_top = QPoint()
        self.clicked.connect(self._toggle)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.hide()

    @property
    def shown_text(self) -> str:
        """The warnings that are shown as text now; "" while there are none, or only the sign."""
        return "\n".join(self._lines) if self._is_open and not self.isHidden() else ""

    def show_warnings(self, lines: tuple[str, ...]) -> None:
        """Show these warnings; new ones as text, for a while."""
        if lines == self._lines:
            return
        has_news = bool(set(lines) - set(self._lines))
        self._lines = lines
        self.setAccessibleName(f"Warning: {'. '.join(lines)}" if lines else "")
        self.setToolTip("\n".join(lines))
        self.setVisible(bool(lines))
        if has_news:
            self._open()
        self._lay_out()

    def fit(self, right_top: QPoint, room_px: int, text_unit: float, ratio: float) -> None:
        """Take the corner at a point, logical pixels.

        Args:
            room_px: how wide the text may become, logical pixels.
        """
        self._right_top = right_top
        self._area = (room_px, text_unit, ratio)
        self._lay_out()

    def sizeHint(self) -> QSize:
        return self.size()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Enter would reach the window, where it hangs up.
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._lay_out()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._lay_out()

    def paintEvent(self, _: QPaintEvent) -> None:
        if self._pixmap.isNull():
            return
        painter = QPainter(self)
        painter.setOpacity(self._opacity)
        painter.drawPixmap(0, 0, self._pixmap)
        painter.end()

    def _open(self) -> None:
        self._animation.stop()
        self._is_open, self._opacity = True, 1.0
        self._timer.start()

    def _toggle(self) -> None:
        if self._is_open:
            self._close()
        else:
            self._open()
            self._lay_out()

    def _fade(self) -> None:
        if self.underMouse() or self.hasFocus():
            self._timer.start()
        else:
            self._animation.start()

    def _close(self) -> None:
        self._timer.stop()
        self._animation.stop()
        self._is_open, self._opacity = False, 1.0
        self._lay_out()

    def _set_opacity(self, opacity: float) -> None:
        self._opacity = opacity
        self.update()

    def _lay_out(self) -> None:
        if not self._lines:
            return
        room_px, text_unit, ratio = self._area
        font_px = FONT_PX * text_unit * ratio
        image = (
            self._panel.lay_out(self._lines, font_px=font_px, room_px=round(room_px * ratio))
            if self._is_open
            else _draw_sign(round(SIGN_PX * text_unit * ratio))
        )
        pixmap = QPixmap(image)
        pixmap.setDevicePixelRatio(ratio)
        if self.hasFocus():
            _draw_ring(pixmap)
        self._pixmap = pixmap
        size = pixmap.deviceIndependentSize().toSize()
        self.setGeometry(
            self._right_top.x() - size.width(), self._right_top.y(), size.width(), size.height()
        )
        self.update()


def _draw_sign(side_px: int) -> QPixmap:
    sign = QPixmap(side_px, side_px)
    sign.fill(Qt.GlobalColor.transparent)
    painter = QPainter(sign)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(palette.PANEL))
    painter.drawRoundedRect(QRectF(sign.rect()), side_px * 0.25, side_px * 0.25)
    inner = side_px * 0.56
    at = (side_px - inner) / 2
    paint_icon(painter, Icon.WARNING, QRectF(at, at, inner, inner), colour=QColor(palette.NOTICE))
    painter.end()
    return sign


def _draw_ring(pixmap: QPixmap) -> None:
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    pen = painter.pen()
    pen.setColor(QColor(palette.FOCUS))
    pen.setWidthF(2.0)
    painter.setPen(pen)
    area = QRectF(QPointF(0, 0), pixmap.deviceIndependentSize())
    painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), 8, 8)
    painter.end()
