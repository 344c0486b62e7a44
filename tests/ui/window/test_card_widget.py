"""The card: its buttons, its keys and its size."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextLayout
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from core.mailbox import Mailbox
from media.video.display_sizes import DisplaySizes
from ui.actions import UserAction
from ui.view import ListenerView, PeerView, Stage, UserEvent, View
from ui.window.call_window import CallWindow
from ui.window.card_widget import CardButton
from ui.window.settings import WindowSettings
from ui.window.window_pictures import WindowPictures

RUNG = View(stage=Stage.INCOMING, local_name="Me", peer=PeerView("Alice", "10.0.0.2"))
WAITING = View(
    stage=Stage.WAITING,
    local_name="Me",
    listener=ListenerView(
        "7-otter-lamp",
        "python peer.py",
        "192.168.178.23:5000",
        ("[fe80::1234:abcd:5678:9abc%eth0]:5000",),
    ),
)


@pytest.fixture
def events() -> list[UserAction]:
    return []


@pytest.fixture
def window(qtbot: QtBot, events: list[UserAction]) -> CallWindow:
    made = CallWindow(
        WindowSettings(),
        WindowPictures(
            remote=Mailbox(), own=Mailbox(), wanted=DisplaySizes(), on_painted=lambda _: None
        ),
        post=events.append,
    )
    qtbot.addWidget(made, before_close_func=lambda _: made.leave())
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    return made


def press_in_focus(qtbot: QtBot, key: Qt.Key) -> None:
    focus = QApplication.focusWidget()
    assert focus is not None
    QTest.keyClick(focus, key)


def test_buttons_answer_a_ring(qtbot: QtBot, window: CallWindow, events: list[UserAction]) -> None:
    window.set_view(RUNG)
    QTest.mouseClick(window.parts.card.button(CardButton.ACCEPT), Qt.MouseButton.LeftButton)
    QTest.mouseClick(window.parts.card.button(CardButton.DECLINE), Qt.MouseButton.LeftButton)
    assert events == [UserEvent.ACCEPT, UserEvent.DECLINE]


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
def test_no_key_answers_by_accident(
    qtbot: QtBot, window: CallWindow, events: list[UserAction], key: Qt.Key
) -> None:
    window.set_view(RUNG)
    press_in_focus(qtbot, key)
    assert events == []


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
def test_focused_button_is_pressed_from_the_keyboard(
    qtbot: QtBot, window: CallWindow, events: list[UserAction], key: Qt.Key
) -> None:
    window.set_view(RUNG)
    press_in_focus(qtbot, Qt.Key.Key_Tab)
    press_in_focus(qtbot, key)
    press_in_focus(qtbot, Qt.Key.Key_Tab)
    press_in_focus(qtbot, key)
    assert events == [UserEvent.ACCEPT, UserEvent.DECLINE]


def test_letters_answer_while_a_button_has_the_focus(
    qtbot: QtBot, window: CallWindow, events: list[UserAction]
) -> None:
    window.set_view(RUNG)
    press_in_focus(qtbot, Qt.Key.Key_Tab)
    press_in_focus(qtbot, Qt.Key.Key_N)
    press_in_focus(qtbot, Qt.Key.Key_Q)
    assert events == [UserEvent.DECLINE, UserEvent.HANG_UP]


def test_keys_work_after_text_was_selected(
    qtbot: QtBot, window: CallWindow, events: list[UserAction]
) -> None:
    window.set_view(RUNG)
    label = next(label for label in window.findChildren(QLabel) if "Alice" in label.text())
    QTest.mouseDClick(label, Qt.MouseButton.LeftButton)
    assert label.hasSelectedText()
    QTest.keyClicks(label, "q")
    assert events == [UserEvent.HANG_UP]


def test_new_ring_focuses_no_button(qtbot: QtBot, window: CallWindow) -> None:
    window.set_view(RUNG)
    press_in_focus(qtbot, Qt.Key.Key_Tab)
    assert window.parts.card.button(CardButton.ACCEPT).hasFocus()
    window.set_view(WAITING)
    window.set_view(RUNG)
    assert QApplication.focusWidget() is window


def test_buttons_have_names_for_screen_readers(window: CallWindow) -> None:
    assert window.parts.card.button(CardButton.ACCEPT).accessibleName() == "Accept the call"
    assert window.parts.card.button(CardButton.DECLINE).accessibleName() == "Decline the call"


def test_buttons_are_visible_only_during_a_ring(window: CallWindow) -> None:
    window.set_view(RUNG)
    assert window.parts.card.button(CardButton.ACCEPT).isVisible()
    window.set_view(WAITING)
    assert not window.parts.card.button(CardButton.ACCEPT).isVisible()


@pytest.mark.parametrize("size", [(320, 180), (480, 270), (960, 540), (1920, 1080), (400, 900)])
def test_card_fits_into_every_window(window: CallWindow, size: tuple[int, int]) -> None:
    window.resize(*size)
    window.set_view(RUNG)
    card = window.parts.card.geometry()
    assert window.rect().contains(card)
    assert abs(card.center().x() - window.rect().center().x()) <= 1
    for label in window.parts.card.findChildren(QLabel):
        if label.isVisible():
            assert window.parts.card.rect().contains(label.geometry())


@pytest.mark.parametrize("size", [(480, 270), (640, 480), (960, 540), (1920, 1080)])
def test_card_keeps_clear_of_the_controls(window: CallWindow, size: tuple[int, int]) -> None:
    window.resize(*size)
    window.set_view(RUNG)
    assert not window.parts.card.geometry().intersects(window.bar.geometry())


def test_name_wider_than_the_card_ends_in_an_ellipsis(window: CallWindow) -> None:
    window.set_view(View(stage=Stage.INCOMING, local_name="Me", peer=PeerView("W" * 64)))
    (shown,) = (label.text() for label in window.findChildren(QLabel) if "WWW" in label.text())
    name, _, rest = shown.partition("…")
    assert set(name) == {"W"}
    assert len(name) < 64
    assert rest.strip() == "calls"


@pytest.mark.parametrize("name", ["محمد", "דוד"])
def test_sentence_that_begins_with_a_right_to_left_name_runs_left_to_right(
    window: CallWindow, name: str
) -> None:
    window.set_view(View(stage=Stage.INCOMING, local_name="Me", peer=PeerView(name)))
    (shown,) = (label.text() for label in window.findChildren(QLabel) if name in label.text())
    layout = QTextLayout(shown)
    layout.beginLayout()
    layout.createLine()
    layout.endLayout()
    ends: dict[bool, float] = {}
    for run in layout.glyphRuns():
        last = max(position.x() for position in run.positions())
        ends[run.isRightToLeft()] = max(last, ends.get(run.isRightToLeft(), 0.0))
    assert ends[True] < ends[False], "the name stands left of its verb"
