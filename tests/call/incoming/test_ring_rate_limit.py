"""call/incoming/ring_rate_limit.py: a caller that abandons many rings has to wait."""

from call.incoming.ring_rate_limit import (
    FORGOTTEN_US,
    FREE,
    LONGEST_WAIT_US,
    MAX_SOURCES,
    RingRateLimit,
)

EVIL, GOOD = "10.0.0.66", "10.0.0.7"
SECOND_US = 1_000_000


def test_a_few_abandoned_rings_cost_no_wait() -> None:
    limit = RingRateLimit()
    for _ in range(FREE):
        limit.note_given_up(GOOD, 0)
        assert limit.wait_us(GOOD, 0) == 0


def test_wait_grows_with_each_abandoned_ring_of_that_source_alone() -> None:
    limit = RingRateLimit()
    waits_us = []
    for _ in range(FREE + 20):
        limit.note_given_up(EVIL, 0)
        waits_us.append(limit.wait_us(EVIL, 0))
    assert waits_us[FREE : FREE + 3] == [SECOND_US, 4 * SECOND_US, 9 * SECOND_US]
    assert max(waits_us) == waits_us[-1] == LONGEST_WAIT_US
    assert limit.wait_us(EVIL, LONGEST_WAIT_US) == 0
    assert limit.wait_us(GOOD, 0) == 0


def test_abandoned_rings_are_forgotten_after_a_while() -> None:
    limit = RingRateLimit()
    for _ in range(FREE + 20):
        limit.note_given_up(EVIL, 0)
    assert limit.wait_us(EVIL, FORGOTTEN_US + 1) == 0
    limit.note_given_up(EVIL, FORGOTTEN_US + 1)
    assert limit.wait_us(EVIL, FORGOTTEN_US + 1) == 0


def test_oldest_source_is_forgotten_when_there_are_too_many() -> None:
    limit = RingRateLimit()
    for _ in range(FREE + 1):
        limit.note_given_up(EVIL, 0)
    for number in range(MAX_SOURCES - 1):
        limit.note_given_up(str(number), 0)
    assert limit.wait_us(EVIL, 0) == SECOND_US
    limit.note_given_up(GOOD, 0)
    assert limit.wait_us(EVIL, 0) == 0
