"""bench/pacing.py: ticks of a steady rate."""

from bench.pacing import next_tick


def test_ticks_follow_one_another() -> None:
    assert next_tick(100.0, 100.0, 0, 30) == 1
    assert next_tick(100.04, 100.0, 1, 30) == 2


def test_missed_ticks_are_skipped() -> None:
    assert next_tick(101.0, 100.0, 3, 30) == 30
