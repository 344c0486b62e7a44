"""The clock that all programs of a measurement share, and a steady rate on it."""

import time


def now_us() -> int:
    """Return the monotonic time of this machine, the same in every process, in microseconds."""
    return time.perf_counter_ns() // 1000


def next_tick(now_s: float, began_s: float, done: int, rate_hz: float) -> int:
    """Return the number of the next tick of a steady rate, skipping missed ticks. Pure."""
    return max(done + 1, int((now_s - began_s) * rate_hz))


def wait_for_tick(began_s: float, done: int, rate_hz: float) -> int:
    """Sleep until the next tick and return its number.

    Args:
        began_s: the time of tick 0, from `time.perf_counter`.
        done: the last tick waited for.
    """
    tick = next_tick(time.perf_counter(), began_s, done, rate_hz)
    time.sleep(max(0.0, began_s + tick / rate_hz - time.perf_counter()))
    return tick
