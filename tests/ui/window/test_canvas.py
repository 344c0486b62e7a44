"""The canvas without a screen: its painting, and the picture sizes that it requests."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from core.call_statistics import CallState, CallStatistics
from core.exit_status import ExitStatus
from core.mailbox import Mailbox
from media.video.display_picture import DisplayPicture
from media.video.display_sizes import DisplaySizes
from ui.actions import UserAction
from ui.view import (
    EndCause,
    Ending,
    PeerView,
    RemotePicture,
    Stage,
    UserEvent,
    View,
    WordsTask,
)
from ui.window import canvas as canvas_module
from ui.window.canvas import Canvas
from ui.window.settings import WindowSettings
from ui.window.window_pictures import WindowPictures

RED, GREEN, BLUE = (220, 30, 30), (30, 200, 30), (30, 30, 220)
ALICE = PeerView("Alice", "10.0.0.2", words="otter lamp moon tree")
FIGURES = CallStatistics(t_s=1.0, state=CallState.CALL, peer="Alice")
OWN_PLACE = (1000 - 16 - 110, 600 - 16 - 50)
"""Near the middle of the self view in a canvas of 1000 x 600."""

MakePicture = Callable[..., DisplayPicture]


class Bench:
    """A canvas, and everything that it is connected to."""

    def __init__(self, settings: WindowSettings) -> None:
        self.remote: Mailbox[DisplayPicture] = Mailbox()
        self.own: Mailbox[DisplayPicture] = Mailbox()
        self.wanted = DisplaySizes()
        self.events: list[UserAction] = []
        self.painted: list[DisplayPicture] = []
        self.canvas = Canvas(
            settings,
            WindowPictures(
                remote=self.remote,
                own=self.own,
                wanted=self.wanted,
                on_painted=self.painted.append,
            ),
            post=self.events.append,
        )
        self.canvas.resize(1000, 600)

    def receive(self, picture: DisplayPicture) -> None:
        self.remote.put(picture)
        self.canvas.take_remote()

    def grab(self) -> QImage:
        return self.canvas.grab().toImage()


@pytest.fixture
def bench(qtbot: QtBot) -> Bench:
    return make_bench(qtbot)


def make_bench(qtbot: QtBot, *, is_mirrored: bool = True) -> Bench:
    made = Bench(WindowSettings(mirror_self_view=is_mirrored))
    qtbot.addWidget(made.canvas, before_close_func=lambda _: made.canvas.leave())
    made.canvas.show()
    qtbot.waitExposed(made.canvas)
    made.painted.clear()
    return made


def view(stage: Stage = Stage.CALL, **more: Any) -> View:
    values = {"peer": ALICE, "remote_picture": RemotePicture.SHOWN, **more}
    return View(stage=stage, local_name="Me", **values)


def colour(image: QImage, x: int, y: int) -> tuple[int, int, int]:
    at = QColor(image.pixel(x, y))
    return at.red(), at.green(), at.blue()


def text_shown(bench: Bench) -> str:
    labels = bench.canvas.findChildren(QLabel)
    return "\n".join(label.text() for label in labels if label.isVisibleTo(bench.canvas))


def test_wide_picture_fills_the_width_and_keeps_its_shape(
    bench: Bench, make_picture: MakePicture
) -> None:
    bench.canvas.set_view(view())
    bench.receive(make_picture(1000, 400, RED, BLUE))
    image = bench.grab()
    assert colour(image, 0, 100) == RED
    assert colour(image, 999, 100) == BLUE
    assert colour(image, 499, 499) == RED
    assert colour(image, 500, 499) == BLUE
    assert max(colour(image, 500, 99)) < 32
    assert max(colour(image, 500, 500)) < 32


def test_picture_of_another_size_is_scaled_to_fit(bench: Bench, make_picture: MakePicture) -> None:
    bench.canvas.set_view(view())
    bench.receive(make_picture(300, 400, RED, BLUE))
    image = bench.grab()
    assert colour(image, 280, 5) == RED
    assert colour(image, 720, 595) == BLUE
    assert max(colour(image, 270, 300)) < 32
    assert max(colour(image, 730, 300)) < 32


def test_picture_with_padded_rows_is_not_skewed(bench: Bench, make_picture: MakePicture) -> None:
    bench.canvas.set_view(view())
    picture = make_picture(801, 600, RED, BLUE)
    assert picture.bgra.planes[0].line_size > 801 * 4
    bench.receive(picture)
    image = bench.grab()
    assert colour(image, 110, 595) == RED
    assert colour(image, 890, 5) == BLUE


@pytest.mark.parametrize(("is_mirrored", "left"), [(True, BLUE), (False, RED)])
def test_self_view_is_mirrored_by_the_setting(
    qtbot: QtBot,
    make_picture: MakePicture,
    is_mirrored: bool,
    left: tuple[int, int, int],
) -> None:
    bench = make_bench(qtbot, is_mirrored=is_mirrored)
    bench.canvas.set_view(view())
    bench.receive(make_picture(1000, 600, GREEN))
    bench.own.put(make_picture(220, 124, RED, BLUE))
    image = bench.grab()
    x, y = OWN_PLACE
    assert colour(image, x - 60, y) == left
    assert {colour(image, x - 60, y), colour(image, x + 60, y)} == {RED, BLUE}
    assert colour(image, x - 120, y) == GREEN


def test_hidden_self_view_is_neither_painted_nor_requested(
    bench: Bench, make_picture: MakePicture
) -> None:
    bench.receive(make_picture(1000, 600, GREEN))
    bench.own.put(make_picture(220, 124, RED))
    bench.canvas.set_view(view())
    assert bench.wanted.own_px == (220, 216)
    bench.canvas.set_view(view(is_camera_off=True))
    x, y = OWN_PLACE
    assert colour(bench.grab(), x, y - 30) == GREEN
    assert bench.wanted.own_px == (0, 0)


def test_painted_picture_is_reported_once(bench: Bench, make_picture: MakePicture) -> None:
    bench.canvas.set_view(view())
    bench.receive(make_picture(1000, 600, RED))
    newest = make_picture(1000, 600, BLUE)
    bench.receive(newest)
    assert colour(bench.grab(), 10, 10) == BLUE
    bench.grab()
    assert bench.painted == [newest]


class PaintCount(QObject):
    """Counts the paints of a canvas."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__()
        self.count = 0
        canvas.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  # Qt's name
        self.count += event.type() is QEvent.Type.Paint
        return False


