"""The window of a call without a screen: what it says, its keys, and its closing."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from core.call_statistics import CallState, CallStatistics
from core.exit_status import ExitStatus
from media.video.display_picture import DisplayPicture
from media.video.display_sizes import DisplaySizes
from tests.support.window_bench import RED, WindowBench, colour, view
from ui.view import EndCause, Ending, PeerView, RemotePicture, Stage, UserEvent, WordsTask
from ui.window import call_window as call_window_module
from ui.window.settings import WindowSettings

FIGURES = CallStatistics(t_s=1.0, state=CallState.CALL, peer="Alice")
OWN_PLACE = (1000 - 16 - 110, 600 - 16 - 50)
"""Near the middle of the self view in a canvas of 1000 x 600."""

MakePicture = Callable[..., DisplayPicture]
MakeBench = Callable[..., WindowBench]


def test_hidden_window_requests_no_pictures(bench: WindowBench) -> None:
    bench.window.hide()
    assert bench.wanted == DisplaySizes()


def test_minimised_window_requests_no_pictures(qtbot: QtBot, bench: WindowBench) -> None:
    bench.window.showMinimized()
    qtbot.waitUntil(lambda: bench.wanted == DisplaySizes())
    bench.window.showNormal()
    qtbot.waitUntil(lambda: bench.wanted.remote_px != (0, 0))


def test_sizes_are_requested_before_the_window_is_shown(qtbot: QtBot) -> None:
    bench = WindowBench(WindowSettings())
    qtbot.addWidget(bench.window, before_close_func=lambda _: bench.window.leave())
    assert bench.wanted.remote_px != (0, 0)


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (RemotePicture.EXPECTED, "Waiting for Alice's picture"),
        (RemotePicture.NONE, "Alice sends no picture"),
        (RemotePicture.HIDDEN, "Alice has turned the camera off"),
    ],
)
def test_call_without_a_picture_says_why(
    bench: WindowBench, state: RemotePicture, sentence: str
) -> None:
    bench.window.set_view(view(remote_picture=state))
    assert sentence in bench.text()


def test_pause_of_the_pictures_is_a_label_on_the_last_one(
    bench: WindowBench, make_picture: MakePicture
) -> None:
    bench.window.set_view(view())
    bench.receive(make_picture(1000, 600, RED))
    assert colour(bench.grab(), 500, 30) == RED
    bench.window.set_view(view(remote_picture=RemotePicture.PAUSED))
    assert bench.text() == "The link is too small for Alice's picture: sound alone"
    picture = bench.grab()
    assert colour(picture, 500, 300) == RED
    assert colour(picture, 500, 30) != RED


def test_first_picture_removes_the_text(bench: WindowBench, make_picture: MakePicture) -> None:
    bench.window.set_view(view(remote_picture=RemotePicture.EXPECTED))
    bench.receive(make_picture(1000, 600, RED))
    assert bench.text() == ""
    assert colour(bench.grab(), 500, 300) == RED


def test_ended_call_says_why_over_the_dimmed_last_picture(
    bench: WindowBench, make_picture: MakePicture
) -> None:
    bench.window.set_view(view())
    bench.receive(make_picture(1000, 600, RED))
    bench.grab()
    ending = Ending(EndCause.REJECTED, ExitStatus.REFUSED, peer_name="Alice", reason="busy")
    bench.window.set_view(view(Stage.ENDED, ending=ending))
    assert "Alice is in another call\nTry again later\nPress any key to close" in bench.text()
    red, green, blue = colour(bench.grab(), 10, 10)
    assert max(green, blue) < red < 100


def test_name_is_text_and_never_markup(bench: WindowBench) -> None:
    bench.window.set_view(view(Stage.INCOMING, peer=PeerView("<b>Alice</b>")))
    labels = bench.window.findChildren(QLabel)
    assert all(label.textFormat() is Qt.TextFormat.PlainText for label in labels)
    assert "<b>Alice</b> calls" in bench.text()


def test_i_shows_and_hides_the_figures(
    qtbot: QtBot, bench: WindowBench, make_picture: MakePicture
) -> None:
    bench.window.set_view(view(figures=FIGURES))
    bench.receive(make_picture(1000, 600, RED))
    without = bench.grab()
    QTest.keyClicks(bench.window, "i")
    assert colour(bench.grab(), 24, 24) != RED
    assert colour(bench.grab(), 900, 24) == RED
    QTest.keyClicks(bench.window, "i")
    assert bench.grab() == without


def test_figures_are_below_the_banner_and_do_not_cover_it(
    bench: WindowBench, make_picture: MakePicture
) -> None:
    bench.window.set_view(view(figures=FIGURES, remote_picture=RemotePicture.PAUSED))
    bench.receive(make_picture(1000, 600, RED))
    label = bench.grab().copy(0, 0, 1000, 55)
    QTest.keyClicks(bench.window, "i")
    shown = bench.grab()
    assert shown.copy(0, 0, 1000, 55) == label
    assert colour(shown, 24, 80) != RED


def test_question_mark_shows_and_f1_hides_the_list_of_keys(
    qtbot: QtBot, bench: WindowBench, make_picture: MakePicture
) -> None:
    bench.window.set_view(view())
    bench.receive(make_picture(1000, 600, RED))
    QTest.keyClicks(bench.window, "?")
    assert colour(bench.grab(), 500, 240) != RED
    QTest.keyClick(bench.window, Qt.Key.Key_F1)
    assert colour(bench.grab(), 500, 240) == RED


def test_new_stage_hides_the_list_of_keys(bench: WindowBench) -> None:
    bench.window.set_view(view(stage=Stage.WAITING))
    without = bench.grab()
    QTest.keyClicks(bench.window, "?")
    assert bench.grab() != without
    bench.window.set_view(view(stage=Stage.INCOMING))
    bench.window.set_view(view(stage=Stage.WAITING))
    assert bench.grab() == without


def test_words_to_read_lie_over_the_picture(bench: WindowBench, make_picture: MakePicture) -> None:
    bench.window.set_view(view(words_task=WordsTask.READ_ALOUD))
    bench.receive(make_picture(1000, 600, RED))
    image = bench.grab()
    assert colour(image, 500, 24) != RED
    assert colour(image, 20, 24) == RED


def test_f_enters_full_screen_and_escape_leaves_it(qtbot: QtBot, bench: WindowBench) -> None:
    bench.window.set_view(view())
    QTest.keyClicks(bench.window, "f")
    assert bench.window.isFullScreen()
    QTest.keyClick(bench.window, Qt.Key.Key_Escape)
    assert not bench.window.isFullScreen()
    assert bench.events == []
    QTest.keyClick(bench.window, Qt.Key.Key_Escape)
    assert bench.events == [UserEvent.HANG_UP]


def test_double_click_enters_full_screen(qtbot: QtBot, bench: WindowBench) -> None:
    QTest.mouseDClick(bench.window.canvas, Qt.MouseButton.LeftButton)
    assert bench.window.isFullScreen()


def test_close_button_asks_the_program_to_quit(bench: WindowBench) -> None:
    bench.window.close()
    assert bench.events == [UserEvent.QUIT]
    assert bench.window.isVisible()


def test_second_close_closes_the_window_of_an_unresponsive_program(
    qtbot: QtBot, bench: WindowBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(call_window_module, "CLOSE_PATIENCE_MS", 0)
    bench.window.close()
    with qtbot.waitSignal(bench.window.closed):
        qtbot.waitUntil(lambda: bench.window.close() or not bench.window.isVisible())


def test_screen_reader_is_told_the_sentence(bench: WindowBench) -> None:
    bench.window.set_view(view(Stage.INCOMING))
    assert bench.window.accessibleName() == "Alice calls"
    assert bench.window.accessibleDescription() == "From 10.0.0.2\nNot verified"


@pytest.mark.parametrize("size", [(640, 480), (960, 540), (1920, 1080)])
def test_card_covers_neither_the_words_to_compare_nor_their_buttons(
    bench: WindowBench, size: tuple[int, int]
) -> None:
    bench.window.resize(*size)
    hidden = view(remote_picture=RemotePicture.HIDDEN, words_task=WordsTask.COMPARE)
    bench.window.set_view(hidden)
    card, banner = bench.window.parts.card, bench.window.parts.banner
    assert card.isVisible()
    assert banner.isVisible()
    assert not card.geometry().intersects(banner.geometry())
    assert not card.geometry().intersects(bench.window.bar.geometry())


def test_list_of_keys_does_not_lie_behind_a_ring(bench: WindowBench) -> None:
    bench.window.set_view(view(Stage.INCOMING))
    before = bench.grab()
    QTest.keyClicks(bench.window, "?")
    assert bench.grab() == before
