"""Device menu: the devices to choose from, as submenus of the bar's menu. Display thread.

It reports what was chosen and decides nothing.
"""

from collections.abc import Callable
from functools import partial

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

from ui.actions import ChooseDevice, UserAction
from ui.device_view import DeviceMenu, DevicesView
from ui.view import UserEvent
from ui.wording.devices import KIND_NAMES, word_menu_problem, word_option


def fill_device_menu(
    menu: QMenu, devices: DevicesView, post: Callable[[UserAction], object]
) -> None:
    """Add a submenu for each kind of device, and have the devices looked for."""
    post(UserEvent.LIST_DEVICES)
    for kind in (devices.camera, devices.microphone, devices.loudspeaker):
        _add(menu, kind, post)


def _add(menu: QMenu, devices: DeviceMenu, post: Callable[[UserAction], object]) -> None:
    submenu = menu.addMenu(KIND_NAMES[devices.kind])
    submenu.setStyleSheet(menu.styleSheet())
    group = QActionGroup(submenu)
    for option in devices.options:
        entry = submenu.addAction(word_option(devices.kind, option).replace("&", "&&"))
        entry.setCheckable(True)
        entry.setChecked(option.value == (devices.changing_to or devices.chosen))
        entry.triggered.connect(partial(_choose, post, ChooseDevice(devices.kind, option.value)))
        group.addAction(entry)
    problem = word_menu_problem(devices)
    if problem:
        submenu.addSeparator()
        note: QAction = submenu.addAction(problem.replace("&", "&&"))
        note.setEnabled(False)


def _choose(post: Callable[[UserAction], object], action: ChooseDevice, _: bool = False) -> None:
    post(action)
