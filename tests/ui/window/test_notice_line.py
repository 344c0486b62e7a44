"""ui/window/notice_line.py: what became of a recording or a snapshot is seen in the window."""

import html
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.support.window_bench import WindowBench, text_of_scale, view
from ui.call_notice import CallNotice, CallNoticeKind
from ui.sharing import SharingNotice, SharingProblem, SharingView
from ui.view import Stage
from ui.window import notice_line as notice_line_module

MakeBench = Callable[..., WindowBench]
PATH = "/home/ann/Videos/" + "a-long-folder-name/" * 9 + "Bob <b> 2026-11-30 17.48.05.mkv"
SAVED = CallNotice(1, CallNoticeKind.RECORDING_SAVED, "Bob", PATH, duration_s=61)


@pytest.fixture
def large_text() -> Iterator[None]:
    with text_of_scale(2):
        yield


@pytest.mark.usefixtures("large_text")
@pytest.mark.parametrize("stage", [Stage.CALL, Stage.ENDED])
def test_long_path_is_seen_in_a_small_window_with_large_text(
    stage: Stage, bench: WindowBench
) -> None:
    bench.window.resize(640, 480)
    bench.window.set_view(view(stage, call_notice=SAVED))
    line = bench.window.parts.notice
    assert len(line.shown_lines) == 2
    assert line.shown_lines[-1].endswith(".mkv (1 min 1 s)")
    assert bench.window.canvas.rect().contains(line.geometry())
    assert PATH in line.accessibleName()
    assert html.escape(PATH) in line.toolTip()


def test_notice_stands_above_the_controls(bench: WindowBench) -> None:
    bench.window.set_view(view(call_notice=SAVED))
    parts = bench.window.parts
    assert not parts.notice.geometry().intersects(parts.bar.geometry())
    assert parts.notice.geometry().bottom() < parts.bar.y()


def test_notice_goes_away_and_the_same_view_does_not_bring_it_back(
    qtbot: QtBot, make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notice_line_module, "STAYS_MS", 30)
    bench = make_bench()
    bench.window.set_view(view(call_notice=SAVED))
    line = bench.window.parts.notice
    qtbot.waitUntil(line.isHidden)
    bench.window.set_view(view(call_notice=SAVED, is_muted=True))
    assert line.isHidden()
    bench.window.set_view(view(call_notice=CallNotice(2, CallNoticeKind.NO_PICTURE, "Bob")))
    assert "no picture of Bob" in "".join(line.shown_lines)


def test_notice_that_was_hidden_for_the_small_window_does_not_come_back(
    bench: WindowBench,
) -> None:
    bench.window.set_view(view(call_notice=SAVED))
    QTest.keyClicks(bench.window, "t")
    QTest.keyClicks(bench.window, "t")
    assert bench.window.parts.notice.isHidden()


@pytest.mark.parametrize("stage", [Stage.CALL, Stage.ENDED, Stage.WAITING])
def test_window_says_what_became_of_a_saved_chat(stage: Stage, bench: WindowBench) -> None:
    saved = SharingNotice(1, SharingProblem.CHAT_SAVED, "/home/ann/chat.txt")
    bench.window.set_view(view(stage, sharing=SharingView(notice=saved)))
    assert bench.window.parts.notice.shown_lines == ("The chat is saved in /home/ann/chat.txt",)


def test_newest_notice_is_shown_and_none_of_the_call_before(bench: WindowBench) -> None:
    missing = SharingNotice(1, SharingProblem.NO_SUCH_FILE, "a.txt")
    line = bench.window.parts.notice
    bench.window.set_view(view(sharing=SharingView(notice=missing)))
    bench.window.set_view(view(sharing=SharingView(notice=missing), call_notice=SAVED))
    assert "recording" in line.shown_lines[0]
    other = SharingNotice(2, SharingProblem.IS_FOLDER, "b")
    bench.window.set_view(view(sharing=SharingView(notice=other), call_notice=SAVED))
    assert "is a folder" in line.shown_lines[0]
    bench.window.set_view(view())
    assert line.shown_lines == ()


def test_notice_that_the_chat_shows_is_not_shown_twice(bench: WindowBench) -> None:
    bench.window.set_view(view(sharing=SharingView(can_chat=True)))
    QTest.keyClicks(bench.window, "c")
    missing = SharingNotice(1, SharingProblem.NO_SUCH_FILE, "a.txt")
    bench.window.set_view(view(sharing=SharingView(can_chat=True, notice=missing)))
    assert "no file a.txt" in bench.window.chat.panel.notice.accessibleName()
    bench.window.chat.close()
    assert bench.window.parts.notice.isHidden()


def test_pressing_a_notice_hides_it(bench: WindowBench) -> None:
    bench.window.set_view(view(call_notice=SAVED))
    QTest.mouseClick(bench.window.parts.notice, Qt.MouseButton.LeftButton)
    assert bench.window.parts.notice.isHidden()
    assert bench.events == []
