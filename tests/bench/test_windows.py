"""bench/windows.py: the places of windows in xdotool's output."""

from bench.screen import SCREEN_PX
from bench.windows import read_windows
from ui.window.geometry import Box


def geometry(window: int, box: Box) -> str:
    x, y, width, height = box
    return f"WINDOW={window}\nX={x}\nY={y}\nWIDTH={width}\nHEIGHT={height}\nSCREEN=0\n"


def test_screen_and_invisible_windows_are_left_out() -> None:
    wanted = Box(0, 0, 1280, 720)
    boxes = (Box(0, 0, *SCREEN_PX), wanted, Box(-1, -1, 1, 1))
    assert read_windows("".join(geometry(n, box) for n, box in enumerate(boxes))) == [wanted]


def test_screen_without_windows_has_none() -> None:
    assert read_windows("") == []
