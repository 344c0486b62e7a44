"""The check for a screen on which a window can be opened, and the problems that it names."""

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from ui.window import screen_probe
from ui.window.screen_probe import ScreenProbe, explain_failure, find_screen_problem

SCREEN_NAMES = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")

pytestmark = pytest.mark.skipif(
    sys.platform in ("darwin", "win32"), reason="a screen is named by the environment on Linux"
)


@pytest.fixture(autouse=True)
def no_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SCREEN_NAMES:
        monkeypatch.delenv(name, raising=False)


def refuse_child(*_: object, **__: object) -> None:
    raise AssertionError("a child process was started")


def test_missing_display_is_detected_without_a_child_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(subprocess, "Popen", refuse_child)
    problem = find_screen_problem()
    assert problem is not None
    assert "DISPLAY" in problem


def test_empty_display_counts_as_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", "")
    monkeypatch.setattr(subprocess, "Popen", refuse_child)
    assert find_screen_problem() is not None


def test_stale_display_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":65123")
    problem = find_screen_problem()
    assert problem is not None
    assert "DISPLAY ':65123' cannot be reached" in problem
    assert "\n" not in problem


def test_stale_wayland_display_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-65123")
    problem = find_screen_problem()
    assert problem is not None
    assert "'wayland-65123'" in problem


def test_offscreen_counts_as_a_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert find_screen_problem() is None


def test_real_screen_has_no_problem(screen: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", screen)
    assert find_screen_problem() is None


def test_unknown_platform_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "punched-cards")
    problem = find_screen_problem()
    assert problem is not None
    assert "'punched-cards'" in problem


def test_unresponsive_screen_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":65123")
    monkeypatch.setattr(screen_probe, "CHILD_LIMIT_S", 0.0)
    problem = find_screen_problem()
    assert problem is not None
    assert "did not answer" in problem


def test_probe_that_nobody_asks_ends_when_it_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    started: list[subprocess.Popen[bytes]] = []
    start = subprocess.Popen

    def start_and_note(*words: Any, **options: Any) -> subprocess.Popen[bytes]:
        started.append(start(*words, **options))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", start_and_note)
    with ScreenProbe():
        pass
    assert [child.returncode is not None for child in started] == [True]


@pytest.mark.parametrize(
    ("said", "named"),
    [
        (
            "Cannot load library libqxcb.so: (libxcb-cursor.so.0: cannot open shared object "
            "file: No such file or directory)",
            ("libxcb-cursor.so.0", "sudo apt install libxcb-cursor0"),
        ),
        (
            "ImportError: libEGL.so.1: cannot open shared object file: No such file or directory",
            ("libEGL.so.1", "sudo apt install libegl1"),
        ),
        (
            "ImportError: libodd.so.7: cannot open shared object file: No such file or directory",
            ("libodd.so.7",),
        ),
        ("ModuleNotFoundError: No module named 'PySide6'", ("PySide6", "make setup")),
        ("Segmentation fault", ("Segmentation fault",)),
        ("", ("Qt cannot open a window",)),
    ],
)
def test_cause_is_named_with_its_next_step(said: str, named: tuple[str, ...]) -> None:
    sentence = explain_failure(said)
    assert all(name in sentence for name in named)


def test_screen_probe_does_not_import_qt(run_python: Callable[..., str]) -> None:
    said = run_python(
        "import sys, ui.window.screen_probe, ui.view, ui.window.settings, "
        "media.video.display_sizes, ui.wording, ui.window.shown_picture, ui.window.geometry; "
        "print([name for name in sys.modules if name.startswith('PySide6')])"
    )
    assert said.strip() == "[]"


WINDOW_BESIDE_IMPORTS = """
import sys, threading, types
from ui.window.screen_probe import ScreenProbe

def import_and_forget():
    names, module = [f"made_up_{number}" for number in range(400)], types.ModuleType("made_up")
    while True:
        for name in names:
            sys.modules[name] = module
        for name in names:
            del sys.modules[name]

sys.setswitchinterval(1e-6)
with ScreenProbe() as probe:
    probe.load_binding()
    threading.Thread(target=import_and_forget, daemon=True).start()
    import PySide6.QtWidgets
"""


def test_window_is_loaded_while_other_threads_import(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    tries = [
        subprocess.Popen([sys.executable, "-c", WINDOW_BESIDE_IMPORTS], stderr=subprocess.PIPE)
        for _ in range(4)  # Without the binding, each failed two times of three.
    ]
    said = [each.communicate()[1].decode() for each in tries]
    assert [each.returncode for each in tries] == [0] * 4, said