def test_new_self_view_does_not_paint_part_of_a_new_remote_picture(
    qtbot: QtBot, bench: Bench, make_picture: MakePicture
) -> None:
    bench.canvas.set_view(view())
    paints = PaintCount(bench.canvas)
    first, second = make_picture(1000, 600, RED), make_picture(1000, 600, BLUE)
    bench.receive(first)
    qtbot.waitUntil(lambda: bench.painted == [first])
    bench.remote.put(second)
    bench.own.put(make_picture(220, 124, GREEN))
    before = paints.count
    bench.canvas.take_own()
    qtbot.waitUntil(lambda: paints.count > before)
    assert bench.painted == [first]
    bench.canvas.take_remote()
    qtbot.waitUntil(lambda: bench.painted == [first, second])


def test_new_self_view_is_painted_with_the_next_remote_picture(
    qtbot: QtBot, bench: Bench, make_picture: MakePicture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(canvas_module, "OWN_WAIT_MS", 20)
    bench.canvas.set_view(view())
    bench.receive(first := make_picture(1000, 600, RED))
    qtbot.waitUntil(lambda: bench.painted == [first])
    paints = PaintCount(bench.canvas)
    bench.own.put(make_picture(220, 124, GREEN))
    bench.canvas.take_own()
    bench.receive(make_picture(1000, 600, RED))
    later = QTimer(singleShot=True, interval=60)
    with qtbot.waitSignal(later.timeout):
        later.start()
    assert paints.count == 1
    assert colour(bench.grab(), *OWN_PLACE) == GREEN


def test_requested_sizes_follow_the_window(bench: Bench) -> None:
    bench.canvas.set_view(view())
    bench.canvas.resize(640, 480)
    assert bench.wanted.remote_px == (640, 480)
    assert bench.wanted.own_px == (141, 173)


def test_self_view_of_the_last_call_is_gone_at_the_next_ring(
    bench: Bench, make_picture: MakePicture
) -> None:
    bench.canvas.set_view(view())
    bench.own.put(make_picture(220, 124, GREEN))
    assert colour(bench.grab(), *OWN_PLACE) == GREEN
    for stage in (Stage.WAITING, Stage.INCOMING):
        bench.canvas.set_view(view(stage))
        assert colour(bench.grab(), *OWN_PLACE) != GREEN
    bench.own.put(make_picture(220, 124, GREEN))
    assert colour(bench.grab(), *OWN_PLACE) == GREEN


def test_hidden_window_requests_no_pictures(bench: Bench) -> None:
    bench.canvas.hide()
    assert bench.wanted == DisplaySizes()


def test_minimised_window_requests_no_pictures(qtbot: QtBot, bench: Bench) -> None:
    bench.canvas.showMinimized()
    qtbot.waitUntil(lambda: bench.wanted == DisplaySizes())
    bench.canvas.showNormal()
    qtbot.waitUntil(lambda: bench.wanted.remote_px != (0, 0))


def test_sizes_are_requested_before_the_window_is_shown(qtbot: QtBot) -> None:
    bench = Bench(WindowSettings())
    qtbot.addWidget(bench.canvas, before_close_func=lambda _: bench.canvas.leave())
    assert bench.wanted.remote_px != (0, 0)


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (RemotePicture.EXPECTED, "Waiting for Alice's picture"),
        (RemotePicture.NONE, "Alice sends no picture"),
        (RemotePicture.HIDDEN, "Alice has turned the camera off"),
    ],
)
def test_call_without_a_picture_says_why(bench: Bench, state: RemotePicture, sentence: str) -> None:
    bench.canvas.set_view(view(remote_picture=state))
    assert sentence in text_shown(bench)


