"""ui/window/notice_line.py: what became of a recording or a snapshot is seen in the window."""

import html
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.support.window_bench import WindowBench, text_of_scale, view
from ui.call_notice import CallNotice, CallNoticeKind
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


def test_pressing_a_notice_hides_it(bench: WindowBench) -> None:
    bench.window.set_view(view(call_notice=SAVED))
    QTest.mouseClick(bench.window.parts.notice, Qt.MouseButton.LeftButton)
    assert bench.window.parts.notice.isHidden()
    assert bench.events == []
