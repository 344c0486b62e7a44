"""ui/window/bar_menus.py: menus that stay up to date while they are open."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from media.device_state import DeviceKind, DeviceProblem, DeviceProblemKind
from tests.support.window_bench import WindowBench, view
from ui.actions import ShareScreen
from ui.device_view import DeviceMenu, DeviceOption, DevicesView, ScreenOption, ScreensView
from ui.view import ListenerView, Stage, UserEvent
from ui.window import bar_menus as bar_menus_module
from ui.window.bar_menus import BarMenus
from ui.wording.controls import Control
from ui.wording.screens import word_list_problem

LISTENER = ListenerView("7-otter-lamp", "peer.py", "192.168.1.2:5000")
SCREENS = (
    ScreenOption("0", number=1, width_px=1920, height_px=1080),
    ScreenOption("1", number=2, width_px=1280, height_px=1024),
    ScreenOption("2", title="Letter & envelope"),
)


def listed(*options: ScreenOption, problem: DeviceProblem | None = None) -> DevicesView:
    return DevicesView(screens=ScreensView(options, list_problem=problem))


def press(bench: WindowBench, control: Control) -> None:
    QTest.mouseClick(bench.window.bar.button(control), Qt.MouseButton.LeftButton)


def entries(menus: BarMenus) -> list[str]:
    return [each.text() for each in menus.share.actions()]


@pytest.fixture
def menus(bench: WindowBench) -> BarMenus:
    bench.window.set_view(view())
    return bench.window.menus


def test_share_menu_opens_at_once_and_lists_what_is_found(
    bench: WindowBench, menus: BarMenus
) -> None:
    press(bench, Control.SHARE_SCREEN)
    assert entries(menus) == ["Your whole screen"]
    assert bench.events == [UserEvent.LIST_SCREENS]
    bench.window.set_view(view(devices=listed(*SCREENS)))
    assert entries(menus) == [
        "Screen 1 (1920 × 1080)",
        "Screen 2 (1280 × 1024)",
        "",
        "Letter && envelope",
    ]
    assert (
        menus.share.geometry().bottom()
        <= bench.window.bar.mapToGlobal(bench.window.bar.button(Control.SHARE_SCREEN).pos()).y()
    )
    menus.share.actions()[3].trigger()
    menus.share.close()
    assert bench.events[1:] == [ShareScreen("2")]


def test_main_screen_is_shared_before_the_list_is_there(
    bench: WindowBench, menus: BarMenus
) -> None:
    press(bench, Control.SHARE_SCREEN)
    QTest.keyClick(menus.share, Qt.Key.Key_Down)
    QTest.keyClick(menus.share, Qt.Key.Key_Return)
    assert bench.events == [UserEvent.LIST_SCREENS, UserEvent.SHARE_SCREEN]


def test_button_of_a_shared_screen_stops_and_opens_no_menu(
    bench: WindowBench, menus: BarMenus
) -> None:
    bench.window.set_view(view(devices=DevicesView(screens=ScreensView(is_shared=True))))
    press(bench, Control.SHARE_SCREEN)
    assert bench.events == [UserEvent.SHARE_SCREEN]
    assert not menus.share.isVisible()


def test_screen_that_may_not_be_read_is_explained_below_the_windows(
    bench: WindowBench, menus: BarMenus
) -> None:
    problem = DeviceProblem(
        DeviceProblemKind.NOT_SHARED, detail="macOS refuses", next_step="Allow it in the settings"
    )
    bench.window.set_view(view(devices=listed(SCREENS[2], problem=problem)))
    press(bench, Control.SHARE_SCREEN)
    assert entries(menus) == ["Letter && envelope", "", "macOS refuses. Allow it in the settings."]
    assert not menus.share.actions()[2].isEnabled()
    menus.share.close()


def test_long_reason_takes_lines_instead_of_a_menu_wider_than_the_screen(
    bench: WindowBench, menus: BarMenus
) -> None:
    reason = DeviceProblem(
        DeviceProblemKind.NOT_SHARED, detail="A long reason " * 10, next_step="Do something " * 10
    )
    bench.window.set_view(view(devices=listed(SCREENS[2], problem=reason)))
    press(bench, Control.SHARE_SCREEN)
    lines = entries(menus)[2:]
    assert " ".join(lines) == " ".join(word_list_problem(reason).split())
    assert not any(each.isEnabled() for each in menus.share.actions()[2:])
    assert menus.share.sizeHint().width() < bench.window.width()
    menus.share.close()


def test_open_menu_looks_for_devices_again_and_a_closed_one_does_not(
    qtbot: QtBot, bench: WindowBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bar_menus_module, "LOOK_EVERY_MS", 20)
    menus = BarMenus(bench.window, bench.window.bar, bench.events.append)
    present = view()
    bench.window.set_view(present)
    menus.open_more(present, bench.window.state)
    qtbot.waitUntil(lambda: bench.events.count(UserEvent.LIST_DEVICES) > 2)
    plugged = DeviceMenu(DeviceKind.CAMERA, (DeviceOption("USB", "USB", 3),))
    menus.follow(replace(present, devices=DevicesView(camera=plugged)))
    (camera,) = (each.menu() for each in menus.more.actions() if each.text() == "Camera")
    assert isinstance(camera, QMenu)
    assert [each.text() for each in camera.actions()] == ["USB"]
    menus.more.close()
    bench.events.clear()
    qtbot.wait(100)
    assert bench.events == []


def test_call_that_rings_closes_an_open_menu_and_its_keys_answer(
    bench: WindowBench, menus: BarMenus
) -> None:
    waiting = view(Stage.WAITING, peer=None, listener=LISTENER)
    bench.window.set_view(waiting)
    press(bench, Control.MORE)
    assert menus.more.isVisible()
    bench.window.set_view(view(Stage.INCOMING))
    assert not menus.more.isVisible()
    assert QApplication.activePopupWidget() is None
    QTest.keyClicks(bench.window, "y")
    assert bench.events[-1] is UserEvent.ACCEPT


def test_call_that_ends_closes_the_list_of_screens(bench: WindowBench, menus: BarMenus) -> None:
    press(bench, Control.SHARE_SCREEN)
    bench.window.set_view(view(Stage.ENDED))
    assert not menus.share.isVisible()