def test_pause_of_the_pictures_is_a_label_on_the_last_one(
    bench: Bench, make_picture: MakePicture
) -> None:
    bench.canvas.set_view(view())
    bench.receive(make_picture(1000, 600, RED))
    assert colour(bench.grab(), 500, 30) == RED
    bench.canvas.set_view(view(remote_picture=RemotePicture.PAUSED))
    assert text_shown(bench) == ""
    picture = bench.grab()
    assert colour(picture, 500, 300) == RED
    assert colour(picture, 500, 30) != RED


def test_first_picture_removes_the_text(bench: Bench, make_picture: MakePicture) -> None:
    bench.canvas.set_view(view(remote_picture=RemotePicture.EXPECTED))
    bench.receive(make_picture(1000, 600, RED))
    assert text_shown(bench) == ""
    assert colour(bench.grab(), 500, 300) == RED


def test_ended_call_says_why_over_the_dimmed_last_picture(
    bench: Bench, make_picture: MakePicture
) -> None:
    bench.canvas.set_view(view())
    bench.receive(make_picture(1000, 600, RED))
    bench.grab()
    ending = Ending(EndCause.REJECTED, ExitStatus.REFUSED, peer_name="Alice", reason="busy")
    bench.canvas.set_view(view(Stage.ENDED, ending=ending))
    assert "Alice is in another call\nTry again later\npress any key to close" in text_shown(bench)
    red, green, blue = colour(bench.grab(), 10, 10)
    assert max(green, blue) < red < 100


def test_name_is_text_and_never_markup(bench: Bench) -> None:
    bench.canvas.set_view(view(Stage.INCOMING, peer=PeerView("<b>Alice</b>")))
    labels = bench.canvas.findChildren(QLabel)
    assert all(label.textFormat() is Qt.TextFormat.PlainText for label in labels)
    assert "<b>Alice</b> calls" in text_shown(bench)


def test_i_shows_and_hides_the_figures(
    qtbot: QtBot, bench: Bench, make_picture: MakePicture
) -> None:
    bench.canvas.set_view(view(figures=FIGURES))
    bench.receive(make_picture(1000, 600, RED))
    without = bench.grab()
    QTest.keyClicks(bench.canvas, "i")
    assert colour(bench.grab(), 24, 24) != RED
    assert colour(bench.grab(), 900, 24) == RED
    QTest.keyClicks(bench.canvas, "i")
    assert bench.grab() == without


