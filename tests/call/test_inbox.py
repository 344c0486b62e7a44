"""call/inbox.py: events in order, bounded; the end of a thread is never dropped."""

import logging
import threading

import pytest

from call.inbox import CAPACITY, ControlCame, Event, Inbox, LineTyped, ThreadEnded
from net.errors import ProtocolError
from net.protocol.control import Pong
from ui.view import UserEvent

DEADLINE_S = 20.0


def taken(inbox: Inbox) -> list[object]:
    return list(iter(lambda: inbox.take(0), None))


def test_events_leave_in_order() -> None:
    inbox = Inbox()
    events: list[Event] = [LineTyped("y"), UserEvent.HANG_UP, ThreadEnded("send", None, 1)]
    for event in events:
        assert inbox.post(event)
    assert taken(inbox) == events


def test_empty_inbox_returns_none_at_the_limit() -> None:
    inbox = Inbox()
    assert inbox.take(0) is None
    assert inbox.take(0.001) is None
    assert inbox.take(-5) is None


def test_event_wakes_the_waiting_thread() -> None:
    inbox = Inbox()
    got: list[object] = []
    thread = threading.Thread(target=lambda: got.append(inbox.take(DEADLINE_S * 5)), daemon=True)
    thread.start()
    inbox.post(UserEvent.QUIT)
    thread.join(DEADLINE_S)
    assert got == [UserEvent.QUIT]


def test_other_peer_can_fill_only_half_of_the_inbox() -> None:
    inbox = Inbox()
    flood = ControlCame(1, Pong(1, 2, 3), 5)
    assert all(inbox.post(flood) for _ in range(CAPACITY // 2))
    assert not inbox.post(flood)
    assert inbox.post(UserEvent.QUIT)


def test_event_that_does_not_fit_is_dropped_reported_and_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    inbox = Inbox()
    flood = LineTyped("y")
    assert all(inbox.post(flood) for _ in range(CAPACITY))
    assert caplog.records == []
    with caplog.at_level(logging.WARNING):
        assert not inbox.post(flood)
    assert len(caplog.records) == 1
    assert len(taken(inbox)) == CAPACITY
    assert inbox.post(flood)


def test_end_of_a_thread_is_never_dropped() -> None:
    """Without its end, a receive thread that a flood ended would look like a silent link."""
    inbox = Inbox()
    while inbox.post(ControlCame(1, Pong(1, 2, 3), 5)):
        pass
    ended = ThreadEnded("receive", ProtocolError("too much"), 1)
    assert inbox.post(ended)
    assert taken(inbox)[-1] is ended


def test_events_of_many_threads_all_arrive() -> None:
    inbox = Inbox()

    def post(name: int) -> None:
        for number in range(50):
            inbox.post(LineTyped(f"{name} {number}"))

    threads = [threading.Thread(target=post, args=[name], daemon=True) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE_S)
    came = [event.text for event in taken(inbox) if isinstance(event, LineTyped)]
    assert len(came) == 400
    for name in range(8):
        assert [text for text in came if text.startswith(f"{name} ")] == [
            f"{name} {n}" for n in range(50)
        ]
