"""ui/window/device_menu.py: the devices in the bar's menu, and what choosing one reports."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from media.device_state import DeviceKind, DeviceProblem, DeviceProblemKind
from ui.actions import ChooseDevice, UserAction
from ui.device_view import DeviceMenu, DeviceOption, DevicesView
from ui.window.device_menu import DeviceSubmenus

BUSY = DeviceProblem(DeviceProblemKind.NOT_CHANGED, DeviceKind.CAMERA, detail="It is busy")
DEVICES = DevicesView(
    DeviceMenu(
        DeviceKind.CAMERA,
        (DeviceOption("A & B", "A & B", 0), DeviceOption("Back", "Back", 2), DeviceOption("none")),
        "A & B",
        problem=BUSY,
    )
)


@pytest.fixture
def menu(qtbot: QtBot) -> QMenu:
    made = QMenu()
    qtbot.addWidget(made)
    return made


def test_device_in_use_is_checked_and_another_one_is_posted(menu: QMenu) -> None:
    posted: list[UserAction] = []
    DeviceSubmenus(menu, posted.append).show_devices(DEVICES)
    cameras = menu.actions()[0].menu()
    assert isinstance(cameras, QMenu)
    entries = [entry for entry in cameras.actions() if entry.isCheckable()]
    assert [entry.text() for entry in entries] == ["A && B", "Back", "No camera"]
    assert [entry.isChecked() for entry in entries] == [True, False, False]
    entries[1].trigger()
    assert posted == [ChooseDevice(DeviceKind.CAMERA, "Back")]


def test_reason_why_a_device_was_not_changed_stands_below_the_list(menu: QMenu) -> None:
    DeviceSubmenus(menu, lambda action: None).show_devices(DEVICES)
    cameras = menu.actions()[0].menu()
    assert isinstance(cameras, QMenu)
    note = cameras.actions()[-1]
    assert note.text() == "Your camera stays as it was: it is busy."
    assert not note.isEnabled()


def test_device_that_is_plugged_in_appears_in_the_open_menu(menu: QMenu) -> None:
    posted: list[UserAction] = []
    devices = DeviceSubmenus(menu, posted.append)
    devices.show_devices(DEVICES)
    cameras, sound = (menu.actions()[place].menu() for place in (0, 1))
    assert isinstance(cameras, QMenu)
    assert isinstance(sound, QMenu)
    before = sound.actions()
    cameras.popup(QPoint(0, 0))
    cameras.setActiveAction(cameras.actions()[1])
    plugged = DeviceOption("USB", "USB", 3)
    camera = replace(DEVICES.camera, options=(plugged, *DEVICES.camera.options))
    devices.show_devices(replace(DEVICES, camera=camera))
    assert cameras.isVisible()
    assert [each.text() for each in cameras.actions()][:2] == ["USB", "A && B"]
    pointed = cameras.activeAction()
    assert pointed is not None
    assert pointed.text() == "Back"
    assert sound.actions() == before
    cameras.actions()[0].trigger()
    assert posted == [ChooseDevice(DeviceKind.CAMERA, "USB")]
    cameras.close()
