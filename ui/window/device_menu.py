"""Device menu: the devices to choose from, as submenus of the bar's menu. Display thread.

It reports what was chosen and decides nothing. A device that is plugged in while a submenu is open
appears in it.
"""

from collections.abc import Callable
from functools import partial

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

from media.device_state import DeviceKind
from ui.actions import ChooseDevice, UserAction
from ui.device_view import DeviceMenu, DevicesView
from ui.wording.devices import KIND_NAMES, word_menu_problem, word_option


class DeviceSubmenus:
    """A submenu for each kind of device.

    Args:
        menu: gets them at its end.
        post: receives what the user chooses.
    """

    def __init__(self, menu: QMenu, post: Callable[[UserAction], object]) -> None:
        self._post = post
        self._menus: dict[DeviceKind, QMenu] = {}
        self._shown: dict[DeviceKind, DeviceMenu] = {}
        for kind in DeviceKind:
            submenu = self._menus[kind] = menu.addMenu(KIND_NAMES[kind])
            submenu.setStyleSheet(menu.styleSheet())

    def show_devices(self, devices: DevicesView) -> None:
        """Show these devices; a kind that has not changed stays untouched under the pointer."""
        for kind in (devices.camera, devices.microphone, devices.loudspeaker):
            if kind != self._shown.get(kind.kind):
                self._shown[kind.kind] = kind
                self._fill(self._menus[kind.kind], kind)

    def _fill(self, submenu: QMenu, devices: DeviceMenu) -> None:
        pointed = submenu.activeAction()
        pointed_value = pointed.data() if pointed in submenu.actions() else None
        submenu.clear()
        group = QActionGroup(submenu)
        for option in devices.options:
            entry = submenu.addAction(word_option(devices.kind, option).replace("&", "&&"))
            entry.setData(option.value)
            entry.setCheckable(True)
            entry.setChecked(option.value == (devices.changing_to or devices.chosen))
            entry.triggered.connect(partial(self._choose, ChooseDevice(devices.kind, option.value)))
            group.addAction(entry)
            if option.value == pointed_value:
                submenu.setActiveAction(entry)
        problem = word_menu_problem(devices)
        if problem:
            submenu.addSeparator()
            note: QAction = submenu.addAction(problem.replace("&", "&&"))
            note.setEnabled(False)

    def _choose(self, action: ChooseDevice, _: bool = False) -> None:
        self._post(action)
