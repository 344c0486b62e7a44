"""net/trust/guess_limit.py: what a guesser costs, and whom."""

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
    """Guess as soon as that is allowed, and return when the last answer was due."""
    now_us = NOW_US
    for _ in range(times):
        now_us += guesses.wait_us(source, now_us)
        now_us = guesses.begin(source, now_us)
    return now_us


def test_the_first_answer_comes_at_once() -> None:
    guesses = GuessLimit()
    assert guesses.wait_us(HONEST, NOW_US) == 0
    assert guesses.begin(HONEST, NOW_US) == NOW_US + SHORTEST_US


def test_each_wrong_guess_of_an_address_waits_longer() -> None:
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


def test_two_guesses_at_once_are_answered_one_after_another() -> None:
    guesses = GuessLimit()
    first = guesses.begin(EVIL, NOW_US)
    assert guesses.begin(EVIL, NOW_US) >= first + 100_000


def test_who_drops_the_line_has_guessed() -> None:
    guesses = GuessLimit()
    guesses.begin(EVIL, NOW_US)  # And never hears the answer.
    assert guesses.count == 1
    assert guesses.begin(EVIL, NOW_US) >= NOW_US + 100_000


def test_what_would_be_held_too_long_is_refused_with_the_time_to_wait() -> None:
    guesses = GuessLimit()
    due_us = guess_patiently(guesses, EVIL, 5)
    wait_us = guesses.wait_us(EVIL, due_us)
    assert LONGEST_HELD_US < wait_us <= LONGEST_WAIT_US
    assert guesses.wait_us(EVIL, due_us + wait_us) == 0


def test_nobody_waits_for_ever() -> None:
    guesses = GuessLimit()
    due_us = guess_patiently(guesses, EVIL, 40)
    assert guesses.wait_us(EVIL, due_us) <= LONGEST_WAIT_US


def test_another_address_hardly_notices() -> None:
    guesses = GuessLimit()
    now_us = guess_patiently(guesses, EVIL, 10)
    assert guesses.wait_us(HONEST, now_us) == 0
    assert guesses.begin(HONEST, now_us) <= now_us + 300_000


def test_guesses_from_everywhere_slow_everybody_down() -> None:
    guesses = GuessLimit()
    for number in range(20):
        guesses.begin(f"10.0.1.{number}", NOW_US)
    assert guesses.begin(HONEST, NOW_US) >= NOW_US + SHORTEST_US + 400_000


def test_who_knows_the_code_is_forgiven() -> None:
    guesses = GuessLimit()
    now_us = guess_patiently(guesses, HONEST, 2)
    guesses.begin(HONEST, now_us)
    guesses.succeed(HONEST)
    assert guesses.count == 2
    assert guesses.begin(HONEST, now_us) <= now_us + 100_000


def test_after_fifty_a_person_has_to_say_so() -> None:
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


def test_the_wait_of_an_address_outlives_that() -> None:
    guesses = GuessLimit()
    now_us = guess_patiently(guesses, EVIL, 10)
    guesses.allow()
    assert guesses.wait_us(EVIL, now_us) > LONGEST_HELD_US


def test_an_hour_later_it_is_forgotten() -> None:
    guesses = GuessLimit()
    now_us = guess_patiently(guesses, EVIL, 10) + FORGOTTEN_US + 1
    guesses.begin(OTHER, now_us)
    assert guesses.begin(EVIL, now_us) <= now_us + 400_000


@pytest.mark.parametrize("spread_us", [0, 1000])
def test_no_number_of_addresses_fills_the_memory(spread_us: int) -> None:
    guesses = GuessLimit()
    for number in range(3 * MAX_SOURCES):
        guesses.begin(str(number), NOW_US + number * spread_us)
    assert len(guesses._sources) <= MAX_SOURCES
