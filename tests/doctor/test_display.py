"""doctor/display.py: a screen that is missing or cannot be reached is named."""

import pytest

from doctor.display import check_display
from doctor.finding import Mark


@pytest.fixture(autouse=True)
def _no_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)


def test_missing_screen_is_a_warning_because_a_call_does_without() -> None:
    [finding] = check_display(is_headless=False)
    assert finding.mark is Mark.WARNING
    assert "DISPLAY" in finding.sentence
    assert "terminal" in finding.next_step


def test_unreachable_screen_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":9876")
    [finding] = check_display(is_headless=False)
    assert finding.mark is Mark.WARNING
    assert ":9876" in finding.sentence


def test_unknown_platform_is_named_with_the_command_that_removes_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "cinema")
    [finding] = check_display(is_headless=False)
    assert finding.mark is Mark.WARNING
    assert "cinema" in finding.sentence
    assert "`unset QT_QPA_PLATFORM`" in finding.next_step


def test_screen_that_opens_is_fine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    [finding] = check_display(is_headless=False)
    assert finding.mark is Mark.OK


def test_screen_is_not_tried_if_no_window_is_wanted() -> None:
    [finding] = check_display(is_headless=True)
    assert finding.mark is Mark.OK
