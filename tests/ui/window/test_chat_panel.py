"""The chat panel: messages, files, what is unread, and what is dropped or pasted."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel
from pytestqt.qtbot import QtBot

from media.video.display_picture import DisplayPicture
from tests.support.window_bench import RED, WindowBench, text_of_scale, view
from ui.actions import AnswerFile, CancelFile, SaveChat, SendChat, SendFile, SendImage
from ui.sharing import (
    ChatMessage,
    SharingNotice,
    SharingProblem,
    SharingView,
    TransferState,
    TransferView,
)
from ui.view import Stage, UserEvent, View
from ui.window.chat_panel import ChatPanel
from ui.window.transfer_row import TransferRow
from ui.wording.controls import Control
from ui.wording.sharing import word_sharing_notice, word_transfer

MakePicture = Callable[..., DisplayPicture]
HELLO = ChatMessage("hello\nthere", 0, is_own=False)
ANSWER = ChatMessage("hi", 60_000, is_own=True, is_delivered=False)
OFFER = TransferView(7, "song.ogg", 2_000_000, is_outgoing=False, state=TransferState.OFFERED)


def sharing(*chat: ChatMessage, **more: Any) -> View:
    values = {"can_chat": True, "can_send_files": True, **more}
    return view(sharing=SharingView(chat=chat, **values))


@pytest.fixture
def call(bench: WindowBench, make_picture: MakePicture) -> WindowBench:
    """Return a window in a call with a picture."""
    bench.window.activateWindow()
    bench.window.set_view(sharing())
    bench.receive(make_picture(1000, 600, RED))
    bench.grab()
    return bench


@pytest.fixture
def panel(call: WindowBench) -> ChatPanel:
    QTest.keyClicks(call.window, "c")
    return call.window.chat.panel


def rows(panel: ChatPanel) -> list[TransferRow]:
    shown = [row for row in panel.findChildren(TransferRow) if row.isVisibleTo(panel)]
    return sorted(shown, key=TransferRow.y)


def test_c_opens_the_chat_beside_a_smaller_picture(call: WindowBench, panel: ChatPanel) -> None:
    assert panel.isVisible()
    assert panel.field.hasFocus()
    assert call.wanted.remote_px[0] == 1000 - panel.width()
    assert panel.geometry().right() == 999
    QTest.keyClick(panel.field, Qt.Key.Key_Escape)
    assert call.window.hasFocus()
    QTest.keyClicks(call.window, "c")
    assert not panel.isVisible()
    assert call.wanted.remote_px[0] == 1000


def test_enter_sends_what_was_typed(call: WindowBench, panel: ChatPanel) -> None:
    QTest.keyClicks(panel.field, "first")
    QTest.keyClick(panel.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClicks(panel.field, "qmv")
    QTest.keyClick(panel.field, Qt.Key.Key_Return)
    assert call.events == [SendChat("first\nqmv")]
    assert panel.field.toPlainText() == ""


def test_empty_message_is_not_sent(call: WindowBench, panel: ChatPanel) -> None:
    QTest.keyClicks(panel.field, "  ")
    QTest.keyClick(panel.field, Qt.Key.Key_Enter)
    QTest.mouseClick(panel.send_button, Qt.MouseButton.LeftButton)
    assert call.events == []


def test_messages_have_name_time_and_delivery(call: WindowBench, panel: ChatPanel) -> None:
    call.window.set_view(sharing(HELLO, ANSWER))
    lines = panel.log.toPlainText().split("\n")
    assert lines[0].startswith("Alice · ")
    assert lines[1:3] == ["hello", "there"]
    assert lines[3].startswith("You · ")
    assert lines[3].endswith("not delivered yet")
    assert lines[4] == "hi"
    arrived = ChatMessage("hi", 60_000, is_own=True)
    call.window.set_view(sharing(HELLO, arrived, HELLO))
    again = panel.log.toPlainText().split("\n")
    assert again[3].endswith("delivered")
    assert "yet" not in again[3]
    assert again[:3] == lines[:3]
    assert again[-2:] == ["hello", "there"]


def test_chat_is_text_and_never_markup(call: WindowBench, panel: ChatPanel) -> None:
    call.window.set_view(sharing(ChatMessage("<b>x</b> <img src='/etc/passwd'>", 0, is_own=False)))
    assert "<b>x</b> <img src='/etc/passwd'>" in panel.log.toPlainText()
    labels = panel.findChildren(QLabel)
    assert all(label.textFormat() is Qt.TextFormat.PlainText for label in labels)


def test_unread_messages_are_counted_on_the_button(call: WindowBench) -> None:
    button = call.window.bar.button(Control.CHAT)
    call.window.set_view(sharing(HELLO))
    call.window.set_view(sharing(HELLO, ANSWER, HELLO))
    assert button.accessibleName() == "Chat and files, 2 unread messages"
    QTest.keyClicks(call.window, "c")
    call.window.set_view(sharing(HELLO, ANSWER, HELLO, HELLO))
    QTest.keyClick(call.window.chat.panel.field, Qt.Key.Key_Escape)
    QTest.keyClicks(call.window, "c")
    assert button.accessibleName() == "Chat and files"


def test_next_call_begins_with_an_empty_chat(call: WindowBench, panel: ChatPanel) -> None:
    call.window.set_view(sharing(HELLO))
    call.window.set_view(view(Stage.WAITING))
    assert not panel.isVisible()
    call.window.set_view(sharing())
    assert call.window.chat.unread == 0
    call.window.set_view(sharing(ANSWER, HELLO))
    assert call.window.chat.unread == 1


def test_escape_closes_the_chat_before_it_hangs_up(call: WindowBench, panel: ChatPanel) -> None:
    QTest.keyClick(panel.field, Qt.Key.Key_Escape)
    assert panel.isVisible()
    QTest.keyClick(call.window, Qt.Key.Key_Escape)
    assert not panel.isVisible()
    assert call.events == []
    QTest.keyClick(call.window, Qt.Key.Key_Escape)
    assert call.events == [UserEvent.HANG_UP]


def test_what_was_typed_in_one_call_is_gone_in_the_next(
    call: WindowBench, panel: ChatPanel
) -> None:
    QTest.keyClicks(panel.field, "for Bob only")
    call.window.set_view(view(Stage.ENDED))
    call.window.set_view(sharing())
    assert panel.field.toPlainText() == ""


def test_file_that_is_offered_opens_the_chat_and_asks(call: WindowBench) -> None:
    call.window.set_view(sharing(transfers=(OFFER,)))
    panel = call.window.chat.panel
    assert panel.isVisible()
    assert not panel.field.hasFocus()
    (row,) = rows(panel)
    assert row.text == word_transfer(OFFER, "Alice")
    QTest.mouseClick(row.accept_button, Qt.MouseButton.LeftButton)
    QTest.mouseClick(row.decline_button, Qt.MouseButton.LeftButton)
    assert call.events == [AnswerFile(7, accepts=True), AnswerFile(7, accepts=False)]


def test_moving_file_shows_its_progress_and_can_be_cancelled(
    call: WindowBench, panel: ChatPanel
) -> None:
    moving = TransferView(
        3,
        "a.zip",
        10**12,
        is_outgoing=True,
        state=TransferState.MOVING,
        moved_bytes=5 * 10**11,
        rate_bps=8e6,
        left_s=70.0,
    )
    call.window.set_view(sharing(transfers=(moving,)))
    (row,) = rows(panel)
    assert row.progress == 0.5
    QTest.mouseClick(row.cancel_button, Qt.MouseButton.LeftButton)
    assert call.events == [CancelFile(3)]


def test_only_the_newest_files_that_have_ended_stay(call: WindowBench, panel: ChatPanel) -> None:
    ended = tuple(
        TransferView(n, f"{n}.txt", 1, is_outgoing=True, state=TransferState.STORED)
        for n in range(1, 9)
    )
    call.window.set_view(sharing(transfers=ended))
    assert [row.text for row in rows(panel)] == [word_transfer(e, "Alice") for e in ended[:-4:-1]]


def test_older_peer_without_chat_is_named(call: WindowBench, panel: ChatPanel) -> None:
    call.window.set_view(view(sharing=SharingView()))
    expected = word_sharing_notice(SharingNotice(0, SharingProblem.NO_CHAT), "Alice")
    assert panel.notice.text() == expected
    assert not panel.field.isEnabled()


def mime(*paths: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def drop(bench: WindowBench, data: QMimeData) -> None:
    actions, button, modifier = (
        Qt.DropAction.CopyAction,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    entered = QDragEnterEvent(QPoint(50, 50), actions, data, button, modifier)
    QGuiApplication.sendEvent(bench.window, entered)
    if entered.isAccepted():
        dropped = QDropEvent(QPointF(50, 50), actions, data, button, modifier)
        QGuiApplication.sendEvent(bench.window, dropped)


def test_dropped_files_are_sent(call: WindowBench, tmp_path: Path) -> None:
    drop(call, mime(tmp_path / "a.txt", tmp_path / "b c.txt"))
    assert call.events == [SendFile(tmp_path / "a.txt"), SendFile(tmp_path / "b c.txt")]
    assert call.window.chat.is_open


def test_nothing_can_be_dropped_outside_of_a_call(bench: WindowBench, tmp_path: Path) -> None:
    bench.window.set_view(view(Stage.WAITING))
    drop(bench, mime(tmp_path / "a.txt"))
    assert bench.events == []


def test_pasted_picture_is_sent_as_a_png(call: WindowBench) -> None:
    image = QImage(20, 10, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    QGuiApplication.clipboard().setImage(image)
    QTest.keyClick(call.window, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    (sent,) = call.events
    assert isinstance(sent, SendImage)
    assert sent.name.endswith(".png")
    assert QImage.fromData(sent.data).size() == image.size()


def test_pasted_text_goes_into_the_field(call: WindowBench, panel: ChatPanel) -> None:
    QGuiApplication.clipboard().setText("words")
    QTest.keyClick(panel.field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert panel.field.toPlainText() == "words"
    assert call.events == []


def test_file_is_chosen_in_a_dialog(
    qtbot: QtBot, call: WindowBench, panel: ChatPanel, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("x")
    QTest.mouseClick(panel.attach_button, Qt.MouseButton.LeftButton)
    (dialog,) = panel.findChildren(QFileDialog)
    dialog.setDirectory(str(tmp_path))
    dialog.selectFile(str(tmp_path / "a.txt"))
    dialog.accept()
    assert call.events == [SendFile(tmp_path / "a.txt")]


def test_call_is_hung_up_while_a_file_is_chosen_and_its_end_closes_the_dialog(
    qtbot: QtBot, call: WindowBench, panel: ChatPanel
) -> None:
    QTest.mouseClick(panel.attach_button, Qt.MouseButton.LeftButton)
    (dialog,) = panel.findChildren(QFileDialog)
    QTest.mouseClick(call.window.bar.button(Control.HANG_UP), Qt.MouseButton.LeftButton)
    assert call.events == [UserEvent.HANG_UP]
    with qtbot.waitSignal(dialog.rejected):
        call.window.set_view(view(Stage.ENDED))


def test_menu_saves_the_chat(call: WindowBench, tmp_path: Path) -> None:
    call.window.set_view(sharing(HELLO))
    QTest.mouseClick(call.window.bar.button(Control.MORE), Qt.MouseButton.LeftButton)
    (save,) = (each for each in call.window.menus.more.actions() if each.text() == "Save the chat")
    save.trigger()
    call.window.menus.more.close()
    (dialog,) = call.window.findChildren(QFileDialog)
    dialog.setDirectory(str(tmp_path))
    dialog.selectFile(str(tmp_path / "chat.txt"))
    dialog.accept()
    assert call.events[-1] == SaveChat(tmp_path / "chat.txt", replaces=True)


@pytest.mark.parametrize("size", [(320, 240), (640, 480), (1920, 1080)])
def test_chat_fits_into_every_window(
    call: WindowBench, panel: ChatPanel, size: tuple[int, int]
) -> None:
    call.window.resize(*size)
    call.window.set_view(sharing(HELLO, ANSWER, transfers=(OFFER,)))
    assert call.window.rect().contains(panel.geometry())
    for widget in (panel.field, panel.send_button, panel.close_button, panel.log):
        assert panel.rect().contains(widget.geometry())


def test_large_text_in_a_small_window_gives_the_chat_the_whole_window(
    qtbot: QtBot, call: WindowBench
) -> None:
    with text_of_scale(2):
        call.window.resize(640, 480)
        call.window.set_view(sharing(HELLO, transfers=(OFFER,)))
        panel = call.window.chat.panel
        QApplication.processEvents()
        assert panel.width() == 640
        (row,) = rows(panel)
        accept = row.accept_button
        qtbot.waitUntil(
            lambda: accept.mapTo(panel, accept.rect().bottomLeft()).y() < panel.field.y()
        )
        assert panel.log.height() >= 4 * panel.field.fontMetrics().lineSpacing()


def test_newest_message_stays_in_sight_when_the_room_changes(
    qtbot: QtBot, call: WindowBench, panel: ChatPanel
) -> None:
    messages = tuple(ChatMessage(f"line {number}", 0, is_own=False) for number in range(60))
    call.window.set_view(sharing(*messages))
    bar = panel.log.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0 and bar.value() == bar.maximum())
    before = bar.maximum()
    call.window.set_view(sharing(*messages, transfers=(OFFER,)))
    qtbot.waitUntil(lambda: bar.maximum() > before)
    assert bar.value() == bar.maximum()
    bar.setValue(10)
    call.window.set_view(sharing(*messages))
    qtbot.waitUntil(lambda: bar.maximum() == before)
    assert bar.value() == 10


def test_tab_goes_from_the_messages_to_the_files_and_then_to_the_field(
    call: WindowBench, panel: ChatPanel
) -> None:
    other = TransferView(8, "film.mkv", 9, is_outgoing=True, state=TransferState.MOVING)
    call.window.set_view(sharing(HELLO, transfers=(OFFER, other)))
    newest, first = rows(panel)
    panel.log.setFocus()
    wanted = (newest.cancel_button, first.accept_button, first.decline_button)
    for widget in (*wanted, panel.attach_button, panel.field):
        focused = QApplication.focusWidget()
        assert focused is not None
        QTest.keyClick(focused, Qt.Key.Key_Tab)
        assert QApplication.focusWidget() is widget
