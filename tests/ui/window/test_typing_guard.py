"""ui/window/typing_guard.py: a call that rings or ends in the middle of a word is not answered or
left by the rest of the word."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from scripts.window_scenes import SCENES
from tests.support.window_bench import WindowBench, view
from ui.sharing import SharingView
from ui.view import Stage, UserEvent
from ui.window import typing_guard as typing_guard_module

MakeBench = Callable[..., WindowBench]


def lobby_field(bench: WindowBench) -> QWidget:
    bench.window.set_view(SCENES["lobby"].view)
    return bench.window.lobby.contacts.field


def name_field(bench: WindowBench) -> QWidget:
    bench.window.set_view(SCENES["lobby"].view)
    return bench.window.lobby.name_field


def chat_field(bench: WindowBench) -> QWidget:
    bench.window.set_view(view(sharing=SharingView(can_chat=True)))
    QTest.keyClicks(bench.window, "c")
    return bench.window.chat.panel.field


@pytest.mark.parametrize("stage", [Stage.INCOMING, Stage.ENDED])
@pytest.mark.parametrize("find_field", [lobby_field, name_field, chat_field])
def test_rest_of_a_word_neither_answers_a_call_nor_leaves_its_end(
    find_field: Callable[[WindowBench], QWidget],
    stage: Stage,
    make_bench: MakeBench,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(typing_guard_module, "PAUSE_MS", 60_000)
    bench = make_bench()
    QTest.keyClicks(find_field(bench), "bun")
    bench.events.clear()
    bench.window.set_view(view(stage))
    QTest.keyClicks(bench.window, "nyq")
    assert bench.events == []


def test_after_a_pause_keys_answer(
    qtbot: QtBot, make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typing_guard_module, "PAUSE_MS", 30)
    bench = make_bench()
    QTest.keyClicks(lobby_field(bench), "bun")
    bench.window.set_view(view(Stage.INCOMING))
    qtbot.waitUntil(lambda: not bench.window.typing.is_on)
    QTest.keyClicks(bench.window, "y")
    assert bench.events[-1] is UserEvent.ACCEPT


def test_keys_answer_at_once_where_nobody_was_typing(bench: WindowBench) -> None:
    field = lobby_field(bench)
    bench.window.set_view(view(Stage.INCOMING))
    QTest.keyClicks(bench.window, "y")
    assert bench.events[-1:] == [UserEvent.ACCEPT]
    bench.window.set_view(SCENES["lobby"].view)
    QTest.keyClicks(field, "Bob")
    QTest.keyClick(field, Qt.Key.Key_Return)
    bench.window.set_view(view(Stage.ENDED))
    QTest.keyClicks(bench.window, "x")
    assert bench.events[-1:] == [UserEvent.DISMISS]
