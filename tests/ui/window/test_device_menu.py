"""ui/window/device_menu.py: the devices in the bar's menu, and what choosing one reports."""

import pytest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from media.device_state import DeviceKind, DeviceProblem, DeviceProblemKind
from ui.actions import ChooseDevice, UserAction
from ui.device_view import DeviceMenu, DeviceOption, DevicesView
from ui.view import UserEvent
from ui.window.device_menu import fill_device_menu

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
    fill_device_menu(menu, DEVICES, posted.append)
    assert posted == [UserEvent.LIST_DEVICES]
    cameras = menu.actions()[0].menu()
    assert isinstance(cameras, QMenu)
    entries = [entry for entry in cameras.actions() if entry.isCheckable()]
    assert [entry.text() for entry in entries] == ["A && B", "Back", "No camera"]
    assert [entry.isChecked() for entry in entries] == [True, False, False]
    entries[1].trigger()
    assert posted[1:] == [ChooseDevice(DeviceKind.CAMERA, "Back")]


def test_reason_why_a_device_was_not_changed_stands_below_the_list(menu: QMenu) -> None:
    fill_device_menu(menu, DEVICES, lambda action: None)
    cameras = menu.actions()[0].menu()
    assert isinstance(cameras, QMenu)
    note = cameras.actions()[-1]
    assert note.text() == "Your camera stays as it was: it is busy."
    assert not note.isEnabled()
