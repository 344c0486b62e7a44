"""Call window: the window itself, with the canvas and all that can be pressed on it.

Display thread only. It knows neither threads nor what an event leads to; `window.py` brings views
and pictures over from other threads.

+- CallWindow --------------------+
| +- Canvas -------------------+  |   the canvas paints pictures and text; on it lie, as widgets:
| |  Banner    WarningCorner   |  |   what the user has to do or to know,
| |  CardWidget or WaitingPage |  |   what stands where no picture is,
| |        ControlBar          |  |   and the controls
| +----------------------------+  |
+---------------------------------+
"""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QCloseEvent,
    QGuiApplication,
    QHideEvent,
    QKeyEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from ui.actions import UserAction
from ui.view import Availability, RemotePicture, Stage, UserEvent, View, WordsTask
from ui.window.attention import come_forward
from ui.window.banner import Banner
from ui.window.canvas import Canvas
from ui.window.card_widget import CardWidget
from ui.window.control_bar import ControlBar
from ui.window.control_faces import WindowState, bar_faces, menu_entries
from ui.window.geometry import Box, place_window
from ui.window.keys import WindowAction, read_key
from ui.window.lobby_page import LobbyPage
from ui.window.look import choose_look, menu_style
from ui.window.measure import Measure
from ui.window.overlay import GAP_PX, MARGIN_PX
from ui.window.settings import WindowSettings
from ui.window.small_window import SmallWindow
from ui.window.sound_badge import no_level
from ui.window.text_size import read_text_scale
from ui.window.waiting_page import WaitingPage
from ui.window.warning_corner import WarningCorner
from ui.window.window_pictures import WindowPictures
from ui.wording.controls import Control
from ui.wording.notices import word_notices
from ui.wording.sound import is_mute_shown, word_sound, word_sound_news
from ui.wording.stages import word_banner, word_card, word_details, word_sentence, word_title
from ui.wording.view_values import sentence_values

SMALLEST_PX = (320, 180)
"""Logical."""
CLOSE_PATIENCE_MS = 2000
"""The program ends within 2 s of a close; after that, a second close does not ask the program."""
MENU_PX = 14
NARROW_PX = 600
"""Logical; in a narrower window, what stands in the corner stands above the controls."""
CORNER_PX = 40.0
"""Logical, in a window of the nominal size: its height."""

CONTROL_ACTIONS: dict[Control, UserEvent | WindowAction] = {
    Control.MUTE: UserEvent.TOGGLE_MUTE,
    Control.CAMERA: UserEvent.TOGGLE_CAMERA,
    Control.DO_NOT_DISTURB: UserEvent.TOGGLE_DO_NOT_DISTURB,
    Control.HANG_UP: UserEvent.HANG_UP,
    Control.FULL_SCREEN: WindowAction.TOGGLE_FULL_SCREEN,
    Control.SMALL_WINDOW: WindowAction.TOGGLE_SMALL_WINDOW,
    Control.SELF_VIEW: WindowAction.TOGGLE_SELF_VIEW,
    Control.NEXT_CORNER: WindowAction.NEXT_CORNER,
    Control.LARGER: WindowAction.LARGER,
    Control.SMALLER: WindowAction.SMALLER,
    Control.FIGURES: WindowAction.TOGGLE_OVERLAY,
    Control.KEYS: WindowAction.TOGGLE_KEYS,
}
"""What each control does, other than to open the menu."""


