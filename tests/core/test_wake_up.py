"""core/wake_up.py: a wait in a selector ends when another thread says so."""

import selectors
import threading
import time

from core.wake_up import WakeUp


def waited(wake_up: WakeUp, limit_s: float) -> bool:
    """Whether the wait was ended by a wake-up."""
    with selectors.DefaultSelector() as selector:
        selector.register(wake_up, selectors.EVENT_READ)
        return bool(selector.select(limit_s))


def test_a_wait_ends_when_it_is_woken() -> None:
    wake_up = WakeUp()
    threading.Timer(0.05, wake_up.wake).start()
    assert waited(wake_up, 10)
    wake_up.take()
    assert not waited(wake_up, 0)
    wake_up.close()


def test_waking_often_and_early_is_one_wake_up_and_never_blocks() -> None:
    wake_up = WakeUp()
    for _ in range(100_000):
        wake_up.wake()
    assert waited(wake_up, 0)
    while waited(wake_up, 0):
        wake_up.take()
    wake_up.wake()
    assert waited(wake_up, 0)
    wake_up.close()


def test_a_wait_for_it_alone_ends_by_time_or_by_being_woken() -> None:
    wake_up = WakeUp()
    begun_s = time.monotonic()
    wake_up.wait(0.05)
    assert time.monotonic() - begun_s >= 0.04
    wake_up.wake()
    wake_up.wait(60)
    wake_up.take()
    wake_up.close()


def test_after_the_end_waking_does_nothing() -> None:
    wake_up = WakeUp()
    wake_up.close()
    wake_up.wake()
    wake_up.close()
