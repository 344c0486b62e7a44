"""ui/window/announcer.py: what a screen reader says by itself."""

import pytest
from msgspec.structs import replace
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent

from tests.support.window_bench import WindowBench, view
from ui.call_notice import CallNotice, CallNoticeKind
from ui.sharing import SharingNotice, SharingProblem, SharingView
from ui.view import Stage


@pytest.fixture
def said(bench: WindowBench, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what screen readers are told from now on, in a call."""
    bench.window.set_view(view())
    told: list[str] = []

    def note(event: QAccessibleAnnouncementEvent) -> None:
        told.append(event.message())

    monkeypatch.setattr(QAccessible, "updateAccessibility", note)
    return told


def test_each_new_stage_is_announced_once(bench: WindowBench, said: list[str]) -> None:
    for _ in range(2):
        bench.window.set_view(view(Stage.INCOMING))
    assert said == ["Alice calls"]


def test_each_notice_is_announced_once(bench: WindowBench, said: list[str]) -> None:
    missing = SharingNotice(1, SharingProblem.NO_SUCH_FILE, "a.txt")
    shown = view(sharing=SharingView(notice=missing))
    for _ in range(2):
        bench.window.set_view(shown)
    saved = CallNotice(1, CallNoticeKind.SNAPSHOT_SAVED, "Alice", "/x.png")
    for _ in range(2):
        bench.window.set_view(replace(shown, call_notice=saved))
    assert said == [
        "There is no file a.txt. Check its name",
        "The picture is saved in /x.png",
    ]
