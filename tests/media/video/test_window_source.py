"""Single windows as a source, on a display without a window manager."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing

import pytest

from media.errors import SourceError
from media.video.camera_spec import Screen
from media.video.screen_list import list_screens
from media.video.settings import VideoSettings
from media.video.window_source import WindowSource
from tests.support.deadline import DEADLINE_S
from tests.support.manual_clock import ManualClock
from tests.support.own_screen import own_screen, why_no_screen
from tests.support.peer_process import wait_until

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="needs Xvfb, which runs on Linux only"
)
WINDOWS = """
import sys
from PySide6.QtCore import QSocketNotifier
from PySide6.QtWidgets import QApplication, QWidget
application = QApplication([])
windows = []
for title, colour, place in (
    ("Green note", "#1edc1e", 0), ("Red letter", "#dc1e1e", 10), ("Blue sheet", "#1e1edc", 20)
):
    window = QWidget()
    window.setStyleSheet(f"background: {colour}")
    window.setWindowTitle(title)
    window.setGeometry(place, place, 200, 120)
    window.show()
    windows.append(window)
notifier = QSocketNotifier(0, QSocketNotifier.Type.Read)
notifier.activated.connect(lambda: (notifier.setEnabled(False), windows[0].close()))
application.exec()
"""
"""Three windows, of which the later ones cover most of the earlier; a line closes the first."""
RED, BLUE = (30, 30, 220), (220, 30, 30)
"""Blue, green, red."""


@pytest.fixture(scope="module", name="windows")
def _windows() -> Iterator["subprocess.Popen[bytes]"]:
    if (why := why_no_screen()) is not None:
        pytest.skip(why)
    with own_screen() as screen, pytest.MonkeyPatch.context() as environment:
        environment.setenv("DISPLAY", screen.display)
        environment.delenv("WAYLAND_DISPLAY", raising=False)
        program = subprocess.Popen(
            [sys.executable, "-c", WINDOWS],
            env=os.environ | {"QT_QPA_PLATFORM": "xcb"},
            stdin=subprocess.PIPE,
        )
        try:
            yield program
        finally:
            program.kill()
            program.communicate(timeout=DEADLINE_S)


def find(title: str) -> Screen:
    """Return a window once it is listed."""
    found: list[Screen] = []

    def look() -> bool:
        found[:] = [each.spec for each in list_screens().screens if each.spec.title == title]
        return bool(found)

    wait_until(look, f"the window {title!r} is listed")
    return found[0]


def test_screen_is_listed_before_the_windows_of_other_programs(
    windows: "subprocess.Popen[bytes]",
) -> None:
    for title in ("Red letter", "Blue sheet"):
        find(title)
    listed = list_screens()
    assert listed.problem is None
    screen, *others = listed.screens
    assert (screen.spec, screen.width_px, screen.height_px) == (Screen(1), 1280, 900)
    assert {"Red letter", "Blue sheet"} <= {each.spec.title for each in others}


def test_wayland_desktop_lists_the_windows_of_x_programs_alone(
    windows: "subprocess.Popen[bytes]", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    find("Red letter")
    listed = list_screens()
    assert all(each.spec.window for each in listed.screens)
    assert listed.problem is not None
    assert "Wayland" in listed.problem.sentence
    assert "X11" in listed.problem.next_step


@pytest.mark.parametrize(("title", "colour"), [("Red letter", RED), ("Blue sheet", BLUE)])
def test_window_is_read_whole_where_another_one_covers_it(
    windows: "subprocess.Popen[bytes]", title: str, colour: tuple[int, int, int]
) -> None:
    clock = ManualClock()
    with closing(WindowSource(find(title).window, VideoSettings(), clock)) as source:
        source.open()

        def is_painted() -> bool:
            clock.us += 1_000_000
            picture = source.read(0)
            if picture is None:
                return False
            assert (picture.format.name, picture.width, picture.height) == ("bgra", 200, 120)
            pixels = picture.to_ndarray()
            return all(tuple(pixels[y, x, :3]) == colour for y, x in ((2, 2), (117, 197), (60, 99)))

        wait_until(is_painted, "all of the window is read")


def test_window_that_is_closed_is_a_source_error(windows: "subprocess.Popen[bytes]") -> None:
    clock = ManualClock()
    with closing(WindowSource(find("Green note").window, VideoSettings(), clock)) as source:
        source.open()
        assert windows.stdin is not None
        windows.stdin.write(b"\n")
        windows.stdin.flush()

        def is_gone() -> bool:
            clock.us += 1_000_000
            try:
                source.read(0)
            except SourceError as error:
                return "closed" in error.sentence
            return False

        wait_until(is_gone, "the window is gone")


def test_window_that_is_not_there_cannot_be_opened(windows: "subprocess.Popen[bytes]") -> None:
    source = WindowSource(0x7FFFFF, VideoSettings(), ManualClock())
    with closing(source), pytest.raises(SourceError, match="closed"):
        source.open()


@pytest.mark.parametrize("display", [None, ":987"])
def test_display_that_is_not_there_lists_nothing_and_says_why(
    monkeypatch: pytest.MonkeyPatch, display: str | None
) -> None:
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    if display is None:
        monkeypatch.delenv("DISPLAY", raising=False)
    else:
        monkeypatch.setenv("DISPLAY", display)
    listed = list_screens()
    assert listed.screens == ()
    assert listed.problem is not None
    assert listed.problem.next_step
