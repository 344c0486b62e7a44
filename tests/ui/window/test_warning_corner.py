"""Warnings and messages over the picture: they go away, and can be read again."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage, QRegion
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from media.video.display_picture import DisplayPicture
from tests.support.window_bench import RED, WindowBench, view
from ui.view import UserEvent, View, VoiceNotice, WordsTask
from ui.window import banner as banner_module
from ui.window import warning_corner as warning_corner_module
from ui.wording.notices import word_notice

MakePicture = Callable[..., DisplayPicture]
SILENT = word_notice(VoiceNotice.SILENT)


@pytest.fixture
def quick_fading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warning_corner_module, "STAYS_MS", 30)
    monkeypatch.setattr(warning_corner_module, "FADE_MS", 20)
    monkeypatch.setattr(banner_module, "STAYS_MS", 30)


def show(bench: WindowBench, make_picture: MakePicture, shown: View) -> None:
    bench.window.set_view(view())
    bench.receive(make_picture(1000, 600, RED))
    bench.grab()
    bench.window.set_view(shown)


@pytest.mark.usefixtures("quick_fading")
def test_warning_fades_to_a_sign_that_shows_it_again(
    qtbot: QtBot, bench: WindowBench, make_picture: MakePicture
) -> None:
    show(bench, make_picture, view(notices=(VoiceNotice.SILENT,)))
    warnings = bench.window.parts.warnings
    assert warnings.shown_text == SILENT
    wide = warnings.width()
    qtbot.waitUntil(lambda: warnings.shown_text == "")
    assert warnings.isVisible()
    assert warnings.width() < wide / 3
    assert warnings.accessibleName() == f"Warning: {SILENT}"
    QTest.mouseClick(warnings, Qt.MouseButton.LeftButton)
    assert warnings.shown_text == SILENT


@pytest.mark.usefixtures("quick_fading")
def test_warning_that_was_read_is_not_shown_again_by_the_next_view(
    qtbot: QtBot, bench: WindowBench, make_picture: MakePicture
) -> None:
    show(bench, make_picture, view(notices=(VoiceNotice.SILENT,)))
    qtbot.waitUntil(lambda: bench.window.parts.warnings.shown_text == "")
    bench.window.set_view(view(notices=(VoiceNotice.SILENT,)))
    assert bench.window.parts.warnings.shown_text == ""
    bench.window.set_view(view(notices=(VoiceNotice.SILENT, VoiceNotice.MUTED)))
    assert SILENT in bench.window.parts.warnings.shown_text


def test_warning_stands_in_the_upper_right_corner(
    bench: WindowBench, make_picture: MakePicture
) -> None:
    show(bench, make_picture, view(notices=(VoiceNotice.SILENT,)))
    area = bench.window.parts.warnings.geometry()
    assert area.top() < 30
    assert area.right() > 970


def test_mended_problem_removes_its_warning(bench: WindowBench, make_picture: MakePicture) -> None:
    show(bench, make_picture, view(notices=(VoiceNotice.SILENT,)))
    bench.window.set_view(view())
    assert not bench.window.parts.warnings.isVisible()


@pytest.mark.usefixtures("quick_fading")
def test_words_to_read_go_away_after_a_while(
    qtbot: QtBot, bench: WindowBench, make_picture: MakePicture
) -> None:
    shown = view(words_task=WordsTask.READ_ALOUD)
    show(bench, make_picture, shown)
    assert "otter lamp moon tree" in bench.window.parts.banner.shown_text
    qtbot.waitUntil(lambda: bench.window.parts.banner.shown_text == "")
    bench.window.set_view(view(words_task=WordsTask.READ_ALOUD, is_muted=True))
    assert bench.window.parts.banner.shown_text == ""


def test_button_confirms_that_the_words_match(
    bench: WindowBench, make_picture: MakePicture
) -> None:
    show(bench, make_picture, view(words_task=WordsTask.COMPARE))
    QTest.mouseClick(bench.window.parts.banner.confirm_button, Qt.MouseButton.LeftButton)
    assert bench.events == [UserEvent.CONFIRM_WORDS]


def test_button_over_the_picture_looks_as_its_style_draws_it(
    bench: WindowBench, make_picture: MakePicture
) -> None:
    font = QApplication.font()
    font.setPointSizeF(20)
    show(bench, make_picture, view(words_task=WordsTask.COMPARE))
    button = bench.window.parts.banner.confirm_button
    button.setFont(font)
    plain = QPushButton(button.text(), button.parentWidget())
    plain.setStyleSheet(button.styleSheet())
    plain.setFont(font)
    plain.setGeometry(button.geometry())
    kept, drawn = (
        QImage(button.size(), QImage.Format.Format_ARGB32_Premultiplied) for _ in range(2)
    )
    for image, widget in ((kept, button), (drawn, plain)):
        image.fill(Qt.GlobalColor.transparent)
        widget.render(image, QPoint(), QRegion(), QWidget.RenderFlag.DrawChildren)
    assert kept == drawn


def test_words_to_compare_can_be_hidden(bench: WindowBench, make_picture: MakePicture) -> None:
    show(bench, make_picture, view(words_task=WordsTask.COMPARE))
    QTest.mouseClick(bench.window.parts.banner.hide_button, Qt.MouseButton.LeftButton)
    assert not bench.window.parts.banner.isVisible()
    bench.window.set_view(view(words_task=WordsTask.COMPARE, is_muted=True))
    assert not bench.window.parts.banner.isVisible()
