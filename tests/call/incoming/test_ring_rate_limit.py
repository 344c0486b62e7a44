"""call/incoming/ring_rate_limit.py: who rings and leaves without end is slowed; nobody else is."""

from call.incoming.ring_rate_limit import (
    FORGOTTEN_US,
    FREE,
    LONGEST_WAIT_US,
    MAX_SOURCES,
    RingRateLimit,
)

EVIL, GOOD = "10.0.0.66", "10.0.0.7"
SECOND_US = 1_000_000


def test_a_few_that_were_given_up_cost_nothing() -> None:
    pace = RingRateLimit()
    for _ in range(FREE):
        pace.note_given_up(GOOD, 0)
        assert pace.wait_us(GOOD, 0) == 0


def test_more_wait_longer_each_time_and_nobody_else_does() -> None:
    pace = RingRateLimit()
    waits_us = []
    for _ in range(FREE + 20):
        pace.note_given_up(EVIL, 0)
        waits_us.append(pace.wait_us(EVIL, 0))
    assert waits_us[FREE : FREE + 3] == [SECOND_US, 4 * SECOND_US, 9 * SECOND_US]
    assert max(waits_us) == waits_us[-1] == LONGEST_WAIT_US
    assert pace.wait_us(EVIL, LONGEST_WAIT_US) == 0
    assert pace.wait_us(GOOD, 0) == 0


def test_it_is_forgotten() -> None:
    pace = RingRateLimit()
    for _ in range(FREE + 20):
        pace.note_given_up(EVIL, 0)
    assert pace.wait_us(EVIL, FORGOTTEN_US + 1) == 0
    pace.note_given_up(EVIL, FORGOTTEN_US + 1)
    assert pace.wait_us(EVIL, FORGOTTEN_US + 1) == 0


def test_no_number_of_addresses_fills_the_memory() -> None:
    pace = RingRateLimit()
    for number in range(3 * MAX_SOURCES):
        pace.note_given_up(str(number), number)
    assert len(pace._given_up) == MAX_SOURCES
