"""Claims about net/trust/guess_limit.py."""

import itertools

import pytest

from net.trust.guess_limit import (
    FORGOTTEN_US,
    LONGEST_HELD_US,
    LONGEST_WAIT_US,
    MAX_GUESSES,
    MAX_SOURCES,
    SHORTEST_US,
    GuessLimit,
)

EVIL, OTHER, HONEST = "10.0.0.66", "10.0.0.67", "10.0.0.7"
NOW_US = 5_000_000_000


def guess_patiently(guesses: GuessLimit, source: str, times: int) -> int:
    """Guess as soon as the limit allows, and return when the last answer is due."""
    now_us = NOW_US
    for _ in range(times):
        now_us += guesses.wait_us(source, now_us)
        now_us = guesses.begin(source, now_us)
    return now_us


def test_first_answer_has_the_minimum_delay() -> None:
    guesses = GuessLimit()
    assert guesses.wait_us(HONEST, NOW_US) == 0
    assert guesses.begin(HONEST, NOW_US) == NOW_US + SHORTEST_US


def test_each_wrong_guess_from_an_address_waits_longer() -> None:
    guesses = GuessLimit()
    due_us = [guess_patiently(guesses, EVIL, 1)]
    for _ in range(MAX_GUESSES - 1):
        now_us = due_us[-1] + guesses.wait_us(EVIL, due_us[-1])
        due_us.append(guesses.begin(EVIL, now_us))
    gaps = [later - earlier for earlier, later in itertools.pairwise(due_us)]
    assert gaps[9] >= 10_000_000
    assert gaps[:20] == sorted(gaps[:20])
    assert gaps[-1] >= LONGEST_WAIT_US
    assert due_us[-1] - due_us[0] > 1_800_000_000, "half an hour"


def test_simultaneous_guesses_are_answered_one_after_another() -> None:
    guesses = GuessLimit()
    first = guesses.begin(EVIL, NOW_US)
    assert guesses.begin(EVIL, NOW_US) >= first + 100_000


def test_dropped_connection_counts_as_a_guess() -> None:
    guesses = GuessLimit()
    guesses.begin(EVIL, NOW_US)  # The guesser disconnects before the answer.
    assert guesses.since_allowed == 1
    assert guesses.begin(EVIL, NOW_US) >= NOW_US + 100_000


def test_guess_with_too_long_a_delay_is_refused_with_a_wait() -> None:
    guesses = GuessLimit()
    due_us = guess_patiently(guesses, EVIL, 5)
    wait_us = guesses.wait_us(EVIL, due_us)
    assert LONGEST_HELD_US < wait_us <= LONGEST_WAIT_US
    assert guesses.wait_us(EVIL, due_us + wait_us) == 0


def test_wait_has_a_maximum() -> None:
    guesses = GuessLimit()
    due_us = guess_patiently(guesses, EVIL, 40)
    assert guesses.wait_us(EVIL, due_us) <= LONGEST_WAIT_US


def test_guesser_barely_delays_another_address() -> None:
    guesses = GuessLimit()
    now_us = guess_patiently(guesses, EVIL, 10)
    assert guesses.wait_us(HONEST, now_us) == 0
    assert guesses.begin(HONEST, now_us) <= now_us + 300_000


def test_guesses_from_many_addresses_delay_everyone() -> None:
    guesses = GuessLimit()
    for number in range(20):
        guesses.begin(f"10.0.1.{number}", NOW_US)
    assert guesses.begin(HONEST, NOW_US) >= NOW_US + SHORTEST_US + 400_000


def test_right_code_uncounts_the_guess_and_ends_the_delay() -> None:
    guesses = GuessLimit()
    now_us = guess_patiently(guesses, HONEST, 2)
    guesses.begin(HONEST, now_us)
    guesses.succeed(HONEST)
    assert guesses.since_allowed == 2
    assert guesses.begin(HONEST, now_us) <= now_us + 100_000


def test_fifty_guesses_exhaust_the_limit_until_allowed() -> None:
    guesses = GuessLimit()
    was_exhausted = []
    for number in range(MAX_GUESSES):
        was_exhausted.append(guesses.is_exhausted)
        guesses.begin(f"10.0.{number}.1", NOW_US)
    was_exhausted.append(guesses.is_exhausted)
    guesses.allow()
    was_exhausted.append(guesses.is_exhausted)
    assert was_exhausted == [False] * MAX_GUESSES + [True, False]
    assert guesses.total == MAX_GUESSES


def test_delay_of_an_address_outlives_allow() -> None:
    guesses = GuessLimit()
    now_us = guess_patiently(guesses, EVIL, 10)
    guesses.allow()
    assert guesses.wait_us(EVIL, now_us) > LONGEST_HELD_US


def test_guesses_of_an_address_are_forgotten_after_an_hour() -> None:
    guesses = GuessLimit()
    now_us = guess_patiently(guesses, EVIL, 10) + FORGOTTEN_US + 1
    guesses.begin(OTHER, now_us)
    assert guesses.begin(EVIL, now_us) <= now_us + 400_000


@pytest.mark.parametrize("spread_us", [0, 1000])
def test_oldest_address_is_forgotten_beyond_the_maximum(spread_us: int) -> None:
    guesses = GuessLimit()
    for _ in range(10):
        guesses.begin(EVIL, NOW_US)
    for number in range(MAX_SOURCES - 1):
        guesses.begin(str(number), NOW_US + number * spread_us)
    now_us = NOW_US + MAX_SOURCES * spread_us
    assert guesses.wait_us(EVIL, now_us) > 0
    guesses.begin(OTHER, now_us)
    assert guesses.wait_us(EVIL, now_us) == 0
