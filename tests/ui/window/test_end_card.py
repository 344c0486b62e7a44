"""The card after a call: its buttons, and how long it stays."""

from pathlib import Path

import platformdirs
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QEnterEvent, QGuiApplication, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from core.exit_status import ExitStatus
from tests.support.window_bench import WindowBench, text_of_scale, view
from ui.actions import SaveChat
from ui.call_notice import CallNotice, CallNoticeKind
from ui.sharing import ChatMessage, SharingView, TransferState, TransferView
from ui.view import EndCause, Ending, ReportView, Stage, UserEvent
from ui.window.card_widget import CardButton, CardWidget

ENDED = view(
    Stage.ENDED,
    ending=Ending(EndCause.REMOTE_HUNG_UP, ExitStatus.OK, peer_name="Alice", length_s=200.0),
)


@pytest.fixture
def card(bench: WindowBench) -> CardWidget:
    bench.window.activateWindow()
    bench.window.set_view(ENDED)
    return bench.window.parts.card


def shown(card: CardWidget) -> list[CardButton]:
    return [each for each in CardButton if card.button(each).isVisible()]


def test_card_says_why_and_how_long(bench: WindowBench, card: CardWidget) -> None:
    assert "Alice hung up\nThe call lasted 3 min 20 s" in bench.text()


def test_close_ends_the_program(bench: WindowBench, card: CardWidget) -> None:
    assert shown(card) == [CardButton.CLOSE]
    QTest.mouseClick(card.button(CardButton.CLOSE), Qt.MouseButton.LeftButton)
    assert bench.events[-1] is UserEvent.DISMISS


def test_chat_can_be_saved_if_there_is_one(
    bench: WindowBench, card: CardWidget, tmp_path: Path
) -> None:
    chat = SharingView(chat=(ChatMessage("hello", 0, is_own=False),))
    bench.window.set_view(view(Stage.ENDED, ending=ENDED.ending, sharing=chat))
    assert shown(card) == [CardButton.SAVE_CHAT, CardButton.CLOSE]
    QTest.mouseClick(card.button(CardButton.SAVE_CHAT), Qt.MouseButton.LeftButton)
    assert UserEvent.KEEP_OPEN in bench.events
    (dialog,) = bench.window.findChildren(QFileDialog)
    dialog.setDirectory(str(tmp_path))
    dialog.selectFile(str(tmp_path / "chat.txt"))
    dialog.accept()
    assert bench.events[-1] == SaveChat(tmp_path / "chat.txt", replaces=True)


