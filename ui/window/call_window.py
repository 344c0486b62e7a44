"""Call window: the window itself: its keys, its controls, and how it closes.

Display thread only. It knows neither threads nor what an event leads to; `window.py` brings views
and pictures over from other threads.
"""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QMimeData, QRect, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDesktopServices,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QHideEvent,
    QKeyEvent,
    QKeySequence,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QApplication, QWidget

from ui.actions import UserAction
from ui.view import Availability, Stage, UserEvent, View
from ui.window.announcer import Announcer
from ui.window.attention import come_forward
from ui.window.bar_menus import BarMenus
from ui.window.canvas import Canvas
from ui.window.card_widget import CardButton
from ui.window.control_actions import CONTROL_ACTIONS
from ui.window.control_faces import WindowState
from ui.window.geometry import Box, place_window
from ui.window.keys import WindowAction, read_key
from ui.window.lobby_page import LobbyPage
from ui.window.look import choose_look, menu_style
from ui.window.offered_files import has_offer, read_offer
from ui.window.settings import WindowSettings
from ui.window.small_window import SmallWindow
from ui.window.sound_badge import no_level
from ui.window.text_size import read_text_scale
from ui.window.tray_notice import TrayNotice
from ui.window.typing_guard import TypingGuard
from ui.window.window_parts import WindowParts
from ui.window.window_pictures import WindowPictures
from ui.wording.controls import Control
from ui.wording.stages import word_title

