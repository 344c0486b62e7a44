"""Canvas: the widget that fills the window; paints pictures and text, turns keys into events.

Display thread only. It knows neither threads nor what an event leads to; `window.py` brings views
and pictures over from other threads. All painting is in device pixels, so that a picture of the
right size is copied pixel by pixel on every screen.
"""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QRect, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QCloseEvent,
    QColor,
    QHideEvent,
    QKeyEvent,
    QLinearGradient,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QRegion,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QApplication, QWidget

from media.video.display_picture import DisplayPicture
from ui.actions import UserAction
from ui.view import Stage, UserEvent, View
from ui.window import palette
from ui.window.card_widget import CardWidget
from ui.window.geometry import Box, own_room, place_own, place_remote, place_window
from ui.window.keys import WindowAction, read_key
from ui.window.overlay import MARGIN_PX, Overlay
from ui.window.own_image import OwnImage
from ui.window.painting import paint_remote
from ui.window.settings import WindowSettings
from ui.window.shown_picture import ShownPicture
from ui.window.sound_badge import SoundBadge, no_level
from ui.window.window_pictures import WindowPictures
from ui.wording.sound import word_sound, word_sound_news
from ui.wording.stages import word_card, word_details, word_sentence, word_title
from ui.wording.view_values import sentence_values

SMALLEST_PX = (320, 180)
"""Logical."""
DESIGN_PX = (960, 540)
"""The logical size at which text and margins have their nominal size."""
CORNER_PX = 8.0
OWN_WAIT_MS = 50
"""Longer than from one picture of the other peer to the next. Each paint of one includes our own
picture, which takes 0.1 ms; painting it alone takes 0.9 ms."""
CLOSE_PATIENCE_MS = 2000
"""The program ends within 2 s of a close; after that, a second close does not ask the program."""


