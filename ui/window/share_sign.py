"""Share sign: tells this user that the screen is shared, and stops that. Display thread.

+------------------------------------+
| [screen] You are sharing … ( Stop )|   one button: a press anywhere on it stops
+------------------------------------+
"""

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
)
from PySide6.QtWidgets import QPushButton, QWidget

from ui.window import palette
from ui.window.fitted_text import word_plain_tooltip
from ui.window.fonts import provide_fonts
from ui.window.icons import Icon, paint_icon
from ui.wording.controls import KEYS, Control
from ui.wording.screens import STOP, STOP_NAME

FONT_PX = 14.0
PADDING_SHARE = 0.7
"""Of the font's height; likewise below."""
ICON_SHARE = 1.15
GAP_SHARE = 0.6


class ShareSign(QPushButton):
    """One line and the control that stops."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._text = ""
        self._layout: tuple[object, ...] = ()
        """The values of which the picture was drawn."""
        self._pixmap = QPixmap()
        self.setAccessibleName(STOP_NAME)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.hide()

    def show_text(self, text: str) -> None:
        """Show what is shared; "" hides the sign."""
        if text != self._text:
            self._text = text
            provide_fonts(text)
            self.setAccessibleDescription(text)
            key = KEYS[Control.SHARE_SCREEN]
            self.setToolTip(word_plain_tooltip(f"{text}. {STOP_NAME} ({key})"))
        self.setVisible(bool(text))

    def fit(self, area: QRect, text_unit: float, ratio: float) -> None:
        """Take the middle of the top of an area, logical pixels."""
        if self.isHidden():
            return
        font_px = max(9.0, FONT_PX * text_unit) * ratio
        layout = (self._text, font_px, area.width(), ratio, self.hasFocus())
        if layout != self._layout:
            self._layout = layout
            self._pixmap = self._draw(font_px, area.width() * ratio)
            self._pixmap.setDevicePixelRatio(ratio)
            self.update()
        size = self._pixmap.deviceIndependentSize().toSize()
        left = area.x() + (area.width() - size.width()) // 2
        self.setGeometry(left, area.y(), size.width(), size.height())

    def sizeHint(self) -> QSize:
        return self.size()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Enter would reach the window, where it hangs up.
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._pixmap)
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
            pen = painter.pen()
            pen.setColor(QColor(palette.FOCUS))
            pen.setWidthF(2.0)
            painter.setPen(pen)
            radius = self.height() / 2 - 1
            area = QRectF(self.rect()).adjusted(1, 1, -1, -1)
            painter.drawRoundedRect(area, radius, radius)
        painter.end()

    def _draw(self, font_px: float, room_px: float) -> QPixmap:
        font = QFont()
        font.setPixelSize(round(font_px))
        bold = QFont(font)
        bold.setWeight(QFont.Weight.DemiBold)
        metrics = QFontMetrics(font)
        padding, gap, icon_px = (
            round(font_px * share) for share in (PADDING_SHARE, GAP_SHARE, ICON_SHARE)
        )
        stop_px = QFontMetrics(bold).horizontalAdvance(STOP) + 2 * gap
        high = metrics.height() + 2 * padding
        fixed_px = 2 * padding + icon_px + 2 * gap + stop_px
        text = metrics.elidedText(
            self._text, Qt.TextElideMode.ElideRight, max(0, round(room_px) - fixed_px)
        )
        text_px = metrics.horizontalAdvance(text)
        pixmap = QPixmap(fixed_px + text_px, high)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(palette.BANNER))
        painter.drawRoundedRect(QRectF(pixmap.rect()), high / 2, high / 2)
        icon = QRectF(padding, (high - icon_px) / 2, icon_px, icon_px)
        paint_icon(painter, Icon.SCREEN, icon, colour=QColor(palette.TEXT))
        left = padding + icon_px + gap
        painter.setFont(font)
        painter.setPen(QColor(palette.TEXT))
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        inner = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(QRectF(left, 0, text_px + 1, high), inner, text)
        chip = QRectF(left + text_px + gap, padding * 0.55, stop_px, high - padding * 1.1)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(palette.DECLINE))
        painter.drawRoundedRect(chip, chip.height() / 2, chip.height() / 2)
        painter.setFont(bold)
        painter.setPen(QColor(palette.TEXT))
        painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, STOP)
        painter.end()
        return pixmap
