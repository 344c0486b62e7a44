"""The controls: what each does, how the keyboard reaches them, and when they fade."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from media.video.display_picture import DisplayPicture
from tests.support.window_bench import RED, WindowBench, colour, view
from ui.view import Availability, ListenerView, Stage, UserEvent
from ui.window import control_bar as control_bar_module
from ui.window.control_bar import ControlBar
from ui.window.control_button import ControlButton
from ui.wording.controls import Control

MakePicture = Callable[..., DisplayPicture]
LISTENER = ListenerView("7-otter-lamp", "peer.py", "192.168.1.2:5000")
CENTRE_OF_BAR = (500, 560)


@pytest.fixture
def quick_fading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control_bar_module, "STAYS_MS", 30)
    monkeypatch.setattr(control_bar_module, "FADE_MS", 20)


@pytest.fixture
def call(bench: WindowBench, make_picture: MakePicture) -> WindowBench:
    """Return a window in a call with a picture, active."""
    bench.window.activateWindow()
    bench.window.set_view(view())
    bench.receive(make_picture(1000, 600, RED))
    bench.grab()
    bench.window.set_view(view())
    return bench


def names(bar: ControlBar) -> list[str]:
    buttons = bar.findChildren(ControlButton)
    shown = [button for button in buttons if button.isVisibleTo(bar)]
    return [each.accessibleName() for each in sorted(shown, key=lambda b: (b.y(), b.x()))]


def reached_by_tab(bench: WindowBench, count: int) -> list[str]:
    """Return the names of what has the keyboard after each press of Tab."""
    reached = []
    for _ in range(count):
        focus = QApplication.focusWidget()
        assert focus is not None
        QTest.keyClick(focus, Qt.Key.Key_Tab)
        focus = QApplication.focusWidget()
        assert focus is not None
        reached.append(focus.accessibleName())
    return reached


def test_call_has_the_controls_that_people_expect(call: WindowBench) -> None:
    assert names(call.window.bar) == [
        "Mute yourself",
        "Turn your camera off",
        "Share your screen",
        "Chat and files",
        "Record the call",
        "Full screen",
        "More",
        "Hang up",
    ]


def test_waiting_listener_has_a_switch_for_do_not_disturb(bench: WindowBench) -> None:
    waiting = view(Stage.WAITING, peer=None, listener=LISTENER)
    bench.window.set_view(waiting)
    button = bench.window.bar.button(Control.DO_NOT_DISTURB)
    assert button.accessibleName() == "Do not disturb"
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert bench.events == [UserEvent.TOGGLE_DO_NOT_DISTURB]
    away = replace(LISTENER, availability=Availability.DO_NOT_DISTURB)
    bench.window.set_view(replace(waiting, listener=away))
    assert button.accessibleName() == "Take calls again"


@pytest.mark.parametrize(
    ("control", "event"),
    [
        (Control.MUTE, UserEvent.TOGGLE_MUTE),
        (Control.CAMERA, UserEvent.TOGGLE_CAMERA),
        (Control.RECORD, UserEvent.TOGGLE_RECORDING),
        (Control.HANG_UP, UserEvent.HANG_UP),
    ],
)
@pytest.mark.parametrize("key", [None, Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_control_does_what_it_is_named_for(
    call: WindowBench, control: Control, event: UserEvent, key: Qt.Key | None
) -> None:
    button = call.window.bar.button(control)
    if key is None:
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    else:
        button.setFocus()
        QTest.keyClick(button, key)
    assert call.events == [event]


def test_every_control_is_reached_by_tab_alone(qtbot: QtBot, call: WindowBench) -> None:
    qtbot.waitUntil(call.window.isActiveWindow)
    assert reached_by_tab(call, 8) == names(call.window.bar)


def test_tooltip_names_the_key(call: WindowBench) -> None:
    assert call.window.bar.button(Control.MUTE).toolTip() == "Mute yourself (m)"
    call.window.set_view(view(is_muted=True))
    assert call.window.bar.button(Control.MUTE).toolTip() == "Unmute yourself (m)"


def test_control_is_a_button_with_a_name_for_screen_readers(call: WindowBench) -> None:
    for control in (Control.MUTE, Control.CAMERA, Control.MORE, Control.HANG_UP):
        seen = QAccessible.queryAccessibleInterface(call.window.bar.button(control))
        assert seen.role() is QAccessible.Role.PushButton
        assert seen.text(QAccessible.Text.Name)


def test_escape_leaves_the_controls_before_it_hangs_up(qtbot: QtBot, call: WindowBench) -> None:
    qtbot.waitUntil(call.window.isActiveWindow)
    reached_by_tab(call, 1)
    focus = QApplication.focusWidget()
    assert focus is not None
    QTest.keyClick(focus, Qt.Key.Key_Escape)
    assert call.events == []
    assert call.window.hasFocus()
    QTest.keyClick(call.window, Qt.Key.Key_Escape)
    assert call.events == [UserEvent.HANG_UP]


@pytest.mark.usefixtures("quick_fading")
def test_controls_fade_and_the_pointer_brings_them_back(qtbot: QtBot, call: WindowBench) -> None:
    qtbot.waitUntil(lambda: colour(call.grab(), *CENTRE_OF_BAR) == RED)
    QTest.mouseMove(call.window.canvas, QPoint(200, 200))
    qtbot.waitUntil(lambda: colour(call.grab(), *CENTRE_OF_BAR) != RED)


@pytest.mark.usefixtures("quick_fading")
def test_tab_brings_faded_controls_back(qtbot: QtBot, call: WindowBench) -> None:
    qtbot.waitUntil(lambda: not call.window.bar.is_seen)
    qtbot.waitUntil(call.window.isActiveWindow)
    reached_by_tab(call, 1)
    assert call.window.bar.is_seen


@pytest.mark.usefixtures("quick_fading")
def test_click_on_faded_controls_presses_nothing(qtbot: QtBot, call: WindowBench) -> None:
    at = call.window.bar.button(Control.HANG_UP).mapTo(call.window, QPoint(20, 20))
    qtbot.waitUntil(lambda: call.window.childAt(at) is call.window.canvas)


def test_controls_stay_while_there_is_no_picture(bench: WindowBench) -> None:
    bench.window.set_view(view(Stage.RINGING))
    bench.window.bar.dismiss()
    assert bench.window.bar.is_seen


@pytest.mark.parametrize("size", [(320, 180), (640, 480), (1920, 1080)])
def test_controls_fit_into_every_window(call: WindowBench, size: tuple[int, int]) -> None:
    call.window.resize(*size)
    bar = call.window.bar
    assert call.window.rect().contains(bar.geometry())
    for button in filter(QPushButton.isVisible, bar.findChildren(ControlButton)):
        assert bar.rect().contains(button.geometry())
        assert min(button.width(), button.height()) >= 36


def test_menu_lists_what_the_bar_has_no_room_for(qtbot: QtBot, call: WindowBench) -> None:
    QTest.mouseClick(call.window.bar.button(Control.MORE), Qt.MouseButton.LeftButton)
    entries = {entry.text(): entry for entry in call.window.menus.more.actions()}
    assert list(entries) == [
        "Save a picture of the other side",
        "Small window on top",
        "Hide your own picture",
        "Move your own picture to the next corner",
        "Make your own picture larger",
        "Make your own picture smaller",
        "Show quality",
        "Show the keys",
        "",
        "Camera",
        "Microphone",
        "Loudspeaker",
    ]
    entries["Hide your own picture"].trigger()
    call.window.menus.more.close()
    assert call.wanted.own_px == (0, 0)


def test_tiny_window_keeps_the_most_important_controls(call: WindowBench) -> None:
    call.window.resize(320, 180)
    assert names(call.window.bar) == [
        "Mute yourself",
        "Turn your camera off",
        "More",
        "Hang up",
    ]
    QTest.mouseClick(call.window.bar.button(Control.MORE), Qt.MouseButton.LeftButton)
    entries = [entry.text() for entry in call.window.menus.more.actions()]
    call.window.menus.more.close()
    assert entries[:3] == ["Share your screen", "Chat and files", "Record the call"]


def test_button_of_a_running_recording_stops_it(call: WindowBench) -> None:
    button = call.window.bar.button(Control.RECORD)
    call.window.set_view(view(is_recording=True))
    assert button.toolTip() == "Stop recording (r)"


def test_buttons_stay_where_they_are_without_a_microphone(call: WindowBench) -> None:
    places = [each.pos() for each in call.window.bar.findChildren(ControlButton)]
    call.window.set_view(view(has_microphone=False))
    assert [each.pos() for each in call.window.bar.findChildren(ControlButton)] == places
    mute = call.window.bar.button(Control.MUTE)
    assert (mute.accessibleName(), mute.toolTip()) == ("You have no microphone",) * 2
