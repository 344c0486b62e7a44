import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from media.errors import SourceError
from media.video import screen as screen_module
from media.video.screen import ScreenSource, check_desktop, may_record_macos
from media.video.settings import VideoSettings
from tests.support.manual_clock import ManualClock

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="needs Xvfb, which runs on Linux only"
)


def start_display() -> tuple["subprocess.Popen[bytes]", str]:
    reading, writing = os.pipe()
    process = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "320x200x24", "-nolisten", "tcp"],
        pass_fds=[writing],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as numbers:
        return process, ":" + numbers.readline().strip()


@pytest.fixture
def display(
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator["subprocess.Popen[bytes]"]:
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is not installed")
    process, name = start_display()
    monkeypatch.setenv("DISPLAY", name)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    yield process
    process.terminate()
    process.wait(10)


def test_screen_is_read_at_the_requested_rate(display: object) -> None:
    clock = ManualClock()
    source = ScreenSource(VideoSettings(frame_rate_hz=10), clock)
    source.open()
    pictures = []
    for _ in range(20):
        pictures.append(source.read(0))
        clock.us += 25_000
    captured = [picture for picture in pictures if picture is not None]
    assert len(captured) == 5
    assert {(p.format.name, p.width, p.height) for p in captured} == {("bgra", 320, 200)}
    first, second = (bytes(memoryview(p.planes[0])) for p in captured[:2])
    assert first == second
    source.close()
    source.close()


def test_screen_that_disappears_is_a_source_error(
    display: "subprocess.Popen[bytes]",
) -> None:
    clock = ManualClock()
    source = ScreenSource(VideoSettings(), clock)
    source.open()
    assert source.read(0) is not None
    display.terminate()
    display.wait(10)
    clock.us += 1_000_000
    with pytest.raises(SourceError, match="gone"):
        source.read(0)
    source.close()


@pytest.mark.parametrize(
    ("display_name", "wayland", "sentence"),
    [
        (None, None, "No screen was found"),
        (None, "wayland-0", "Wayland, which gives whole screens only through a portal"),
        (":987", "wayland-0", "Wayland, which gives whole screens only through a portal"),
        (":987", None, "cannot be read"),
        ("nonsense", None, "cannot be read"),
    ],
)
def test_error_about_a_missing_screen_names_the_cause(
    monkeypatch: pytest.MonkeyPatch, display_name: str | None, wayland: str | None, sentence: str
) -> None:
    for name, value in (("DISPLAY", display_name), ("WAYLAND_DISPLAY", wayland)):
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    source = ScreenSource(VideoSettings(), ManualClock())
    with pytest.raises(SourceError, match=sentence) as caught:
        source.open()
    assert caught.value.next_step
    source.close()


def test_wayland_desktop_with_an_x_display_is_refused_and_not_sent_black(
    display: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    source = ScreenSource(VideoSettings(), ManualClock())
    with pytest.raises(SourceError, match="Wayland") as caught:
        source.open()
    assert "a window of the list" in caught.value.next_step
    assert "X11" in caught.value.next_step
    source.close()


def test_macos_without_the_permission_names_it_and_where_it_is_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(screen_module, "may_record_macos", lambda: False)
    with pytest.raises(SourceError, match="macOS does not let this program") as caught:
        check_desktop("darwin")
    assert "System Settings, Privacy & Security, Screen Recording" in caught.value.next_step
    monkeypatch.setattr(screen_module, "may_record_macos", lambda: True)
    check_desktop("darwin")


@pytest.mark.parametrize(("may_already", "is_granted"), [(1, 0), (0, 1), (0, 0)])
def test_macos_is_asked_once_for_the_permission(
    tmp_path: Path, may_already: int, is_granted: int
) -> None:
    source = tmp_path / "graphics.c"
    source.write_text(
        f"_Bool CGPreflightScreenCaptureAccess(void) {{ return {may_already}; }}\n"
        f"_Bool CGRequestScreenCaptureAccess(void) {{ return {is_granted}; }}\n"
    )
    library = tmp_path / "graphics.so"
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("needs a C compiler: apt install gcc")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source], check=True)
    assert may_record_macos(str(library)) is bool(may_already or is_granted)


def test_macos_before_the_permission_existed_asks_nobody(tmp_path: Path) -> None:
    assert may_record_macos(str(tmp_path / "none.so"))
