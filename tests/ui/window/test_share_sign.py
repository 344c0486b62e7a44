"""ui/window/share_sign.py: who shares sees it, and stops it with one press."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.support.window_bench import WindowBench, view
from ui.device_view import DevicesView, ScreensView
from ui.view import Stage, UserEvent, VoiceNotice, WordsTask

SHARING = DevicesView(screens=ScreensView(is_shared=True))


def click(bench: WindowBench) -> None:
    QTest.mouseClick(bench.window.parts.share_sign, Qt.MouseButton.LeftButton)


def press_enter(bench: WindowBench) -> None:
    bench.window.parts.share_sign.setFocus()
    QTest.keyClick(bench.window.parts.share_sign, Qt.Key.Key_Return)


@pytest.mark.parametrize("press", [click, press_enter])
def test_sign_stops_the_sharing(bench: WindowBench, press: Callable[[WindowBench], None]) -> None:
    bench.window.set_view(view(devices=SHARING))
    sign = bench.window.parts.share_sign
    assert sign.isVisible()
    assert sign.accessibleName() == "Stop sharing your screen"
    assert sign.accessibleDescription() == "You are sharing your screen"
    press(bench)
    assert bench.events == [UserEvent.SHARE_SCREEN]


def test_sign_is_there_only_while_the_screen_is_shared(bench: WindowBench) -> None:
    sign = bench.window.parts.share_sign
    bench.window.set_view(view())
    assert sign.isHidden()
    bench.window.set_view(view(devices=SHARING))
    assert sign.isVisible()
    bench.window.set_view(view(Stage.ENDED, devices=SHARING))
    assert sign.isHidden()


def test_sign_covers_no_other_message(bench: WindowBench) -> None:
    bench.window.set_view(view())
    for size in ((1000, 600), (640, 480), (360, 240)):
        bench.window.resize(*size)
        bench.window.set_view(
            view(
                devices=DevicesView(
                    screens=ScreensView(is_shared=True, shared_window="A long title " * 9)
                ),
                words_task=WordsTask.COMPARE,
                notices=(VoiceNotice.SILENT,),
            )
        )
        parts = bench.window.parts
        sign = parts.share_sign.geometry()
        assert bench.window.canvas.rect().contains(sign)
        for other in (parts.banner, parts.warnings, parts.bar):
            if other.isVisible():
                assert not sign.intersects(other.geometry())
