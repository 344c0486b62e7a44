"""Canvas: paints the pictures of a call, and the text that lies on them. Display thread only.

All painting is in device pixels, so that a picture of the right size is copied pixel by pixel on
every screen. What the user can press lies on it as widgets of their own (`call_window.py`).
"""

from collections.abc import Callable

from PySide6.QtCore import QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QLinearGradient,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QRegion,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from media.video.display_picture import DisplayPicture
from ui.view import Stage, View
from ui.window import palette
from ui.window.geometry import Box, place_remote
from ui.window.look import Look
from ui.window.measure import Measure
from ui.window.overlay import MARGIN_PX, Overlay
from ui.window.own_image import OwnImage
from ui.window.painting import paint_remote
from ui.window.self_view import SelfView
from ui.window.shown_picture import ShownPicture
from ui.window.sound_badge import SoundBadge
from ui.window.window_pictures import WindowPictures

CORNER_PX = 8.0
OWN_WAIT_MS = 50
"""Longer than from one picture of the other peer to the next. Each paint of one includes our own
picture, which takes 0.1 ms; painting it alone takes 0.9 ms."""


class Canvas(QWidget):
    """The area with the pictures."""

    pointer_moved = Signal()
    double_clicked = Signal()
    own_changed = Signal()
    """Our own picture has another size, or another place."""

    def __init__(
        self,
        parent: QWidget,
        pictures: WindowPictures,
        look: Look,
        *,
        is_mirrored: bool,
        level_dbfs: Callable[[], float | None],
    ) -> None:
        super().__init__(parent)
        self._pictures = pictures
        self._shown = ShownPicture(pictures.remote)
        self._own_floor = 0
        self._own_image = OwnImage(is_mirrored=is_mirrored)
        self._own_timer = QTimer(self, singleShot=True)
        self._own_timer.timeout.connect(self._update_own)
        self._measure = Measure((1, 1))
        self._look = look
        self._view = View(stage=Stage.WAITING, local_name="")
        self._has_card = False
        self._is_seen = True
        self._preview_px = (0, 0)
        self._badge = SoundBadge(self, level_dbfs)
        self.overlay = Overlay(self._badge)
        self.self_view = SelfView()
        # Every pixel is painted, so Qt need not clear the window before.
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)

    @property
    def has_picture(self) -> bool:
        """True while there is a picture of the other peer to paint."""
        return self._shown.is_there()

    def set_look(self, look: Look) -> None:
        """Take other colours."""
        self._look = look
        self.update()

    def set_view(self, view: View) -> None:
        """Show this view from now on."""
        self._view = view
        self._shown.follow(view)
        if not self._is_camera_seen():
            self._own_floor, _ = self._pictures.own.peek()
        self._follow_visibility()
        self.update()

    def set_card_shown(self, *, is_shown: bool) -> None:
        """Leave out what a card in the middle says already."""
        if is_shown != self._has_card:
            self._has_card = is_shown
            self.update()

    def set_measure(self, measure: Measure) -> None:
        """Lay everything out for another size."""
        self._measure = measure
        self._follow_visibility()
        self.update()

    def set_seen(self, *, is_seen: bool) -> None:
        """Ask for no pictures while the window is not on the screen."""
        self._is_seen = is_seen
        self._follow_visibility()

    def set_preview_room(self, width_px: int, height_px: int) -> None:
        """Ask for own pictures that another part of the window shows, device pixels."""
        self._preview_px = width_px, height_px
        self._follow_visibility()

    def follow_self_view(self) -> None:
        """Paint our own picture in its new place and size, or no longer."""
        self._follow_visibility()
        self.own_changed.emit()
        self.update()

    def own_box(self) -> Box | None:
        """Return where our own picture lies, device pixels; None while it is not seen."""
        own = self._own_picture()
        if own is None:
            return None
        size_px = own.bgra.width, own.bgra.height
        box = self.self_view.place(size_px, self._measure.canvas_px, self._margin_px())
        is_low = not self.self_view.corner.is_top and not self.self_view.is_dragged
        return box.lifted_above(self.overlay.bar, self.overlay.gap_px) if is_low else box

    def take_own(self) -> None:
        """Paint our newest picture with the next one of the other peer, or soon without it."""
        if not self._own_timer.isActive():
            self._own_timer.start(OWN_WAIT_MS)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._badge.is_bar_alone(event.region()) and not self.overlay.is_panel_on:
            self._paint_bar_alone()
            return
        is_whole = _is_whole(event.region(), self.rect())
        # A newer picture in a part of the window would leave a seam: keep the painted one there.
        remote, is_new = self._shown.take() if is_whole else (self._shown.held, False)
        painter = self._painter()
        canvas_px = self._measure.canvas_px
        if remote is None:
            self._paint_ground(painter, canvas_px)
        else:
            box = place_remote((remote.bgra.width, remote.bgra.height), canvas_px)
            paint_remote(painter, remote, box, QRect(0, 0, *canvas_px))
            if self._view.stage is Stage.ENDED or self._view.is_reconnecting:
                has_ended = self._view.stage is Stage.ENDED
                shade = palette.DIMMED if has_ended else palette.STANDING
                painter.fillRect(QRect(0, 0, *canvas_px), QColor(shade))
        own, own_box = self._own_picture(), self.own_box()
        if own is not None and own_box is not None:
            self._own_image.paint(painter, own, own_box, corner_px=CORNER_PX * self._measure.unit)
        self.overlay.paint(painter, self._view, self._measure, own=own_box, has_card=self._has_card)
        painter.end()
        if is_whole:
            self._own_timer.stop()
        if remote is not None and is_new:
            self._pictures.on_painted(remote)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        box = self.own_box()
        is_left = event.button() is Qt.MouseButton.LeftButton
        if not (is_left and box is not None):
            event.ignore()
            return
        if not self.self_view.press(self._device_px(event), box, self._measure.unit):
            event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.pointer_moved.emit()
        at = self._device_px(event)
        if self.self_view.is_dragged:
            self.self_view.move(at, self._measure.canvas_px, self._margin_px())
            self.update()
            return
        self.setCursor(self._cursor_at(at))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        box = self.own_box()
        if self.self_view.is_dragged and box is not None:
            self.self_view.release(box, self._measure.canvas_px)
            self.follow_self_view()
        else:
            event.ignore()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self.double_clicked.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        box = self.own_box()
        at, turned = event.position().toPoint() * self._measure.ratio, event.angleDelta().y()
        if box is None or not box.contains((at.x(), at.y())) or not turned:
            event.ignore()
            return
        if turned > 0:
            self.self_view.grow()
        else:
            self.self_view.shrink()
        self.follow_self_view()

    def _painter(self) -> QPainter:
        """Return a painter in device pixels."""
        painter, ratio = QPainter(self), self._measure.ratio
        if ratio != 1:
            painter.scale(1 / ratio, 1 / ratio)
        return painter

    def _update_own(self) -> None:
        """Paint our newest picture soon, and nothing else."""
        box = self.own_box()
        if box is not None:
            around = QRect(*(int(edge / self._measure.ratio) for edge in box))
            self.update(around.adjusted(-3, -3, 4, 4))

    def _paint_bar_alone(self) -> None:
        painter = self._painter()
        self._badge.paint_bar(painter)
        painter.end()

    def _paint_ground(self, painter: QPainter, canvas_px: tuple[int, int]) -> None:
        ground = QLinearGradient(0, 0, 0, canvas_px[1])
        ground.setColorAt(0, QColor(self._look.ground_top))
        ground.setColorAt(1, QColor(self._look.ground_bottom))
        painter.fillRect(QRect(0, 0, *canvas_px), ground)

    def _follow_visibility(self) -> None:
        """Ask for the pictures and the level that are shown now, and for nothing else."""
        canvas_px, is_seen = self._measure.canvas_px, self._is_seen
        self._pictures.wanted.remote_px = canvas_px if is_seen else (0, 0)
        is_own_seen = is_seen and self.self_view.is_shown and self._is_camera_seen()
        elsewhere_px = self._preview_px if is_seen else (0, 0)
        own_px = self.self_view.room(canvas_px) if is_own_seen else elsewhere_px
        self._pictures.wanted.own_px = own_px
        self._badge.follow(self._view, is_seen=is_seen)

    def _is_camera_seen(self) -> bool:
        is_camera_open = self._view.stage not in (Stage.WAITING, Stage.ENDED)
        return is_camera_open and not self._view.is_camera_off

    def _own_picture(self) -> DisplayPicture | None:
        """Return our own picture, unless it is hidden or older than the camera's last opening."""
        number, own = self._pictures.own.peek()
        is_shown = self.self_view.is_shown and self._is_camera_seen()
        return own if number > self._own_floor and is_shown else None

    def _margin_px(self) -> int:
        return round(MARGIN_PX * self._measure.unit)

    def _device_px(self, event: QMouseEvent) -> tuple[int, int]:
        at: QPoint = (event.position() * self._measure.ratio).toPoint()
        return at.x(), at.y()

    def _cursor_at(self, at: tuple[int, int]) -> Qt.CursorShape:
        box = self.own_box()
        if box is None:
            return Qt.CursorShape.ArrowCursor
        if self.self_view.is_grip(at, box, self._measure.unit):
            corner = self.self_view.corner
            is_falling = corner.is_left is corner.is_top
            return Qt.CursorShape.SizeFDiagCursor if is_falling else Qt.CursorShape.SizeBDiagCursor
        if box.contains(at):
            return Qt.CursorShape.OpenHandCursor
        return Qt.CursorShape.ArrowCursor


def _is_whole(region: QRegion, canvas: QRect) -> bool:
    return region.rectCount() == 1 and region.boundingRect() == canvas
