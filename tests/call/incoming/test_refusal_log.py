"""call/incoming/refusal_log.py: a flood of refusals does not fill the screen."""

import logging

import pytest

from call.incoming.refusal_log import BURST, EVERY_US, SUMMARY_US, Refusal, RefusalLog
from core.events import Event, Rejected

EVENT = Rejected(reason="left", address="10.0.0.66")
SENTENCE = "one was turned away"
REFUSAL = Refusal(EVENT, SENTENCE)


@pytest.fixture(autouse=True)
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO)
    return caplog


@pytest.fixture(name="reported")
def _reported() -> list[Event]:
    return []


@pytest.fixture(name="refusals")
def _refusals(reported: list[Event]) -> RefusalLog:
    return RefusalLog(reported.append)


def test_occasional_refusals_are_always_logged_and_reported(
    refusals: RefusalLog, reported: list[Event], log: pytest.LogCaptureFixture
) -> None:
    for second in range(1000):
        refusals.record(second * EVERY_US, REFUSAL)
        refusals.on_time(second * EVERY_US)
    assert log.messages == [SENTENCE] * 1000
    assert reported == [EVENT] * 1000


def test_flood_is_logged_in_few_lines_and_every_refusal_is_counted(
    refusals: RefusalLog, reported: list[Event], log: pytest.LogCaptureFixture
) -> None:
    begins_us = 5_000_000
    for ms in range(30_000):
        now_us = begins_us + ms * 1000
        refusals.record(now_us, REFUSAL)
        refusals.on_time(now_us)
    refusals.on_time(begins_us + 30_000_000 + SUMMARY_US)
    counts = [
        record.args[0]
        for record in log.records
        if record.levelno == logging.WARNING and isinstance(record.args, tuple)
    ]
    summaries = [int(str(count).split()[0]) for count in counts]
    assert len(reported) + sum(summaries) == 30_000
    assert BURST <= len(reported) <= BURST + 30
    assert len(summaries) <= 4


def test_every_refusal_is_logged_again_after_a_quiet_time(
    refusals: RefusalLog, reported: list[Event]
) -> None:
    for _ in range(BURST + 5):
        refusals.record(0, REFUSAL)
    assert len(reported) == BURST
    reported.clear()
    later_us = BURST * EVERY_US
    for _ in range(BURST):
        refusals.record(later_us, REFUSAL)
    assert len(reported) == BURST


def test_summary_is_due_only_while_refusals_are_only_counted(refusals: RefusalLog) -> None:
    for _ in range(BURST):
        refusals.record(0, REFUSAL)
    due = [refusals.due_us]
    refusals.record(0, REFUSAL)
    due.append(refusals.due_us)
    refusals.on_time(SUMMARY_US)
    due.append(refusals.due_us)
    assert due == [None, SUMMARY_US, None]
