"""Signals that arrive through a socket while Qt waits."""

import signal
import socket
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from core.signals import QUIT_SIGNALS
from ui.window.signal_notifier import SignalNotifier


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    receiver, sender = socket.socketpair()
    with receiver, sender:
        yield receiver, sender


def test_each_quit_signal_is_reported_once(
    qtbot: QtBot, pair: tuple[socket.socket, socket.socket]
) -> None:
    receiver, sender = pair
    quits: list[None] = []
    wakeup = SignalNotifier(receiver, lambda: quits.append(None))
    sender.send(bytes([signal.SIGINT, signal.SIGTERM]))
    qtbot.waitUntil(lambda: len(quits) == 2)
    wakeup.close()


def test_other_signals_are_read_and_ignored(
    qtbot: QtBot, pair: tuple[socket.socket, socket.socket]
) -> None:
    receiver, sender = pair
    quits: list[None] = []
    wakeup = SignalNotifier(receiver, lambda: quits.append(None))
    other = next(number for number in signal.valid_signals() if number not in QUIT_SIGNALS)
    sender.send(bytes([other, signal.SIGINT]))
    qtbot.waitUntil(lambda: bool(quits))
    assert len(quits) == 1
    wakeup.close()


def test_closed_sender_is_no_longer_watched(
    qtbot: QtBot, pair: tuple[socket.socket, socket.socket]
) -> None:
    receiver, sender = pair
    wakeup = SignalNotifier(receiver, lambda: None)
    sender.close()
    qtbot.waitUntil(lambda: not wakeup.is_watching)
