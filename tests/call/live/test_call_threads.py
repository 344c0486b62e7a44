"""call/live/call_threads.py: threads of a call post their ends under its number."""

from threading import Event

from call.inbox import ControlCame, Inbox, ThreadEnded
from call.live.call_threads import CallThreads
from core.threads import Threads
from net.protocol.control import Pong

DEADLINE_S = 20.0


def test_each_end_is_posted_with_the_number_of_the_call() -> None:
    inbox = Inbox()
    threads = CallThreads(7, Threads(), inbox)
    fault = ZeroDivisionError("a fault")

    def fail() -> None:
        raise fault

    threads.start("decode", lambda: None)
    assert inbox.take(DEADLINE_S) == ThreadEnded("decode", None, 7)
    threads.start("encode", fail)
    assert inbox.take(DEADLINE_S) == ThreadEnded("encode", fault, 7)


def test_control_message_is_posted_with_the_number_of_the_call() -> None:
    inbox = Inbox()
    threads = CallThreads(7, Threads(), inbox)
    assert threads.post_control(Pong(1, 2, 3), 5)
    assert inbox.take(0) == ControlCame(7, Pong(1, 2, 3), 5)
    inbox.close()
    assert not threads.post_control(Pong(1, 2, 3), 5)


def test_join_waits_for_the_named_threads_or_for_all() -> None:
    threads = CallThreads(7, Threads(), Inbox())
    release = Event()

    def decode() -> None:
        release.wait(DEADLINE_S)

    threads.start("send", lambda: None)
    threads.start("decode", decode)
    assert threads.has_started("send")
    assert not threads.has_started("receive")
    assert threads.join(DEADLINE_S, "send")
    assert not threads.join(0)
    release.set()
    assert threads.join(DEADLINE_S)


def test_events_of_a_link_carry_its_generation() -> None:
    inbox = Inbox()
    threads = CallThreads(7, Threads(), inbox)
    threads.start("send", lambda: None, 3)
    assert inbox.take(DEADLINE_S) == ThreadEnded("send", None, 7, 3)
    assert threads.post_control(Pong(1, 2, 3), 5, 3)
    assert inbox.take(0) == ControlCame(7, Pong(1, 2, 3), 5, 3)


def test_receive_thread_of_a_new_link_waits_for_the_one_before() -> None:
    threads = CallThreads(7, Threads(), Inbox())
    release, order = Event(), list[str]()

    def first() -> None:
        release.wait(DEADLINE_S)
        order.append("first")

    threads.start("receive", first, 1)
    threads.start("receive", lambda: order.append("second"), 2)
    release.set()
    assert threads.join(DEADLINE_S)
    assert order == ["first", "second"]
