"""The waiting page: the code, its copy, and the help."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from tests.support.window_bench import WindowBench, view
from ui.view import Availability, ListenerView, Stage, UserEvent, View, WrongCodes
from ui.window.waiting_page import WaitingPage
from ui.wording.listener import word_waiting_details

LISTENER = ListenerView(
    "7-otter-lamp",
    "python peer.py",
    "192.168.178.23:5000",
    ("[fe80::1234:abcd:5678:9abc%eth0]:5000",),
)


def waiting(**more: object) -> View:
    return view(Stage.WAITING, peer=None, listener=replace(LISTENER, **more))


@pytest.fixture
def page(bench: WindowBench) -> WaitingPage:
    bench.window.set_view(waiting())
    return bench.window.parts.waiting_page


def click(button: QPushButton) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_code_is_large_and_can_be_copied(bench: WindowBench, page: WaitingPage) -> None:
    assert page.isVisible()
    assert page.code == "7-otter-lamp"
    click(page.copy_button)
    assert QGuiApplication.clipboard().text() == "7-otter-lamp"
    assert page.copy_button.text() == "Copied"


def test_command_is_shown_only_to_those_who_ask(page: WaitingPage) -> None:
    assert not page.help.isVisible()
    click(page.help_button)
    assert page.help.isVisible()
    assert page.help.toPlainText() == "\n".join(word_waiting_details(LISTENER, at_terminal=False))
    click(page.help_button)
    assert not page.help.isVisible()


@pytest.mark.parametrize(
    ("availability", "event"),
    [
        (Availability.DO_NOT_DISTURB, UserEvent.TOGGLE_DO_NOT_DISTURB),
        (Availability.CODES_BLOCKED, UserEvent.ALLOW_CODES),
    ],
)
def test_page_without_a_code_says_why_and_has_a_way_back(
    bench: WindowBench, page: WaitingPage, availability: Availability, event: UserEvent
) -> None:
    bench.window.set_view(waiting(availability=availability, wrong_codes=WrongCodes(3, "10.0.0.9")))
    assert page.code == ""
    assert not page.copy_button.isVisible()
    click(page.availability_button)
    assert bench.events == [event]


def test_page_is_gone_when_it_rings(bench: WindowBench, page: WaitingPage) -> None:
    bench.window.set_view(view(Stage.INCOMING))
    assert not page.isVisible()
    assert bench.window.parts.card.isVisible()


@pytest.mark.parametrize("has_help", [False, True])
@pytest.mark.parametrize("size", [(320, 240), (640, 480), (960, 540), (1920, 1080), (400, 900)])
def test_page_fits_into_every_window(
    bench: WindowBench, page: WaitingPage, size: tuple[int, int], has_help: bool
) -> None:
    bench.window.resize(*size)
    if has_help:
        click(page.help_button)
    assert bench.window.rect().contains(page.geometry())
    assert not page.geometry().intersects(bench.window.bar.geometry())
    for button in filter(QPushButton.isVisible, page.findChildren(QPushButton)):
        assert page.rect().contains(button.geometry())
