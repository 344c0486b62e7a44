"""The self-view: dragged to a corner, resized and hidden."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from media.video.display_picture import DisplayPicture
from tests.support.window_bench import GREEN, RED, WindowBench, colour, view
from ui.window.geometry import Box, Corner
from ui.window.self_view import LARGEST_SHARE, SMALLEST_SHARE, SelfView

CANVAS_PX = (1000, 600)
PICTURE_PX = (220, 124)
MARGIN_PX = 16

MakePicture = Callable[..., DisplayPicture]


@pytest.fixture
def call(bench: WindowBench, make_picture: MakePicture) -> WindowBench:
    """Return a call with both pictures: the other peer's is red, our own green."""
    bench.window.set_view(view())
    bench.receive(make_picture(1000, 600, RED))
    bench.own.put(make_picture(220, 124, GREEN))
    bench.grab()
    return bench


def place(self_view: SelfView) -> Box:
    return self_view.place(PICTURE_PX, CANVAS_PX, MARGIN_PX)


def drag(bench: WindowBench, start: tuple[int, int], end: tuple[int, int]) -> None:
    canvas = bench.window.canvas
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(*start))
    QTest.mouseMove(canvas, QPoint(*end))
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(*end))


@pytest.mark.parametrize(
    ("end", "corner", "inside"),
    [
        ((100, 100), Corner.TOP_LEFT, (60, 60)),
        ((900, 80), Corner.TOP_RIGHT, (940, 60)),
        ((120, 500), Corner.BOTTOM_LEFT, (60, 540)),
        ((800, 520), Corner.BOTTOM_RIGHT, (940, 520)),
    ],
)
def test_dragged_picture_goes_into_the_nearest_corner(
    call: WindowBench, end: tuple[int, int], corner: Corner, inside: tuple[int, int]
) -> None:
    drag(call, (860, 500), end)
    assert call.window.canvas.self_view.corner is corner
    assert colour(call.grab(), *inside) == GREEN


def test_picture_follows_the_pointer_while_it_is_dragged() -> None:
    self_view = SelfView()
    box = place(self_view)
    assert self_view.press((box.x + 100, box.y + 50), box, 1.0)
    self_view.move((500, 300), CANVAS_PX, MARGIN_PX)
    assert place(self_view) == Box(400, 250, *PICTURE_PX)


def test_picture_stays_on_the_canvas_while_it_is_dragged() -> None:
    self_view = SelfView()
    box = place(self_view)
    self_view.press((box.x + 100, box.y + 50), box, 1.0)
    self_view.move((-500, 5000), CANVAS_PX, MARGIN_PX)
    assert place(self_view) == Box(0, 600 - 124, *PICTURE_PX)


def test_inner_corner_resizes_the_picture(call: WindowBench) -> None:
    former = call.wanted.own_px
    drag(call, (1000 - 16 - 220, 600 - 16 - 124), (1000 - 16 - 330, 400))
    assert call.window.canvas.self_view.corner is Corner.BOTTOM_RIGHT
    assert abs(call.wanted.own_px[0] - 330) <= 1
    assert call.wanted.own_px[1] > former[1]


def test_size_has_limits() -> None:
    self_view = SelfView()
    for _ in range(20):
        self_view.grow()
    assert self_view.room(CANVAS_PX)[0] == round(1000 * LARGEST_SHARE)
    for _ in range(20):
        self_view.shrink()
    assert self_view.room(CANVAS_PX)[0] == round(1000 * SMALLEST_SHARE)


def test_o_hides_and_shows_the_own_picture_without_the_camera(call: WindowBench) -> None:
    QTest.keyClicks(call.window, "o")
    assert colour(call.grab(), 940, 500) == RED
    assert call.wanted.own_px == (0, 0)
    assert call.events == []
    QTest.keyClicks(call.window, "o")
    assert colour(call.grab(), 940, 500) == GREEN


def test_press_beside_the_picture_drags_nothing(call: WindowBench) -> None:
    drag(call, (300, 300), (100, 100))
    assert call.window.canvas.self_view.corner is Corner.BOTTOM_RIGHT


def test_small_window_is_on_top_and_t_makes_it_large_again(call: WindowBench) -> None:
    former = call.window.geometry()
    QTest.keyClicks(call.window, "t")
    assert call.window.windowFlags() & Qt.WindowType.WindowStaysOnTopHint
    assert call.window.width() < 500
    assert call.window.isVisible()
    QTest.keyClicks(call.window, "t")
    assert not call.window.windowFlags() & Qt.WindowType.WindowStaysOnTopHint
    assert call.window.geometry() == former