class Canvas(QWidget):
    """Shows one peer's view and pictures."""

    closed = Signal()
    """The window is closed: by the program, or by a user whom the program did not answer."""

    def __init__(
        self,
        settings: WindowSettings,
        pictures: WindowPictures,
        *,
        post: Callable[[UserAction], object],
        level_dbfs: Callable[[], float | None] = no_level,
    ) -> None:
        super().__init__()
        self._settings = settings
        self._pictures = pictures
        self._shown = ShownPicture(pictures.remote)
        self._own_floor = 0
        self._own_image = OwnImage(is_mirrored=settings.mirror_self_view)
        self._own_timer = QTimer(singleShot=True)
        self._own_timer.timeout.connect(self._update_own)
        self._ratio = self.devicePixelRatio()
        self._post = post
        self._may_close = False
        self._view = View(stage=Stage.WAITING, local_name="")
        self._announced: tuple[object, ...] = ()
        """The values of the sentence that a screen reader has read last."""
        self._badge = SoundBadge(self, level_dbfs)
        self._overlay = Overlay(self._badge)
        self._card = CardWidget(self)
        self._card.accepted.connect(lambda: self._post(UserEvent.ACCEPT))
        self._card.declined.connect(lambda: self._post(UserEvent.DECLINE))
        # Every pixel is painted, so Qt need not clear the window before.
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(*SMALLEST_PX)
        self._place()
        self.set_view(self._view)
        # Before the window is shown, so that the first pictures come in the right size.
        self._follow_visibility(is_seen=True)

    @property
    def card(self) -> CardWidget:
        """The card in the middle."""
        return self._card

    def set_view(self, view: View) -> None:
        """Show this view from now on."""
        former, self._view = self._view, view
        self._shown.follow(view)
        if not self._is_own_seen():
            self._own_floor, _ = self._pictures.own.peek()
        self.setWindowTitle(word_title(view))
        if view.stage is not former.stage:
            # The list of keys must not hide the new stage.
            self._overlay.are_keys_on = False
            # A key that was meant for something else must not press a button that just appeared.
            self.setFocus()
            if view.stage is Stage.INCOMING:
                self.raise_()
                QApplication.alert(self)
        self._show_card()
        self._update_screen_reader(word_sound_news(former, view))
        self._follow_visibility(is_seen=self._is_seen())
        self.update()

    def take_remote(self) -> None:
        """Paint the newest picture of the other peer soon."""
        if self._view.stage is Stage.CALL and self._card.isVisibleTo(self):
            self._show_card()
        self.update()

    def take_own(self) -> None:
        """Paint our newest picture with the next one of the other peer, or soon without it."""
        if not self._own_timer.isActive():
            self._own_timer.start(OWN_WAIT_MS)

    def leave(self) -> None:
        """Close the window at once, without asking the program."""
        self._may_close = True
        self.close()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._badge.is_bar_alone(event.region()) and not self._overlay.is_panel_on:
            self._paint_bar_alone()
            return
        is_whole = _is_whole(event.region(), self.rect())
        # A newer picture in a part of the window would leave a seam: keep the painted one there.
        remote, is_new = self._shown.take() if is_whole else (self._shown.held, False)
        painter = self._painter()
        canvas_px, unit = self._canvas_px(), self._unit()
        if remote is None:
            self._paint_ground(painter, canvas_px)
        else:
            box = place_remote((remote.bgra.width, remote.bgra.height), canvas_px)
            paint_remote(painter, remote, box, QRect(0, 0, *canvas_px))
            if self._view.stage is Stage.ENDED or self._view.is_reconnecting:
                has_ended = self._view.stage is Stage.ENDED
                shade = palette.DIMMED if has_ended else palette.STANDING
                painter.fillRect(QRect(0, 0, *canvas_px), QColor(shade))
        own = self._own_picture()
        own_box = None if own is None else _own_box(own, canvas_px, unit)
        if own is not None and own_box is not None:
            self._own_image.paint(painter, own, own_box, corner_px=CORNER_PX * unit)
        self._overlay.paint(
            painter,
            self._view,
            canvas_px,
            unit,
            own=own_box,
            has_card=self._card.isVisibleTo(self),
        )
        painter.end()
        if is_whole:
            self._own_timer.stop()
        if remote is not None and is_new:
            self._pictures.on_painted(remote)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        meaning = read_key(event, stage=self._view.stage, is_full_screen=self.isFullScreen())
        match meaning:
            case None:
                event.ignore()
                return
            case WindowAction.TOGGLE_FULL_SCREEN | WindowAction.LEAVE_FULL_SCREEN:
                self._toggle_full_screen()
            case WindowAction.TOGGLE_OVERLAY:
                self._overlay.are_figures_on = not self._overlay.are_figures_on
            case WindowAction.TOGGLE_KEYS:
                self._overlay.are_keys_on = not self._overlay.are_keys_on
                self._show_card()
            case _:
                self._post(meaning)
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._toggle_full_screen()

    def focusNextPrevChild(self, forward: bool) -> bool:
        # Only a question has buttons to move to; elsewhere Tab is an ordinary key.
        return self._view.stage is Stage.INCOMING and super().focusNextPrevChild(forward)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._may_close:
            event.accept()
            self.closed.emit()
            return
        event.ignore()
        QTimer.singleShot(CLOSE_PATIENCE_MS, self, self._allow_close)
        self._post(UserEvent.QUIT)

    def resizeEvent(self, _: QResizeEvent) -> None:
        self._card.fit(self.size())
        self._follow_visibility(is_seen=self._is_seen())

    def showEvent(self, _: QShowEvent) -> None:
        self._follow_visibility(is_seen=True)

    def hideEvent(self, _: QHideEvent) -> None:
        self._follow_visibility(is_seen=False)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.WindowStateChange:
            self._follow_visibility(is_seen=self._is_seen())
            self.update()

    def _place(self) -> None:
        free = QApplication.primaryScreen().availableGeometry()
        room = Box(free.x(), free.y(), free.width(), free.height())
        self.setGeometry(QRect(*place_window(self._settings.placement, room)))

    def _painter(self) -> QPainter:
        """Return a painter in device pixels. The ratio of both kinds may change with the screen."""
        painter, ratio = QPainter(self), self.devicePixelRatio()
        if ratio != 1:
            painter.scale(1 / ratio, 1 / ratio)
        if ratio != self._ratio:
            self._ratio = ratio
            self._ask_sizes(is_seen=self._is_seen())
        return painter

    def _update_own(self) -> None:
        """Paint our newest picture soon, and nothing else."""
        own = self._own_picture()
        if own is not None:
            box = _own_box(own, self._canvas_px(), self._unit())
            around = QRect(*(int(edge / self._ratio) for edge in box))
            self.update(around.adjusted(-3, -3, 4, 4))

    def _paint_bar_alone(self) -> None:
        painter = self._painter()
        self._badge.paint_bar(painter)
        painter.end()

    def _paint_ground(self, painter: QPainter, canvas_px: tuple[int, int]) -> None:
        ground = QLinearGradient(0, 0, 0, canvas_px[1])
        ground.setColorAt(0, QColor(palette.GROUND_TOP))
        ground.setColorAt(1, QColor(palette.GROUND_BOTTOM))
        painter.fillRect(QRect(0, 0, *canvas_px), ground)

    def _show_card(self) -> None:
        card = word_card(self._view, is_picture_shown=self._shown.is_there())
        # The list of keys takes the same place, but must not hide a question.
        is_covered = self._overlay.are_keys_on and self._view.stage is not Stage.INCOMING
        self._card.show_card(None if is_covered else card, self.size())

    def _toggle_full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def _update_screen_reader(self, sound_news: tuple[str, ...]) -> None:
        sentence, values = word_sentence(self._view), sentence_values(self._view)
        is_other, self._announced = values != self._announced, values
        self.setAccessibleName(sentence)
        self.setAccessibleDescription(
            "\n".join(word_details(self._view, at_terminal=False) + word_sound(self._view))
        )
        if not (is_other or sound_news):
            return
        said = ((sentence,) if is_other else ()) + sound_news
        announcement = QAccessibleAnnouncementEvent(self, ". ".join(said))
        if self._view.stage is Stage.INCOMING:
            announcement.setPoliteness(QAccessible.AnnouncementPoliteness.Assertive)
        QAccessible.updateAccessibility(announcement)

    def _follow_visibility(self, *, is_seen: bool) -> None:
        """Ask for the pictures and the level that are shown now, and for nothing else."""
        self._ask_sizes(is_seen=is_seen)
        self._badge.follow(self._view, is_seen=is_seen)

    def _ask_sizes(self, *, is_seen: bool) -> None:
        canvas_px = self._canvas_px()
        self._pictures.wanted.remote_px = canvas_px if is_seen else (0, 0)
        is_own_seen = is_seen and self._is_own_seen()
        self._pictures.wanted.own_px = own_room(canvas_px) if is_own_seen else (0, 0)

    def _is_seen(self) -> bool:
        return self.isVisible() and not self.isMinimized()

    def _is_own_seen(self) -> bool:
        is_camera_open = self._view.stage not in (Stage.WAITING, Stage.ENDED)
        return is_camera_open and not self._view.is_camera_off

    def _own_picture(self) -> DisplayPicture | None:
        """Return our own picture, unless it is from before the camera was last closed."""
        number, own = self._pictures.own.peek()
        return own if number > self._own_floor else None

    def _canvas_px(self) -> tuple[int, int]:
        ratio = self.devicePixelRatio()
        return round(self.width() * ratio), round(self.height() * ratio)

    def _unit(self) -> float:
        """Return how many device pixels a logical pixel of the design takes here."""
        share = min(self.width() / DESIGN_PX[0], self.height() / DESIGN_PX[1])
        return self.devicePixelRatio() * min(max(share, 0.6), 1.6)

    def _allow_close(self) -> None:
        self._may_close = True


def _own_box(own: DisplayPicture, canvas_px: tuple[int, int], unit: float) -> Box:
    margin_px = round(MARGIN_PX * unit)
    return place_own((own.bgra.width, own.bgra.height), canvas_px, margin_px)


def _is_whole(region: QRegion, canvas: QRect) -> bool:
    return region.rectCount() == 1 and region.boundingRect() == canvas