class CallWindow(QWidget):
    """Shows one peer's view and pictures, and reports what the user does."""

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
        self._post = post
        self._may_close = False
        self._view = View(stage=Stage.WAITING, local_name="")
        self._announced: tuple[object, ...] = ()
        """The values of the sentence that a screen reader has read last."""
        self._look = choose_look(settings.look)
        self.canvas = Canvas(
            self,
            pictures,
            self._look,
            is_mirrored=settings.mirror_self_view,
            level_dbfs=level_dbfs,
        )
        self.banner = Banner(self.canvas)
        self.warnings = WarningCorner(self.canvas)
        self.card = CardWidget(self.canvas, self._look)
        self.waiting_page = WaitingPage(self.canvas, self._look)
        self.lobby = LobbyPage(
            self.canvas, pictures, level_dbfs, is_mirrored=settings.mirror_self_view
        )
        self.bar = ControlBar(self.canvas)
        self.menu = QMenu(self)
        self._small = SmallWindow(self)
        self._connect()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(*SMALLEST_PX)
        self._follow_look()
        self._place()
        self.set_view(self._view)
        # Otherwise the first control has the keyboard, and Enter would press it.
        self.setFocus()
        # Before the window is shown, so that the first pictures come in the right size.
        self.canvas.set_seen(is_seen=True)

    def set_view(self, view: View) -> None:
        """Show this view from now on."""
        former, self._view = self._view, view
        self.canvas.set_view(view)
        self.setWindowTitle(word_title(view))
        if view.stage is not former.stage:
            # The list of keys must not hide the new stage.
            self.canvas.overlay.are_keys_on = False
            # A key that was meant for something else must not press a button that just appeared.
            self.setFocus()
            if view.stage is not Stage.CALL:
                self._small.leave()
            if view.stage is Stage.INCOMING:
                come_forward(self)
            self.bar.wake()
        self._show_parts()
        self._update_screen_reader(word_sound_news(former, view))

    def take_remote(self) -> None:
        """Paint the newest picture of the other peer soon."""
        if self._view.stage is Stage.CALL and self.card.isVisibleTo(self):
            self._show_parts()
        self.canvas.update()

    def take_own(self) -> None:
        """Paint our newest picture soon."""
        self.canvas.take_own()
        self.lobby.take_own()

    def leave(self) -> None:
        """Close the window at once, without asking the program."""
        self._may_close = True
        self.close()

    def act(self, action: UserEvent | WindowAction) -> None:
        """Do what a key or a control stands for."""
        overlay, self_view = self.canvas.overlay, self.canvas.self_view
        match action:
            case WindowAction.TOGGLE_FULL_SCREEN | WindowAction.LEAVE_FULL_SCREEN:
                self._small.leave()
                self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)
            case WindowAction.TOGGLE_SMALL_WINDOW:
                if self._view.stage is Stage.CALL:
                    self._small.toggle()
            case WindowAction.TOGGLE_OVERLAY:
                overlay.are_figures_on = not overlay.are_figures_on
            case WindowAction.TOGGLE_KEYS:
                overlay.are_keys_on = not overlay.are_keys_on
            case WindowAction.TOGGLE_SELF_VIEW:
                self_view.is_shown = not self_view.is_shown
                self.canvas.follow_self_view()
            case WindowAction.NEXT_CORNER:
                self_view.go_to_next_corner()
                self.canvas.follow_self_view()
            case WindowAction.LARGER:
                self_view.grow()
                self.canvas.follow_self_view()
            case WindowAction.SMALLER:
                self_view.shrink()
                self.canvas.follow_self_view()
            case UserEvent():
                self._post(action)
        self._show_parts()
        self.canvas.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and not self.hasFocus():
            # From a control back to the picture; only the next one leaves or hangs up.
            self.setFocus()
            self.bar.dismiss()
            return
        meaning = read_key(event, stage=self._view.stage, is_full_screen=self.isFullScreen())
        if meaning is None:
            event.ignore()
            return
        self.act(meaning)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._may_close:
            event.accept()
            self.closed.emit()
            return
        event.ignore()
        QTimer.singleShot(CLOSE_PATIENCE_MS, self, self._allow_close)
        self._post(UserEvent.QUIT)

    def resizeEvent(self, _: QResizeEvent) -> None:
        self._lay_out()

    def showEvent(self, _: QShowEvent) -> None:
        self._lay_out()
        self.canvas.set_seen(is_seen=True)

    def hideEvent(self, _: QHideEvent) -> None:
        self.canvas.set_seen(is_seen=False)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.WindowStateChange:
            self.canvas.set_seen(is_seen=self.isVisible() and not self.isMinimized())
            self._show_parts()
            self.canvas.update()
        elif event.type() in (QEvent.Type.ApplicationFontChange, QEvent.Type.FontChange):
            self._lay_out()

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.DevicePixelRatioChange, QEvent.Type.ScreenChangeInternal):
            self._lay_out()
        return super().event(event)

    def _connect(self) -> None:
        """Connect what the parts report."""
        self.card.accepted.connect(lambda: self._post(UserEvent.ACCEPT))
        self.card.declined.connect(lambda: self._post(UserEvent.DECLINE))
        self.banner.confirmed.connect(lambda: self._post(UserEvent.CONFIRM_WORDS))
        self.banner.hidden.connect(self._lay_out)
        self.waiting_page.availability_pressed.connect(self._change_availability)
        self.lobby.acted.connect(self._post)
        self.lobby.preview.room_changed.connect(self.canvas.set_preview_room)
        self.lobby.availability_pressed.connect(self._change_availability)
        self.bar.chosen.connect(self._choose)
        self.menu.aboutToHide.connect(lambda: self.bar.hold(is_held=False))
        self.canvas.pointer_moved.connect(self.bar.wake)
        self.canvas.double_clicked.connect(lambda: self.act(WindowAction.TOGGLE_FULL_SCREEN))
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(self._follow_look)

    def _place(self) -> None:
        free = QApplication.primaryScreen().availableGeometry()
        room = Box(free.x(), free.y(), free.width(), free.height())
        self.setGeometry(QRect(*place_window(self._settings.placement, room)))
        self._lay_out()

    def _follow_look(self) -> None:
        """Take the colours of the system's look, or of the setting."""
        look = self._look = choose_look(self._settings.look)
        self.canvas.set_look(look)
        self.canvas.overlay.set_look(look)
        self.card.set_look(look)
        self.waiting_page.set_look(look)
        self.lobby.set_look(look)
        font_px = round(MENU_PX * read_text_scale())
        self.menu.setStyleSheet(menu_style(look, font_px))
        self.bar.setStyleSheet(menu_style(look, font_px))

    def _show_parts(self) -> None:
        """Show what belongs to the view and to what the user has switched on."""
        view, overlay = self._view, self.canvas.overlay
        has_picture = self.canvas.has_picture
        is_waiting = view.stage is Stage.WAITING and view.listener is not None
        # The list of keys takes the same place, but must not hide a question.
        is_covered = overlay.are_keys_on and view.stage is not Stage.INCOMING
        card = None if is_covered or is_waiting else word_card(view, is_picture_shown=has_picture)
        self.card.show_card(card)
        is_page = is_waiting and not is_covered
        is_lobby = view.lobby is not None
        self.lobby.show_view(view if is_page and is_lobby else None)
        self.waiting_page.show_listener(view.listener if is_page and not is_lobby else None)
        self.canvas.set_card_shown(is_shown=card is not None)
        is_small = overlay.is_small = self._small.is_on
        words = word_banner(view, is_picture_shown=card is None)
        self.banner.show_lines(
            () if is_small else words,
            is_question=view.words_task is WordsTask.COMPARE and not view.is_reconnecting,
            stays=view.is_reconnecting or view.remote_picture is RemotePicture.PAUSED,
        )
        self.warnings.show_warnings(() if card is not None or is_small else word_notices(view))
        is_picture_seen = view.stage is Stage.CALL and card is None
        self.bar.show_controls(bar_faces(view, self._state()), stays=not is_picture_seen)
        self._lay_out()

    def _lay_out(self) -> None:
        """Give every part its place and size."""
        measure = Measure((self.width(), self.height()), self.devicePixelRatio(), read_text_scale())
        area = QRect(0, 0, *measure.size)
        self.canvas.setGeometry(area)
        self.canvas.set_measure(measure)
        margin = round(MARGIN_PX * measure.logical_unit)
        inner = area.adjusted(margin, margin, -margin, -margin)
        self.bar.fit(area, measure.logical_text_unit)
        has_bar = self.bar.isVisibleTo(self)
        below = area.height() - self.bar.y() if has_bar else 0
        self.banner.fit(inner, measure.logical_text_unit)
        has_banner = self.banner.isVisibleTo(self)
        above = self.banner.height() + margin // 2 if has_banner else 0
        overlay = self.canvas.overlay
        overlay.above_px = round(above * measure.ratio)
        overlay.gap_px = round(GAP_PX * measure.unit)
        overlay.bar = _device_box(self.bar.geometry(), measure.ratio) if has_bar else None
        self.warnings.fit(
            QPoint(inner.right() + 1, inner.top() + above),
            inner.width() * 3 // 5,
            measure.logical_text_unit,
            measure.ratio,
        )
        below = max(below, self._corner_height(measure, below))
        self.card.fit(measure, below)
        self.waiting_page.fit(measure, below)
        self.lobby.fit(measure, below)

    def _corner_height(self, measure: Measure, below: int) -> int:
        """Return the height that a card leaves to what stands in the corner, logical pixels."""
        if measure.size[0] >= NARROW_PX * measure.text_scale:
            return 0
        own = self.canvas.own_box()
        if own is not None and not self.canvas.self_view.corner.is_top:
            return measure.size[1] - round(own.y / measure.ratio)
        has_badge = is_mute_shown(self._view) or self._view.is_camera_off
        return below + round(CORNER_PX * measure.logical_text_unit) if has_badge else 0

    def _state(self) -> WindowState:
        overlay = self.canvas.overlay
        return WindowState(
            is_full_screen=self.isFullScreen(),
            is_small=self._small.is_on,
            is_self_view_shown=self.canvas.self_view.is_shown,
            are_figures_shown=overlay.are_figures_on,
            are_keys_shown=overlay.are_keys_on,
        )

    def _choose(self, control: Control) -> None:
        if control is Control.MORE:
            self._open_menu()
        else:
            self.act(CONTROL_ACTIONS[control])

    def _open_menu(self) -> None:
        """Open the menu above its button."""
        self.menu.clear()
        for control, name in menu_entries(self._view, self._state()):
            entry = self.menu.addAction(name)
            entry.triggered.connect(lambda _=False, control=control: self._choose(control))
        self.bar.hold(is_held=True)
        button = self.bar.button(Control.MORE)
        corner = button.mapToGlobal(QPoint(0, 0))
        self.menu.popup(corner - QPoint(0, self.menu.sizeHint().height() + 6))

    def _change_availability(self) -> None:
        listener = self._view.listener
        if listener is not None and listener.availability is Availability.CODES_BLOCKED:
            self._post(UserEvent.ALLOW_CODES)
        else:
            self._post(UserEvent.TOGGLE_DO_NOT_DISTURB)

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

    def _allow_close(self) -> None:
        self._may_close = True


def _device_box(area: QRect, ratio: float) -> Box:
    return Box(*(round(side * ratio) for side in area.getRect()))