def test_figures_are_below_the_banner_and_do_not_cover_it(
    bench: Bench, make_picture: MakePicture
) -> None:
    bench.canvas.set_view(view(figures=FIGURES, remote_picture=RemotePicture.PAUSED))
    bench.receive(make_picture(1000, 600, RED))
    label = bench.grab().copy(0, 0, 1000, 55)
    QTest.keyClicks(bench.canvas, "i")
    shown = bench.grab()
    assert shown.copy(0, 0, 1000, 55) == label
    assert colour(shown, 24, 80) != RED


def test_last_picture_is_darker_while_the_link_is_lost(
    bench: Bench, make_picture: MakePicture
) -> None:
    bench.receive(make_picture(1000, 600, RED, RED))
    bench.canvas.set_view(view())
    assert colour(bench.grab(), 100, 300) == RED
    bench.canvas.set_view(view(is_reconnecting=True))
    assert 80 < colour(bench.grab(), 100, 300)[0] < 180
    bench.canvas.set_view(view())
    assert colour(bench.grab(), 100, 300) == RED


def test_question_mark_shows_and_f1_hides_the_list_of_keys(
    qtbot: QtBot, bench: Bench, make_picture: MakePicture
) -> None:
    bench.canvas.set_view(view())
    bench.receive(make_picture(1000, 600, RED))
    QTest.keyClicks(bench.canvas, "?")
    assert colour(bench.grab(), 500, 240) != RED
    QTest.keyClick(bench.canvas, Qt.Key.Key_F1)
    assert colour(bench.grab(), 500, 240) == RED


def test_new_stage_hides_the_list_of_keys(bench: Bench) -> None:
    bench.canvas.set_view(view(stage=Stage.WAITING))
    without = bench.grab()
    QTest.keyClicks(bench.canvas, "?")
    assert bench.grab() != without
    bench.canvas.set_view(view(stage=Stage.INCOMING))
    bench.canvas.set_view(view(stage=Stage.WAITING))
    assert bench.grab() == without


def test_words_to_read_lie_over_the_picture(bench: Bench, make_picture: MakePicture) -> None:
    bench.canvas.set_view(view(words_task=WordsTask.READ_ALOUD))
    bench.receive(make_picture(1000, 600, RED))
    image = bench.grab()
    assert colour(image, 500, 24) != RED
    assert colour(image, 20, 24) == RED


def test_f_enters_full_screen_and_escape_leaves_it(qtbot: QtBot, bench: Bench) -> None:
    bench.canvas.set_view(view())
    QTest.keyClicks(bench.canvas, "f")
    assert bench.canvas.isFullScreen()
    QTest.keyClick(bench.canvas, Qt.Key.Key_Escape)
    assert not bench.canvas.isFullScreen()
    assert bench.events == []
    QTest.keyClick(bench.canvas, Qt.Key.Key_Escape)
    assert bench.events == [UserEvent.HANG_UP]


def test_double_click_enters_full_screen(qtbot: QtBot, bench: Bench) -> None:
    QTest.mouseDClick(bench.canvas, Qt.MouseButton.LeftButton)
    assert bench.canvas.isFullScreen()


def test_close_button_asks_the_program_to_quit(bench: Bench) -> None:
    bench.canvas.close()
    assert bench.events == [UserEvent.QUIT]
    assert bench.canvas.isVisible()


def test_second_close_closes_the_window_of_an_unresponsive_program(
    qtbot: QtBot, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(canvas_module, "CLOSE_PATIENCE_MS", 0)
    bench.canvas.close()
    with qtbot.waitSignal(bench.canvas.closed):
        qtbot.waitUntil(lambda: bench.canvas.close() or not bench.canvas.isVisible())


def test_screen_reader_is_told_the_sentence(bench: Bench) -> None:
    bench.canvas.set_view(view(Stage.INCOMING))
    assert bench.canvas.accessibleName() == "Alice calls"
    assert bench.canvas.accessibleDescription() == "From 10.0.0.2\nNot verified"
