"""The canvas without a screen: its painting, and the picture sizes that it requests."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QObject, QTimer
from pytestqt.qtbot import QtBot

from core.call_statistics import CallState, CallStatistics
from media.video.display_picture import DisplayPicture
from tests.support.window_bench import BLUE, GREEN, RED, WindowBench, colour, view
from ui.view import Stage
from ui.window import canvas as canvas_module
from ui.window.canvas import Canvas

FIGURES = CallStatistics(t_s=1.0, state=CallState.CALL, peer="Alice")
OWN_PLACE = (1000 - 16 - 110, 600 - 16 - 50)
"""Near the middle of the self view in a canvas of 1000 x 600."""

MakePicture = Callable[..., DisplayPicture]
MakeBench = Callable[..., WindowBench]


def test_wide_picture_fills_the_width_and_keeps_its_shape(
    bench: WindowBench, make_picture: MakePicture
) -> None:
    bench.window.set_view(view())
    bench.receive(make_picture(1000, 400, RED, BLUE))
    image = bench.grab()
    assert colour(image, 0, 100) == RED
    assert colour(image, 999, 100) == BLUE
    assert colour(image, 499, 499) == RED
    assert colour(image, 500, 499) == BLUE
    assert max(colour(image, 500, 99)) < 32
    assert max(colour(image, 500, 500)) < 32


def test_picture_of_another_size_is_scaled_to_fit(
    bench: WindowBench, make_picture: MakePicture
) -> None:
    bench.window.set_view(view())
    bench.receive(make_picture(300, 400, RED, BLUE))
    image = bench.grab()
    assert colour(image, 280, 5) == RED
    assert colour(image, 720, 595) == BLUE
    assert max(colour(image, 270, 300)) < 32
    assert max(colour(image, 730, 300)) < 32


def test_picture_with_padded_rows_is_not_skewed(
    bench: WindowBench, make_picture: MakePicture
) -> None:
    bench.window.set_view(view())
    picture = make_picture(801, 600, RED, BLUE)
    assert picture.bgra.planes[0].line_size > 801 * 4
    bench.receive(picture)
    image = bench.grab()
    assert colour(image, 110, 595) == RED
    assert colour(image, 890, 5) == BLUE


@pytest.mark.parametrize(("is_mirrored", "left"), [(True, BLUE), (False, RED)])
def test_self_view_is_mirrored_by_the_setting(
    make_bench: MakeBench,
    make_picture: MakePicture,
    is_mirrored: bool,
    left: tuple[int, int, int],
) -> None:
    bench = make_bench(mirror_self_view=is_mirrored)
    bench.window.set_view(view())
    bench.receive(make_picture(1000, 600, GREEN))
    bench.own.put(make_picture(220, 124, RED, BLUE))
    image = bench.grab()
    x, y = OWN_PLACE
    assert colour(image, x - 60, y) == left
    assert {colour(image, x - 60, y), colour(image, x + 60, y)} == {RED, BLUE}
    assert colour(image, x - 120, y) == GREEN


def test_hidden_self_view_is_neither_painted_nor_requested(
    bench: WindowBench, make_picture: MakePicture
) -> None:
    bench.receive(make_picture(1000, 600, GREEN))
    bench.own.put(make_picture(220, 124, RED))
    bench.window.set_view(view())
    assert bench.wanted.own_px == (220, 216)
    bench.window.set_view(view(is_camera_off=True))
    x, y = OWN_PLACE
    assert colour(bench.grab(), x, y - 30) == GREEN
    assert bench.wanted.own_px == (0, 0)


def test_painted_picture_is_reported_once(bench: WindowBench, make_picture: MakePicture) -> None:
    bench.window.set_view(view())
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
    qtbot: QtBot, bench: WindowBench, make_picture: MakePicture
) -> None:
    bench.window.set_view(view())
    paints = PaintCount(bench.window.canvas)
    first, second = make_picture(1000, 600, RED), make_picture(1000, 600, BLUE)
    bench.receive(first)
    qtbot.waitUntil(lambda: bench.painted == [first])
    bench.remote.put(second)
    bench.own.put(make_picture(220, 124, GREEN))
    before = paints.count
    bench.window.take_own()
    qtbot.waitUntil(lambda: paints.count > before)
    assert bench.painted == [first]
    bench.window.take_remote()
    qtbot.waitUntil(lambda: bench.painted == [first, second])


def test_new_self_view_is_painted_with_the_next_remote_picture(
    qtbot: QtBot, bench: WindowBench, make_picture: MakePicture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(canvas_module, "OWN_WAIT_MS", 20)
    bench.window.set_view(view())
    bench.receive(first := make_picture(1000, 600, RED))
    qtbot.waitUntil(lambda: bench.painted == [first])
    paints = PaintCount(bench.window.canvas)
    bench.own.put(make_picture(220, 124, GREEN))
    bench.window.take_own()
    bench.receive(make_picture(1000, 600, RED))
    later = QTimer(singleShot=True, interval=60)
    with qtbot.waitSignal(later.timeout):
        later.start()
    assert paints.count == 1
    assert colour(bench.grab(), *OWN_PLACE) == GREEN


def test_requested_sizes_follow_the_window(bench: WindowBench) -> None:
    bench.window.set_view(view())
    bench.window.resize(640, 480)
    assert bench.wanted.remote_px == (640, 480)
    assert bench.wanted.own_px == (141, 173)


def test_self_view_of_the_last_call_is_gone_at_the_next_ring(
    bench: WindowBench, make_picture: MakePicture
) -> None:
    bench.window.set_view(view())
    bench.own.put(make_picture(220, 124, GREEN))
    assert colour(bench.grab(), *OWN_PLACE) == GREEN
    for stage in (Stage.WAITING, Stage.INCOMING):
        bench.window.set_view(view(stage))
        assert colour(bench.grab(), *OWN_PLACE) != GREEN
    bench.own.put(make_picture(220, 124, GREEN))
    assert colour(bench.grab(), *OWN_PLACE) == GREEN


def test_last_picture_is_darker_while_the_link_is_lost(
    bench: WindowBench, make_picture: MakePicture
) -> None:
    bench.receive(make_picture(1000, 600, RED, RED))
    bench.window.set_view(view())
    assert colour(bench.grab(), 100, 300) == RED
    bench.window.set_view(view(is_reconnecting=True))
    assert 80 < colour(bench.grab(), 100, 300)[0] < 180
    bench.window.set_view(view())
    assert colour(bench.grab(), 100, 300) == RED
