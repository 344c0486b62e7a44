"""Bar menus: what opens above a button of the control bar. Display thread.

An open menu follows the view: a device that was plugged in, or a window that was opened, appears.
"""

from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint, QTimer, Signal
from PySide6.QtWidgets import QMenu, QWidget

from ui.actions import UserAction
from ui.view import UserEvent, View
from ui.window.control_bar import ControlBar
from ui.window.control_faces import WindowState, menu_entries
from ui.window.device_menu import DeviceSubmenus
from ui.window.share_menu import ShareMenu
from ui.wording.controls import Control

LOOK_EVERY_MS = 3000
"""Between two looks for devices or windows while a menu is open."""
GAP_PX = 6


class BarMenus(QObject):
    """The menu with everything else, and the one with what can be shared."""

    chosen = Signal(object)
    """The `Control` of an entry."""

    def __init__(
        self, window: QWidget, bar: ControlBar, post: Callable[[UserAction], object]
    ) -> None:
        super().__init__(window)
        self._bar = bar
        self._post = post
        self.more, self.share = QMenu(window), QMenu(window)
        self._devices: DeviceSubmenus | None = None
        self._screens: ShareMenu | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.timeout.connect(self._look)
        for menu in (self.more, self.share):
            menu.aboutToHide.connect(self._on_hide)

    def set_style(self, style: str) -> None:
        """Take another look."""
        self.more.setStyleSheet(style)
        self.share.setStyleSheet(style)

    def open_more(self, view: View, state: WindowState) -> None:
        """Open the menu with everything that has no button."""
        self.more.clear()
        for former in self.more.findChildren(QMenu):
            former.deleteLater()
        for control, name in menu_entries(view, state):
            entry = self.more.addAction(name)
            entry.triggered.connect(lambda _=False, control=control: self.chosen.emit(control))
        self.more.addSeparator()
        self._devices = DeviceSubmenus(self.more, self._post)
        self._devices.show_devices(view.devices)
        self._open(self.more, Control.MORE)

    def open_share(self, view: View) -> None:
        """Open the menu with the screens and windows."""
        self._screens = ShareMenu(self.share, self._post)
        self._screens.show_screens(view.devices.screens)
        self._open(self.share, Control.SHARE_SCREEN)

    def close(self) -> None:
        """Close what is open; its keyboard goes back to the window."""
        self.more.close()
        self.share.close()

    def follow(self, view: View) -> None:
        """Show in an open menu what is new."""
        if self._devices is not None and self.more.isVisible():
            self._devices.show_devices(view.devices)
        if self._screens is not None and self.share.isVisible():
            height = self.share.sizeHint().height()
            self._screens.show_screens(view.devices.screens)
            grown = self.share.sizeHint().height() - height
            if grown:  # Its lower edge stays above the button.
                self.share.move(self.share.pos() - QPoint(0, grown))

    def _open(self, menu: QMenu, control: Control) -> None:
        self._bar.hold(is_held=True)
        button = self._bar.button(control)
        if not button.isVisible():
            button = self._bar.button(Control.MORE)
        corner = button.mapToGlobal(QPoint(0, 0))
        menu.popup(corner - QPoint(0, menu.sizeHint().height() + GAP_PX))
        self._look()
        self._timer.start()

    def _look(self) -> None:
        if self.more.isVisible():
            self._post(UserEvent.LIST_DEVICES)
        if self.share.isVisible():
            self._post(UserEvent.LIST_SCREENS)

    def _on_hide(self) -> None:
        self._timer.stop()
        self._bar.hold(is_held=False)
