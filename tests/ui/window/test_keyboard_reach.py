"""Every control in every state of the window: reached by Tab alone, with a name and a role."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from scripts.window_scenes import CALL, SCENES, SHARING, Scene
from tests.support.window_bench import RED, WindowBench
from tests.ui.window.conftest import MakePicture
from ui.view import UserEvent
from ui.wording.controls import Control

CONTROLS = (QAbstractButton, QComboBox, QLineEdit, QPlainTextEdit, QTextEdit)
ROLES = {
    QAccessible.Role.PushButton,
    QAccessible.Role.ComboBox,
    QAccessible.Role.EditableText,
}
MOST_PRESSES = 60
STATES = [name for name in SCENES if name != "small-window"]
"""Without a window manager the small window, which opens anew, does not become the active one."""


def show(scene: Scene, bench: WindowBench, make_picture: MakePicture) -> None:
    """Show a state as its picture is drawn."""
    view = scene.view
    if view.figures is not None:
        bench.window.set_view(replace(CALL, sharing=SHARING))
        bench.receive(make_picture(1000, 600, RED))
        bench.grab()
    bench.window.set_view(view)
    scene.then(bench.window)
    bench.window.set_view(view)


def controls(window: QWidget) -> set[QWidget]:
    """Return all controls that can be used now."""
    found = {each for kind in CONTROLS for each in window.findChildren(kind)}
    return {
        each
        for each in found
        if each.isVisibleTo(window) and each.isEnabled() and each.window() is window
    }


def walk(window: QWidget, key: Qt.Key) -> list[QWidget]:
    """Return what has the keyboard after each press of a key, until it goes round."""
    window.setFocus()
    reached: list[QWidget] = []
    for _ in range(MOST_PRESSES):
        focus = QApplication.focusWidget()
        assert focus is not None
        QTest.keyClick(focus, key)
        focus = QApplication.focusWidget()
        assert focus is not None
        if focus in reached:
            break
        reached.append(focus)
    return reached


def describe(widget: QWidget) -> tuple[QAccessible.Role, str]:
    """Return role and name, as a screen reader gets them."""
    seen = QAccessible.queryAccessibleInterface(widget)
    return seen.role(), seen.text(QAccessible.Text.Name)


@pytest.mark.parametrize("key", [Qt.Key.Key_Tab, Qt.Key.Key_Backtab])
@pytest.mark.parametrize("name", STATES)
def test_every_control_is_reached_and_named(
    name: str, key: Qt.Key, qtbot: QtBot, bench: WindowBench, make_picture: MakePicture
) -> None:
    show(SCENES[name], bench, make_picture)
    bench.window.activateWindow()
    qtbot.waitUntil(bench.window.isActiveWindow)
    wanted = controls(bench.window)
    assert wanted
    reached = walk(bench.window, key)
    missed = [describe(each) for each in wanted - set(reached)]
    assert not missed
    for each in wanted:
        role, label = describe(each)
        assert role in ROLES, (each, role, label)
        assert label.strip(), (each, role)
    assert {each for each in reached if each is not bench.window} <= wanted


@pytest.mark.parametrize("name", ["lobby", "waiting-after-call", "incoming", "call", "chat"])
def test_every_entry_of_the_menu_is_reached_and_named(
    name: str, qtbot: QtBot, bench: WindowBench, make_picture: MakePicture
) -> None:
    show(SCENES[name], bench, make_picture)
    bench.window.activateWindow()
    qtbot.waitUntil(bench.window.isActiveWindow)
    QTest.keyClick(bench.window.bar.button(Control.MORE), Qt.Key.Key_Space)
    menu = bench.window.menus.more
    wanted = [each for each in menu.actions() if not each.isSeparator()]
    assert wanted
    reached = []
    for _ in wanted:
        QTest.keyClick(menu, Qt.Key.Key_Down)
        reached.append(menu.activeAction())
    assert reached == wanted
    seen = QAccessible.queryAccessibleInterface(menu)
    entries = [seen.child(index) for index in range(seen.childCount())]
    names = {each.text(QAccessible.Text.Name) for each in entries}
    assert {each.text().replace("&", "") for each in wanted} <= names
    QTest.keyClick(menu, Qt.Key.Key_Escape)
    assert not menu.isVisible()
    assert bench.events.count(UserEvent.HANG_UP) == 0
