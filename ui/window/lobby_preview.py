"""Lobby preview: the user's own picture, as in a mirror, and the level of the microphone below it.

Display thread. It reports the size of the pictures that it can show.
"""

from collections.abc import Callable

from PySide6.QtCore import QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QHideEvent, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from media.video.display_picture import DisplayPicture
from ui.window import palette
from ui.window.geometry import Box
from ui.window.level_meter import POLLS_PER_S, STEPS, LevelMeter
from ui.window.look import Look
from ui.window.own_image import OwnImage
from ui.window.window_pictures import WindowPictures
from ui.wording.lobby import PREVIEW_NAME

CORNER_PX = 12.0
METER_PX = 6.0
GAP_PX = 8.0
LOUD_STEP = STEPS * 17 // 20


class LobbyPreview(QWidget):
    """Shows the newest own picture, or a line of text in its place."""

    room_changed = Signal(int, int)
    """The width and height of the room for pictures, device pixels; 0 while none are wanted."""

    def __init__(
        self,
        parent: QWidget,
        look: Look,
        pictures: WindowPictures,
        level_dbfs: Callable[[], float | None],
        *,
        is_mirrored: bool,
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._pictures = pictures
        self._level_dbfs = level_dbfs
        self._image = OwnImage(is_mirrored=is_mirrored)
        self._meter = LevelMeter()
        self._text = ""
        self._floor = 0
        self._unit = 1.0
        self._timer = QTimer(self)
        self._timer.setInterval(1000 // POLLS_PER_S)
        self._timer.timeout.connect(self._read_level)
        self.setAccessibleName(PREVIEW_NAME)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def set_look(self, look: Look) -> None:
        """Take other colours."""
        self._look = look
        self.update()

    def set_unit(self, unit: float) -> None:
        """Take another size of text and margins, logical pixels."""
        self._unit = unit
        self.updateGeometry()

    def show_text(self, text: str) -> None:
        """Show this line in place of the picture, or with "" the picture."""
        if text != self._text:
            self._text = text
            self._floor, _ = self._pictures.own.peek()
            self.setAccessibleDescription(text)
            self._report_room()
            self.update()

    def _report_room(self) -> None:
        area, ratio = self._picture_area(), self.devicePixelRatio()
        if self.isVisible() and not self._text:
            self.room_changed.emit(round(area.width() * ratio), round(area.height() * ratio))
        else:
            self.room_changed.emit(0, 0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return round(width * 9 / 16 + (GAP_PX + METER_PX) * self._unit)

    def sizeHint(self) -> QSize:
        width = round(420 * self._unit)
        return QSize(width, self.heightForWidth(width))

    def showEvent(self, _: QShowEvent) -> None:
        self._timer.start()
        self._report_room()

    def hideEvent(self, _: QHideEvent) -> None:
        self._timer.stop()
        self._meter.take(None)
        self._report_room()

    def resizeEvent(self, _: QResizeEvent) -> None:
        self._report_room()

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        area = self._picture_area()
        own = self._own_picture()
        if own is None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(palette.GROUND))
            painter.drawRoundedRect(QRectF(area), CORNER_PX, CORNER_PX)
            font = self.font()
            font.setPixelSize(max(10, round(15 * self._unit)))
            painter.setFont(font)
            painter.setPen(QColor(palette.TEXT))
            inner = area.adjusted(16, 8, -16, -8)
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(inner, flags, self._text)
        self._paint_meter(painter)
        if own is not None:
            self._paint_picture(painter, own, area)
        painter.end()

    def _paint_picture(self, painter: QPainter, own: DisplayPicture, area: QRect) -> None:
        """Paint the picture whole, centred in its area, in device pixels."""
        ratio = self.devicePixelRatio()
        painter.scale(1 / ratio, 1 / ratio)
        wide, high = area.width() * ratio, area.height() * ratio
        scale = min(wide / own.bgra.width, high / own.bgra.height)
        width, height = round(own.bgra.width * scale), round(own.bgra.height * scale)
        left = round(area.x() * ratio + (wide - width) / 2)
        top = round(area.y() * ratio + (high - height) / 2)
        box = Box(left, top, width, height)
        self._image.paint(painter, own, box, corner_px=CORNER_PX * ratio)

    def _paint_meter(self, painter: QPainter) -> None:
        lit = self._meter.lit
        high = METER_PX * self._unit
        top = self.height() - high
        painter.setPen(Qt.PenStyle.NoPen)
        step = self.width() / STEPS
        for number in range(STEPS):
            colour = self._look.field_edge if not self._look.is_dark else palette.METER_UNLIT
            if lit is not None and number < lit:
                colour = palette.METER_LOUD if number >= LOUD_STEP else palette.METER_LIT
            painter.setBrush(QColor(colour))
            painter.setOpacity(0.35 if lit is None else 1.0)
            painter.drawRoundedRect(QRectF(number * step, top, step - 2, high), 2, 2)
        painter.setOpacity(1.0)

    def _picture_area(self) -> QRect:
        below = round((GAP_PX + METER_PX) * self._unit)
        return QRect(0, 0, self.width(), max(1, self.height() - below))

    def _own_picture(self) -> DisplayPicture | None:
        number, own = self._pictures.own.peek()
        return own if number > self._floor and not self._text else None

    def _read_level(self) -> None:
        if self._meter.take(self._level_dbfs()):
            high = round(METER_PX * self._unit) + 1
            self.update(0, self.height() - high, self.width(), high)
