"""Claims about core/wake_up.py."""

import selectors
import threading
import time

from core.wake_up import WakeUp


def waited(wake_up: WakeUp, limit_s: float) -> bool:
    """Return whether a wake-up ended the wait."""
    with selectors.DefaultSelector() as selector:
        selector.register(wake_up, selectors.EVENT_READ)
        return bool(selector.select(limit_s))


def test_wake_ends_a_wait_in_a_selector() -> None:
    wake_up = WakeUp()
    threading.Timer(0.05, wake_up.wake).start()
    assert waited(wake_up, 10)
    wake_up.clear()
    assert not waited(wake_up, 0)
    wake_up.close()


def test_many_early_wakes_end_one_wait_and_never_block() -> None:
    wake_up = WakeUp()
    for _ in range(100_000):
        wake_up.wake()
    assert waited(wake_up, 0)
    while waited(wake_up, 0):
        wake_up.clear()
    wake_up.wake()
    assert waited(wake_up, 0)
    wake_up.close()


def test_wait_without_a_selector_ends_by_time_or_by_wake() -> None:
    wake_up = WakeUp()
    begun_s = time.monotonic()
    wake_up.wait(0.05)
    assert time.monotonic() - begun_s >= 0.04
    wake_up.wake()
    wake_up.wait(60)
    wake_up.clear()
    wake_up.close()


def test_wake_after_close_does_nothing() -> None:
    wake_up = WakeUp()
    wake_up.close()
    wake_up.wake()
    wake_up.close()
