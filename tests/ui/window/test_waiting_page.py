"""The waiting page: the code, its copy, and the help."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QPushButton

from core.exit_status import ExitStatus
from tests.support.window_bench import WindowBench, text_of_scale, view
from ui.sharing import ChatMessage, SharingView, TransferState, TransferView
from ui.view import (
    Availability,
    EndCause,
    Ending,
    ListenerView,
    ReportView,
    Stage,
    UserEvent,
    View,
    WrongCodes,
)
from ui.window.waiting_page import WaitingPage
from ui.wording.listener import word_waiting_details

ENDED = Ending(EndCause.REMOTE_HUNG_UP, ExitStatus.OK, peer_name="Alice", length_s=200.0)
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


def test_page_before_the_first_call_offers_nothing_of_one(page: WaitingPage) -> None:
    assert not page.report_button.isVisible()
    assert not page.save_button.isVisible()


def test_page_after_a_call_says_how_it_was_and_offers_its_report(
    bench: WindowBench, page: WaitingPage
) -> None:
    bench.window.set_view(replace(waiting(), ending=ENDED, can_report=True))
    assert "Alice hung up. The call lasted 3 min 20 s." in bench.text()
    assert not page.save_button.isVisible()
    click(page.report_button)
    assert bench.events == [UserEvent.SHOW_REPORT]
    report = ReportView(1, "", "The report cannot be written to /x: full")
    bench.window.set_view(replace(waiting(), ending=ENDED, can_report=True, report=report))
    assert report.problem in bench.text()


def test_page_after_a_call_says_what_its_end_has_cut_off(
    bench: WindowBench, page: WaitingPage
) -> None:
    cut = TransferView(
        1, "a.txt", 9, is_outgoing=True, state=TransferState.FAILED, reason="call_ended"
    )
    bench.window.set_view(replace(waiting(), ending=ENDED, sharing=SharingView(transfers=(cut,))))
    assert "a.txt was not sent: the call ended before" in bench.text()


def test_page_after_a_call_saves_its_chat(bench: WindowBench, page: WaitingPage) -> None:
    chat = SharingView(chat=(ChatMessage("hello", 0, is_own=False),))
    bench.window.set_view(replace(waiting(), ending=ENDED, sharing=chat))
    assert not page.report_button.isVisible()
    click(page.save_button)
    assert len(bench.window.findChildren(QFileDialog)) == 1


@pytest.mark.parametrize("scale", [1, 2])
def test_help_is_read_in_the_size_of_other_text(
    bench: WindowBench, page: WaitingPage, scale: int
) -> None:
    with text_of_scale(scale):
        bench.window.resize(640, 480)
        bench.window.set_view(waiting())
        click(page.help_button)
        assert page.help.font().pixelSize() >= 10 * scale
        assert page.help.height() >= 3 * page.help.fontMetrics().lineSpacing()
        assert page.rect().contains(page.help.geometry())
