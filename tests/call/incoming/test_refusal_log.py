"""call/incoming/refusal_log.py: what strangers do fills nobody's screen."""

import logging

import pytest

from call.incoming.refusal_log import BURST, EVERY_US, SUMMARY_US, RefusalLog


@pytest.fixture(autouse=True)
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO)
    return caplog


def test_who_comes_now_and_then_is_always_told(log: pytest.LogCaptureFixture) -> None:
    refusals = RefusalLog()
    for second in range(1000):
        refusals.say(second * EVERY_US, "one was turned away")
        refusals.on_time(second * EVERY_US)
    assert log.messages == ["one was turned away"] * 1000


def test_a_flood_is_told_in_few_lines_and_none_is_lost(log: pytest.LogCaptureFixture) -> None:
    refusals = RefusalLog()
    begins_us = 5_000_000
    for ms in range(30_000):
        now_us = begins_us + ms * 1000
        refusals.say(now_us, "one was turned away")
        refusals.on_time(now_us)
    refusals.on_time(begins_us + 30_000_000 + SUMMARY_US)
    told = log.messages.count("one was turned away")
    sums = [int(line.split()[0]) for line in log.messages if "floods" in line]
    assert told + sum(sums) == 30_000
    assert BURST <= told <= BURST + 30
    assert len(sums) <= 4


def test_after_a_quiet_time_all_is_told_again(log: pytest.LogCaptureFixture) -> None:
    refusals = RefusalLog()
    for _ in range(BURST + 5):
        refusals.say(0, "one was turned away")
    log.clear()
    later_us = BURST * EVERY_US
    for _ in range(BURST):
        refusals.say(later_us, "one was turned away")
    assert len(log.messages) == BURST