SMALLEST_PX = (320, 180)
"""Logical."""
TINY_PX = (400, 260)
"""Logical: a smaller canvas shows only the most important controls."""
CLOSE_PATIENCE_MS = 2000
"""The program ends within 2 s of a close; after that, a second close does not ask the program."""
MENU_PX = 14
_BUTTON_EVENTS = {
    CardButton.CALL_AGAIN: UserEvent.CALL_AGAIN,
    CardButton.ACCEPT: UserEvent.ACCEPT,
    CardButton.DECLINE: UserEvent.DECLINE,
    CardButton.CLOSE: UserEvent.DISMISS,
}


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
        self._announcer = Announcer(self)
        self._tray_notice = TrayNotice(self)
        look = choose_look(settings.look)
        self.canvas = Canvas(
            self,
            pictures,
            look,
            is_mirrored=settings.mirror_self_view,
            level_dbfs=level_dbfs,
        )
        self.lobby = LobbyPage(
            self.canvas, pictures, level_dbfs, is_mirrored=settings.mirror_self_view
        )
        self.parts = WindowParts(self, self.canvas, look, post, self.lobby)
        self.bar, self.chat = self.parts.bar, self.parts.chat
        self.menus = BarMenus(self, self.bar, post)
        self._small = SmallWindow(self)
        fields = (self.lobby.contacts.field, self.lobby.name_field, self.chat.panel.field)
        self.typing = TypingGuard(self, *fields)
        self._connect()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAcceptDrops(True)
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
        unread = self.chat.unread
        chat_news = self.chat.follow(view)
        if self.chat.unread > unread:
            self.bar.wake()
        self.setWindowTitle(word_title(view))
        if view.stage is not former.stage:
            # The list of keys must not hide the new stage.
            self.canvas.overlay.are_keys_on = False
            # Nor must a menu, which would take the keys that answer a call.
            self.menus.close()
            if view.stage in (Stage.INCOMING, Stage.ENDED):
                self.typing.begin()
            # A key that was meant for something else must not press a button that just appeared.
            self.setFocus()
            if view.stage is not Stage.CALL:
                self._small.leave()
            if view.stage is Stage.INCOMING:
                come_forward(self)
            self.bar.wake()
        if view.report is not None and view.report != former.report and view.report.path:
            QDesktopServices.openUrl(QUrl.fromLocalFile(view.report.path))
        self._show_parts()
        self.menus.follow(view)
        self._tray_notice.follow(former, view)
        self._announcer.follow(former, view, chat_news)

    def take_remote(self) -> None:
        """Paint the newest picture of the other peer soon."""
        if self._view.stage is Stage.CALL and self.parts.card.isVisibleTo(self):
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
            case WindowAction.TOGGLE_CHAT:
                self._small.leave()
                self.chat.toggle()
            case WindowAction.SAVE_CHAT:
                self.chat.save()
            case WindowAction.TOGGLE_SMALL_WINDOW:
                if self._view.stage is Stage.CALL:
                    self.chat.close()
                    self._small.toggle()
            case WindowAction.TOGGLE_OVERLAY:
                overlay.are_figures_on = not overlay.are_figures_on
            case WindowAction.TOGGLE_KEYS if self._view.stage is not Stage.INCOMING:
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
        if self.typing.takes_key():
            return
        if event.key() == Qt.Key.Key_Escape and not self.hasFocus():
            # From a control back to the picture; only the next one leaves or hangs up.
            self.setFocus()
            self.bar.dismiss()
            return
        is_call = self._view.stage is Stage.CALL
        if event.key() == Qt.Key.Key_Escape and is_call and self.chat.is_open:
            self.act(WindowAction.TOGGLE_CHAT)  # Who sees the chat does not mean the call.
            return
        if event.matches(QKeySequence.StandardKey.Paste):
            self._offer(QGuiApplication.clipboard().mimeData())
            return
        meaning = read_key(event, stage=self._view.stage, is_full_screen=self.isFullScreen())
        if meaning is None:
            event.ignore()
            return
        self.act(meaning)

    def focusNextPrevChild(self, forward: bool) -> bool:
        self._keep_open()
        return super().focusNextPrevChild(forward)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._may_close:
            event.accept()
            self.closed.emit()
            return
        event.ignore()
        QTimer.singleShot(CLOSE_PATIENCE_MS, self, self._allow_close)
        self._post(UserEvent.QUIT)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self._can_offer() and has_offer(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        if self._can_offer():
            event.acceptProposedAction()
            self._offer(event.mimeData())

    def resizeEvent(self, _: QResizeEvent) -> None:
        self._show_parts()

    def showEvent(self, _: QShowEvent) -> None:
        self.parts.lay_out()
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
            self.parts.lay_out()

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.DevicePixelRatioChange, QEvent.Type.ScreenChangeInternal):
            self.parts.lay_out()
        return super().event(event)

    def _connect(self) -> None:
        """Connect what the parts report."""
        self.parts.card.pressed.connect(self._press)
        self.parts.card.pointed_at.connect(self._keep_open)
        self.parts.banner.confirmed.connect(lambda: self._post(UserEvent.CONFIRM_WORDS))
        self.parts.share_sign.clicked.connect(lambda: self._post(UserEvent.SHARE_SCREEN))
        self.parts.waiting_page.availability_pressed.connect(self._change_availability)
        self.parts.waiting_page.acted.connect(self._post)
        self.parts.waiting_page.chat_saved.connect(self.chat.save)
        self.lobby.acted.connect(self._post)
        self.lobby.preview.room_changed.connect(self.canvas.set_preview_room)
        self.lobby.availability_pressed.connect(self._change_availability)
        self._tray_notice.pressed.connect(lambda: come_forward(self))
        self.bar.chosen.connect(self._choose)
        self.chat.changed.connect(self._show_parts)
        self.menus.chosen.connect(self._choose)
        self.canvas.pointer_moved.connect(self.bar.wake)
        self.canvas.double_clicked.connect(lambda: self.act(WindowAction.TOGGLE_FULL_SCREEN))
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(self._follow_look)

    def _place(self) -> None:
        free = QApplication.primaryScreen().availableGeometry()
        room = Box(free.x(), free.y(), free.width(), free.height())
        self.setGeometry(QRect(*place_window(self._settings.placement, room)))
        self.parts.lay_out()

    def _follow_look(self) -> None:
        """Take the colours of the system's look, or of the setting."""
        look = choose_look(self._settings.look)
        self.parts.set_look(look)
        font_px = round(MENU_PX * read_text_scale())
        self.menus.set_style(menu_style(look, font_px))
        self.bar.setStyleSheet(menu_style(look, font_px))

    def _show_parts(self) -> None:
        """Show what belongs to the view and to what the user has switched on."""
        self.parts.show(self._view, self.state)

    @property
    def state(self) -> WindowState:
        """What the window knows of itself."""
        overlay = self.canvas.overlay
        wide, high = self.parts.measure_canvas().size
        return WindowState(
            is_full_screen=self.isFullScreen(),
            is_small=self._small.is_on,
            is_tiny=wide < TINY_PX[0] or high < TINY_PX[1],
            is_self_view_shown=self.canvas.self_view.is_shown,
            are_figures_shown=overlay.are_figures_on,
            are_keys_shown=overlay.are_keys_on,
            is_chat_shown=self.chat.is_open,
            unread=self.chat.unread,
        )

    def _press(self, button: CardButton) -> None:
        if button is CardButton.SAVE_CHAT:
            self._post(UserEvent.KEEP_OPEN)  # Also while the user chooses where.
            self.chat.save()
        elif button is CardButton.REPORT:
            self._post(UserEvent.KEEP_OPEN)
            self._post(UserEvent.SHOW_REPORT)
        else:
            self._post(_BUTTON_EVENTS[button])

    def _keep_open(self) -> None:
        """Tell the program that the user looks at the buttons after a call."""
        if self._view.stage is Stage.ENDED:
            self._post(UserEvent.KEEP_OPEN)

    def _choose(self, control: Control) -> None:
        screens = self._view.devices.screens
        if control is Control.MORE:
            self.menus.open_more(self._view, self.state)
        elif control is Control.SHARE_SCREEN and not (screens.is_shared or screens.is_opening):
            self.menus.open_share(self._view)
        else:
            self.act(CONTROL_ACTIONS[control])

    def _can_offer(self) -> bool:
        return self._view.stage is Stage.CALL

    def _offer(self, data: QMimeData) -> None:
        """Send what was dropped or pasted, and show how far it is."""
        actions = read_offer(data) if self._can_offer() else ()
        for action in actions:
            self._post(action)
        if actions and not self.chat.is_open:
            self.act(WindowAction.TOGGLE_CHAT)

    def _change_availability(self) -> None:
        listener = self._view.listener
        if listener is not None and listener.availability is Availability.CODES_BLOCKED:
            self._post(UserEvent.ALLOW_CODES)
        else:
            self._post(UserEvent.TOGGLE_DO_NOT_DISTURB)

    def _allow_close(self) -> None:
        self._may_close = True
