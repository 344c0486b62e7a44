"""ui/window/tray_notice.py: the notification of Windows, on an icon that the test plays."""

from typing import Any, ClassVar

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.support.window_bench import ALICE, view
from ui.view import Stage
from ui.window import tray_notice as tray_notice_module
from ui.window.tray_notice import TrayNotice

RING, QUIET, CALL = view(Stage.INCOMING), view(Stage.WAITING, peer=None), view()


class FakeIcon(QObject):
    """The icon beside the clock of a computer that has one."""

    messageClicked = Signal()  # noqa: N815 - Qt's name
    activated = Signal(object)
    made: ClassVar[list["FakeIcon"]] = []
    is_available = True

    def __init__(self, icon: QIcon, parent: QObject) -> None:
        super().__init__(parent)
        assert not icon.isNull()
        self.is_seen = False
        self.messages: list[tuple[str, str]] = []
        self.made.append(self)

    @classmethod
    def isSystemTrayAvailable(cls) -> bool:  # noqa: N802 - Qt's name
        return cls.is_available

    def setToolTip(self, text: str) -> None:  # noqa: N802 - Qt's name
        pass

    def show(self) -> None:
        self.is_seen = True

    def hide(self) -> None:
        self.is_seen = False

    def showMessage(self, title: str, body: str, *_: Any) -> None:  # noqa: N802 - Qt's name
        self.messages.append((title, body))


@pytest.fixture
def parent(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> QWidget:
    monkeypatch.setattr(FakeIcon, "made", [])
    monkeypatch.setattr(tray_notice_module, "QSystemTrayIcon", FakeIcon)
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


def test_ring_is_notified_once_and_its_end_removes_the_icon(parent: QWidget) -> None:
    notice = TrayNotice(parent, "win32")
    notice.follow(QUIET, RING)
    notice.follow(RING, replace(RING, is_muted=True))
    (icon,) = FakeIcon.made
    assert (icon.is_seen, icon.messages) == (True, [("Alice is calling", "Not verified")])
    notice.follow(RING, CALL)
    assert not icon.is_seen


def test_next_caller_is_notified_too(parent: QWidget) -> None:
    notice = TrayNotice(parent, "win32")
    notice.follow(QUIET, RING)
    notice.follow(RING, replace(RING, peer=replace(ALICE, name="Carl\x07")))
    (icon,) = FakeIcon.made
    assert [title for title, _ in icon.messages] == ["Alice is calling", "Carl is calling"]


def test_pressed_notification_is_reported(qtbot: QtBot, parent: QWidget) -> None:
    notice = TrayNotice(parent, "win32")
    notice.follow(QUIET, RING)
    with qtbot.waitSignal(notice.pressed):
        FakeIcon.made[0].messageClicked.emit()


@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_other_systems_have_their_own_notification(parent: QWidget, platform: str) -> None:
    TrayNotice(parent, platform).follow(QUIET, RING)
    assert FakeIcon.made == []


def test_desktop_without_such_icons_is_left_alone(
    parent: QWidget, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeIcon, "is_available", False)
    TrayNotice(parent, "win32").follow(QUIET, RING)
    assert FakeIcon.made == []
