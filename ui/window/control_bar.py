"""Control bar: the round buttons at the bottom of the window, which fade while nobody needs them.

Display thread. Its buttons stay in the order of the keyboard and in the tree that screen readers
read, even while they are not seen; the pointer reaches them only while they are.

+----------------------------------+
|            picture               |
|      ( m  v  s  c  r  f  .. q )  |   wraps into two rows where one is too wide
+----------------------------------+
"""

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import (
    QEasingCurve,
    QEvent,
    QObject,
    QRect,
    QRectF,
    QSize,
    Qt,
    QTimer,
    QVariantAnimation,
    Signal,
)
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from ui.window import palette
from ui.window.control_button import ButtonFace, ControlButton
from ui.wording.controls import Control

STAYS_MS = 3000
"""After the last movement of the pointer."""
FADE_MS = 180
BUTTON_PX = 46.0
GAP_PX = 6.0
PADDING_PX = 7.0
MARGIN_PX = 12.0
"""All logical, in a window of the nominal size."""
SMALLEST_BUTTON_PX = 36.0
LARGEST_RADIUS_PX = 34.0
LARGEST_SCALE = 1.4
"""Buttons have no text, so they need not grow as text does."""


class ControlBar(QWidget):
    """A row of buttons."""

    chosen = Signal(object)
    """The `Control` whose button was pressed."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._buttons: dict[Control, ControlButton] = {}
        self._shown: tuple[Control, ...] = ()
        self._stays = True
        self._is_held = False
        self._opacity = 1.0
        self._ground = QPixmap()
        """Kept as pixels: to draw it takes 0.4 ms, to copy it 0.05."""
        self._timer = QTimer(self, singleShot=True)
        self._timer.setInterval(STAYS_MS)
        self._timer.timeout.connect(self._fade_if_idle)
        self._animation = QVariantAnimation(self)
        self._animation.setDuration(FADE_MS)
        self._animation.setEasingCurve(QEasingCurve.Type.OutQuad)
        self._animation.valueChanged.connect(self._set_opacity)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setAccessibleName("Controls")

    @property
    def is_seen(self) -> bool:
        """True while the bar is on the screen, or on its way there."""
        return self._goal() > 0

    def button(self, control: Control) -> ControlButton:
        """Return the button of a control that is or was shown."""
        return self._buttons[control]

    def show_controls(self, faces: Sequence[tuple[Control, ButtonFace]], *, stays: bool) -> None:
        """Show these buttons, in this order.

        Args:
            stays: whether the bar does not fade, since there is no picture to see.
        """
        shown = tuple(control for control, _ in faces)
        for control, face in faces:
            if control not in self._buttons:
                self._buttons[control] = self._make_button(control)
            self._buttons[control].show_face(face)
        if shown != self._shown:
            self._shown = shown
            for control, button in self._buttons.items():
                button.setVisible(control in shown)
            for before, after in pairwise(shown):
                QWidget.setTabOrder(self._buttons[before], self._buttons[after])
        if stays != self._stays:
            self._stays = stays
            self.wake()
        self.setVisible(bool(shown))

    def wake(self) -> None:
        """Show the bar, and let it fade after a while."""
        self._turn(1.0)
        self._timer.start()

    def hold(self, *, is_held: bool) -> None:
        """Keep the bar while its menu is open, or let it fade again."""
        self._is_held = is_held
        self.wake()

    def dismiss(self) -> None:
        """Let the bar fade now, unless it stays."""
        self._timer.stop()
        if not self._stays:
            self._turn(0.0)

    def fit(self, area: QRect, unit: float) -> None:
        """Lay the buttons out at the bottom of an area, logical pixels.

        Args:
            unit: how many logical pixels one of the design takes here.
        """
        scale = min(unit, LARGEST_SCALE)
        side = round(max(BUTTON_PX * scale, SMALLEST_BUTTON_PX))
        gap, padding = round(GAP_PX * scale), round(PADDING_PX * scale)
        margin = round(MARGIN_PX * scale)
        count = len(self._shown)
        if not count:
            return
        room = area.width() - 2 * margin - 2 * padding + gap
        columns = max(1, min(count, room // (side + gap)))
        rows = -(-count // columns)
        columns = -(-count // rows)
        width = columns * (side + gap) - gap + 2 * padding
        height = rows * (side + gap) - gap + 2 * padding
        self.setGeometry(
            area.x() + (area.width() - width) // 2,
            area.y() + area.height() - margin - height,
            width,
            height,
        )
        for index, control in enumerate(self._shown):
            row, column = divmod(index, columns)
            left = padding + column * (side + gap)
            if row == rows - 1:  # The last row may be shorter.
                missing = columns * rows - count
                left += missing * (side + gap) // 2
            self._buttons[control].setGeometry(left, padding + row * (side + gap), side, side)

    def paintEvent(self, _: QPaintEvent) -> None:
        if self._opacity <= 0:
            return
        ratio = self.devicePixelRatio()
        if self._ground.size() != self.size() * ratio:
            self._ground = _draw_ground(self.size(), ratio)
        painter = QPainter(self)
        painter.setOpacity(self._opacity)
        painter.drawPixmap(0, 0, self._ground)
        painter.end()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.Enter):
            self.wake()
        return False

    def _make_button(self, control: Control) -> ControlButton:
        button = ControlButton(self)
        button.clicked.connect(lambda: self.chosen.emit(control))
        button.installEventFilter(self)
        return button

    def _goal(self) -> float:
        if self._animation.state() is QVariantAnimation.State.Running:
            return float(self._animation.endValue())
        return self._opacity

    def _turn(self, opacity: float) -> None:
        if self._goal() == opacity:
            return
        self._animation.stop()
        self._animation.setStartValue(self._opacity)
        self._animation.setEndValue(opacity)
        self._animation.start()

    def _set_opacity(self, opacity: float) -> None:
        self._opacity = opacity
        # A tap on what cannot be seen must not hang up.
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, opacity <= 0)
        for button in self._buttons.values():
            button.set_opacity(opacity)
        # Qt then asks neither the bar nor its buttons to paint.
        self.setUpdatesEnabled(opacity > 0)
        self.update()

    def _fade_if_idle(self) -> None:
        has_focus = any(button.hasFocus() for button in self._buttons.values())
        if self._stays or self._is_held or has_focus or self.underMouse():
            self._timer.start()
        else:
            self._turn(0.0)


def _draw_ground(size: QSize, ratio: float) -> QPixmap:
    ground = QPixmap(size * ratio)
    ground.setDevicePixelRatio(ratio)
    ground.fill(Qt.GlobalColor.transparent)
    painter = QPainter(ground)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(palette.BAR))
    radius = min(size.height() / 2, LARGEST_RADIUS_PX)
    painter.drawRoundedRect(QRectF(0, 0, size.width(), size.height()), radius, radius)
    painter.end()
    return ground
