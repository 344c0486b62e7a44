"""Claims about ui/window/level_meter.py."""

import pytest

from ui.window.level_meter import (
    FALL_DB_PER_S,
    LOWEST_DBFS,
    POLLS_PER_S,
    STEPS,
    LevelMeter,
    steps_at,
)


@pytest.mark.parametrize(
    ("level_dbfs", "lit"), [(-96.0, 0), (LOWEST_DBFS, 0), (-30.0, STEPS // 2), (0.0, STEPS)]
)
def test_bar_is_empty_in_a_quiet_room_and_full_at_full_scale(level_dbfs: float, lit: int) -> None:
    assert steps_at(level_dbfs) == lit


def test_bar_rises_at_once() -> None:
    meter = LevelMeter()
    meter.take(-60.0)
    assert meter.take(-6.0)
    assert meter.lit == steps_at(-6.0)


def test_bar_falls_slowly_to_the_level() -> None:
    meter = LevelMeter()
    meter.take(-10.0)
    shown = []
    for _ in range(POLLS_PER_S):
        meter.take(-96.0)
        assert meter.lit is not None
        shown.append(meter.lit)
    assert shown == sorted(shown, reverse=True)
    assert shown[0] < steps_at(-10.0)
    assert shown[-1] == steps_at(-10.0 - FALL_DB_PER_S)


def test_level_above_the_falling_bar_is_shown() -> None:
    meter = LevelMeter()
    meter.take(-10.0)
    meter.take(-20.0)
    assert meter.lit == steps_at(-10.0 - FALL_DB_PER_S / POLLS_PER_S)
    for _ in range(POLLS_PER_S):
        meter.take(-20.0)
    assert meter.lit == steps_at(-20.0)


def test_invisible_change_is_not_reported() -> None:
    meter = LevelMeter()
    assert meter.take(-30.0)
    assert not meter.take(-29.5)
    assert not meter.take(-30.2)
    assert meter.take(-27.0)


def test_long_silence_changes_nothing() -> None:
    meter = LevelMeter()
    meter.take(-96.0)
    assert not any(meter.take(-96.0) for _ in range(100))


def test_missing_level_removes_and_resets_the_bar() -> None:
    meter = LevelMeter()
    assert not meter.take(None)
    meter.take(0.0)
    assert meter.take(None)
    assert meter.lit is None
    assert meter.take(-50.0)
    assert meter.lit == steps_at(-50.0)
