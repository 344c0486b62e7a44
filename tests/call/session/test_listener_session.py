"""call/session/listener_session.py: which ring a key answers. The session's context is scripted."""

from pathlib import Path
from typing import cast
from unittest.mock import MagicMock

import pytest

from call.inbox import RingGone, Rung
from call.incoming.admission_policy import AdmissionPolicy
from call.incoming.listener import Listener
from call.remote_peer import RemotePeer, Trust
from call.session.listener_session import NOTICE_US, SWAP_US, ListenerSession
from call.session.session_context import SessionContext
from net.protocol.control import Hello
from net.trust.call_code import parse_code
from net.trust.known_peers import KnownPeers
from ui.view import UserEvent


class ListenerBench:
    """A session with a window, at which rings and keys arrive at times of the test's choice."""

    def __init__(self, folder: Path) -> None:
        self.now_us = 10_000_000
        self.listening = MagicMock(spec=Listener)
        context = MagicMock()
        context.now_us = lambda: self.now_us
        context.settings.listen.accept = False
        context.has_window = True
        known = KnownPeers(folder / "known_peers.json")
        self.session = ListenerSession(
            cast(SessionContext, context),
            self.listening,
            None,
            admission=AdmissionPolicy(parse_code("7-rabbit-lamp"), known, b"o" * 32, is_open=True),
            sentence="Waiting",
            details=(),
            is_once=False,
            can_ask=True,
            keeps_early_lines=False,
        )

    def ring(self, number: int) -> None:
        hello = Hello(1, "A", bytes(32))
        peer = RemotePeer(hello, "A", b"a" * 32, "10.0.0.2", Trust.NONE, "w o r d")
        self.session._take(Rung(number, peer))

    def go(self, number: int) -> None:
        self.session._take(RingGone(number, "hung up"))

    def press_y(self) -> None:
        self.session._take(UserEvent.ACCEPT)

    @property
    def accepted(self) -> list[int]:
        return [call.args[0] for call in self.listening.accept.call_args_list]


@pytest.fixture
def listener(tmp_path: Path) -> ListenerBench:
    return ListenerBench(tmp_path)


def test_a_first_ring_is_answered_at_once(listener: ListenerBench) -> None:
    listener.ring(1)
    listener.press_y()
    assert listener.accepted == [1]


def test_a_key_that_was_meant_for_the_one_before_answers_nobody(listener: ListenerBench) -> None:
    listener.ring(1)
    listener.now_us += 3_000_000
    listener.go(1)
    listener.now_us += SWAP_US // 2
    listener.ring(2)
    listener.now_us += NOTICE_US // 2
    listener.press_y()
    assert listener.accepted == []
    listener.now_us += NOTICE_US
    listener.press_y()
    assert listener.accepted == [2]


def test_a_ring_some_time_after_another_is_answered_at_once(listener: ListenerBench) -> None:
    listener.ring(1)
    listener.go(1)
    listener.now_us += SWAP_US
    listener.ring(2)
    listener.press_y()
    assert listener.accepted == [2]


def test_a_second_ring_beside_the_first_is_busy(listener: ListenerBench) -> None:
    listener.ring(1)
    listener.ring(2)
    listener.listening.reject.assert_called_once_with(2, "busy")