def test_ring_closes_the_dialog_that_saves_a_chat_in_the_documents(
    bench: WindowBench, card: CardWidget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = tmp_path / "Documents"
    documents.mkdir()
    monkeypatch.setattr(platformdirs, "user_documents_path", lambda: documents)
    chat = SharingView(chat=(ChatMessage("hello", 0, is_own=False),))
    bench.window.set_view(view(Stage.ENDED, ending=ENDED.ending, sharing=chat))
    QTest.mouseClick(card.button(CardButton.SAVE_CHAT), Qt.MouseButton.LeftButton)
    (dialog,) = bench.window.findChildren(QFileDialog)
    assert dialog.directory().path() == str(documents)
    bench.window.set_view(view(Stage.INCOMING))
    assert dialog.isHidden()


def test_report_keeps_the_window_open(bench: WindowBench, card: CardWidget) -> None:
    bench.window.set_view(view(Stage.ENDED, ending=ENDED.ending, can_report=True))
    assert shown(card) == [CardButton.REPORT, CardButton.CLOSE]
    QTest.mouseClick(card.button(CardButton.REPORT), Qt.MouseButton.LeftButton)
    assert bench.events[-2:] == [UserEvent.KEEP_OPEN, UserEvent.SHOW_REPORT]


def test_failed_attempt_offers_nothing_of_the_call_before(
    bench: WindowBench, card: CardWidget
) -> None:
    busy = Ending(EndCause.REJECTED, ExitStatus.REFUSED, peer_name="Alice", reason="busy")
    photo = TransferView(1, "photo.jpg", 9, is_outgoing=True, state=TransferState.FAILED)
    chat = SharingView(chat=(ChatMessage("hello", 0, is_own=False),), transfers=(photo,))
    report = ReportView(1, "/home/ann/call.html")
    bench.window.set_view(
        view(Stage.ENDED, ending=busy, can_report=True, report=report, sharing=chat)
    )
    assert shown(card) == [CardButton.CLOSE]
    assert "call.html" not in bench.text()
    assert "photo" not in bench.text()


class Browser(QObject):
    """Receives what would be opened in the browser."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []

    @Slot(QUrl)
    def open(self, url: QUrl) -> None:
        """Note a page."""
        self.opened.append(url.toLocalFile())


def test_written_report_is_opened_once(
    bench: WindowBench, card: CardWidget, tmp_path: Path
) -> None:
    browser = Browser()
    QDesktopServices.setUrlHandler("file", browser, "open")  # type: ignore[arg-type]  # the stub wants bytes, Qt text
    try:
        for _ in range(2):
            report = ReportView(1, str(tmp_path / "call.html"))
            ended = view(Stage.ENDED, ending=ENDED.ending, can_report=True, report=report)
            bench.window.set_view(ended)
        assert browser.opened == [str(tmp_path / "call.html")]
        said = bench.text().replace("\u200b", "")  # Where a long path may be broken.
        assert f"The report is in {tmp_path / 'call.html'}" in said
    finally:
        QDesktopServices.unsetUrlHandler("file")


def test_report_that_was_not_written_is_explained(bench: WindowBench, card: CardWidget) -> None:
    report = ReportView(1, "", "The report cannot be written to /x: full")
    bench.window.set_view(view(Stage.ENDED, ending=ENDED.ending, can_report=True, report=report))
    assert "cannot be written to /x" in bench.text().replace("\u200b", "")


def move_pointer(card: CardWidget, *places: tuple[int, int]) -> None:
    first = QPointF(*places[0])
    QGuiApplication.sendEvent(card, QEnterEvent(first, first, first))
    none, no_modifier = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    for place in places:
        at = QPointF(*place)
        moved = QMouseEvent(QEvent.Type.MouseMove, at, at, none, none, no_modifier)
        QGuiApplication.sendEvent(card, moved)


def test_pointer_that_moves_on_the_card_keeps_it_open(bench: WindowBench, card: CardWidget) -> None:
    move_pointer(card, (5, 5), (30, 20))
    assert bench.events == [UserEvent.KEEP_OPEN]


def test_pointer_that_rests_where_the_card_appears_does_not(
    bench: WindowBench, card: CardWidget
) -> None:
    move_pointer(card, (5, 5), (5, 5))
    assert bench.events == []


def test_tab_keeps_the_card_open_and_reaches_its_buttons(
    qtbot: QtBot, bench: WindowBench, card: CardWidget
) -> None:
    qtbot.waitUntil(bench.window.isActiveWindow)
    QTest.keyClick(bench.window, Qt.Key.Key_Tab)
    assert bench.events == [UserEvent.KEEP_OPEN]
    assert card.button(CardButton.CLOSE).hasFocus()


def test_pointer_on_another_card_posts_nothing(bench: WindowBench) -> None:
    bench.window.set_view(view(Stage.INCOMING))
    move_pointer(bench.window.parts.card, (5, 5), (30, 20))
    assert bench.events == []


def test_four_buttons_take_two_rows_rather_than_small_text(
    bench: WindowBench, card: CardWidget
) -> None:
    with text_of_scale(2):
        bench.window.resize(640, 480)
        chat = SharingView(chat=(ChatMessage("hello", 0, is_own=False),))
        whole = view(Stage.ENDED, ending=ENDED.ending, sharing=chat, can_report=True)
        bench.window.set_view(replace(whole, can_call_again=True))
        buttons = [card.button(each) for each in shown(card)]
        assert len({button.y() for button in buttons}) == 2
        assert len({button.x() for button in buttons}) == 2
        assert min(button.font().pixelSize() for button in buttons) >= 18
        assert all(card.rect().contains(button.geometry()) for button in buttons)


def test_notice_does_not_cover_the_buttons(bench: WindowBench, card: CardWidget) -> None:
    bench.window.resize(640, 300)
    saved = CallNotice(1, CallNoticeKind.RECORDING_SAVED, "Alice", "/videos/" + 9 * "folder/")
    bench.window.set_view(view(Stage.ENDED, ending=ENDED.ending, call_notice=saved))
    notice = bench.window.parts.notice
    assert notice.isVisible()
    assert not notice.geometry().intersects(card.geometry())
    small = card.height()
    QTest.mouseClick(notice, Qt.MouseButton.LeftButton)
    assert card.height() >= small
    assert card.geometry().center().y() > 130


def test_report_is_on_the_card_and_not_in_a_notice_too(
    bench: WindowBench, card: CardWidget
) -> None:
    told = CallNotice(1, CallNoticeKind.REPORT_SAVED, "Alice", "/x.html")
    report = ReportView(1, "", "full")
    bench.window.set_view(
        view(Stage.ENDED, ending=ENDED.ending, can_report=True, report=report, call_notice=told)
    )
    assert not bench.window.parts.notice.isVisible()
