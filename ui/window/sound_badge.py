"""Sound badge: how loud we are, or that we are muted, on our own picture. Display thread.

+----------------+
|  own picture   |
|[mic ####  ]    |   the badge; without a picture it lies in the corner of the window
+----------------+

While the bar is shown, a timer reads the level and repaints the bar alone, and only if it has
changed: a window that shows 30 pictures a second has no time to waste.
"""

from collections.abc import Callable

from PySide6.QtCore import QRect, QRectF, QTimer
from PySide6.QtGui import QColor, QPainter, QPixmap, QRegion
from PySide6.QtWidgets import QWidget

from ui.view import Stage, View
from ui.window import palette
from ui.window.icons import Icon
from ui.window.level_meter import LOUD_DBFS, POLLS_PER_S, STEPS, LevelMeter, steps_at
from ui.window.microphone_icon import paint_microphone
from ui.window.panel import PanelStyle, Placed, TextPanel
from ui.wording.sound import MUTED_BADGE, is_mute_shown

FONT_PX = 13.0
SIGN_PX = 13.0
BAR_PX = (60.0, 5.0)
PADDING_PX = 5.0
GAP_PX = 4.0
"""All logical, in a window of the nominal size."""
LOUD_STEPS = steps_at(LOUD_DBFS)


def no_level() -> float | None:
    """Return no level: for a window without sound."""
    return None


class SoundBadge:
    """The badge, and the timer that keeps its bar up to date."""

    def __init__(self, canvas: QWidget, level_dbfs: Callable[[], float | None]) -> None:
        """Create a badge.

        Args:
            canvas: the widget that it is painted on.
            level_dbfs: returns the level of our microphone now, or None where there is none; called
                in the display thread, must not block.
        """
        self._canvas = canvas
        self._level_dbfs = level_dbfs
        self._meter = LevelMeter()
        self._muted = TextPanel(
            PanelStyle(icon=Icon.MICROPHONE, is_struck=True, ground=palette.MUTED_BADGE)
        )
        self._ground = QPixmap()
        self._ground_unit = 0.0
        self._bar = QRect()
        """Device pixels."""
        self._bar_area = QRect()
        """Logical: the area to repaint for it."""
        self._timer = QTimer(canvas)
        self._timer.setObjectName("level")
        self._timer.setInterval(1000 // POLLS_PER_S)
        self._timer.timeout.connect(self._poll)

    def follow(self, view: View, *, is_seen: bool) -> None:
        """Start or stop measuring, as the view needs it.

        Args:
            view: the present view.
            is_seen: whether the window is on the screen.
        """
        is_metered = view.stage is Stage.CALL and view.has_microphone and not view.is_muted
        if not is_metered:
            self._meter.take(None)
        if is_metered and is_seen:
            if not self._timer.isActive():
                self._meter.take(self._level_dbfs())
                self._timer.start()
        else:
            self._timer.stop()

    def measure(self, view: View, unit: float) -> tuple[int, int]:
        """Return the size of the badge, device pixels; (0, 0) without a badge."""
        image = self._image(view, unit)
        return image.width(), image.height()

    @property
    def has_level(self) -> bool:
        """True while a level is shown."""
        return self._meter.lit is not None

    def place(self, view: View, at: tuple[int, int], unit: float) -> Placed | None:
        """Return the badge without its bar, and store the bar's place; None without a badge.

        Args:
            view: the present view.
            at: its left upper corner, device pixels.
            unit: how many device pixels a logical pixel of the design takes here.
        """
        image = self._image(view, unit)
        if image.isNull():
            return None
        if not is_mute_shown(view):
            left, width, height = _bar_in_badge(unit)
            top = at[1] + (image.height() - height) // 2
            self._bar = QRect(at[0] + left, top, width, height)
        return Placed(*at, image)

    def is_bar_alone(self, region: QRegion) -> bool:
        """Return whether only the bar has to be repainted."""
        return region.rectCount() == 1 and region.boundingRect() == self._bar_area

    def paint_bar(self, painter: QPainter) -> None:
        """Paint the bar in its place, if there is one; it covers everything below it."""
        if self._meter.lit is None:
            return
        bar = QRect(self._bar)
        painter.fillRect(bar, QColor(palette.METER_UNLIT))
        whole_px = bar.width()
        lit_px, loud_px = (whole_px * steps // STEPS for steps in (self._meter.lit, LOUD_STEPS))
        bar.setWidth(lit_px)
        painter.fillRect(bar, QColor(palette.METER_LIT))
        if lit_px > loud_px:
            painter.fillRect(bar.adjusted(loud_px, 0, 0, 0), QColor(palette.METER_LOUD))

    def _image(self, view: View, unit: float) -> QPixmap:
        if is_mute_shown(view):
            return self._muted.lay_out((MUTED_BADGE,), font_px=FONT_PX * unit, room_px=10_000)
        if self._meter.lit is None:
            return QPixmap()
        if unit != self._ground_unit:
            self._ground = _draw_ground(unit)
            self._ground_unit = unit
        return self._ground

    def _poll(self) -> None:
        was_there = self._meter.lit is not None
        if not self._meter.take(self._level_dbfs()):
            return
        if was_there and self._meter.lit is not None:
            ratio = self._canvas.devicePixelRatio()
            bar = QRectF(self._bar)
            area = QRectF(bar.topLeft() / ratio, bar.size() / ratio).toAlignedRect()
            self._bar_area = area
            self._canvas.update(area)
        else:
            self._canvas.update()


def _bar_in_badge(unit: float) -> tuple[int, int, int]:
    """Return the left edge of the bar, its width and its height, device pixels."""
    left = round((PADDING_PX + SIGN_PX + GAP_PX) * unit)
    return left, round(BAR_PX[0] * unit), max(3, round(BAR_PX[1] * unit))


def _draw_ground(unit: float) -> QPixmap:
    """Draw the badge without its bar."""
    left, width, _ = _bar_in_badge(unit)
    sign_px = round(SIGN_PX * unit)
    padding_px = round(PADDING_PX * unit)
    ground = QPixmap(left + width + padding_px + round(2 * unit), sign_px + 2 * padding_px)
    ground.fill(QColor(0, 0, 0, 0))
    painter = QPainter(ground)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(QColor(0, 0, 0, 0))
    painter.setBrush(QColor(palette.PANEL))
    corner_px = padding_px * 1.2
    painter.drawRoundedRect(QRectF(ground.rect()), corner_px, corner_px)
    sign = QRectF(padding_px, padding_px, sign_px, sign_px)
    paint_microphone(painter, sign, colour=QColor(palette.TEXT))
    painter.end()
    return ground
