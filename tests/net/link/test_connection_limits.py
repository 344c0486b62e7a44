"""Claims about net/link/connection_limits.py."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from net.link.connection_limits import (
    ARRIVALS_US,
    MAX_OF_ONE_SOURCE,
    MAX_PENDING,
    MAX_SOURCES,
    ArrivalCounts,
    PendingConnection,
    choose_eviction,
    source_of,
)


def one(
    number: int, source: str = "", *, encrypted: bool = False, rings: bool = False
) -> PendingConnection:
    """Return a connection that is newer than all with a lower number."""
    return PendingConnection(number, source or f"10.0.0.{number}", number * 1_000, encrypted, rings)


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("192.168.1.7", "192.168.1.7"),
        ("::ffff:192.168.1.7", "192.168.1.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("something else", "something else"),
        ("", ""),
    ],
)
def test_source_is_an_ipv4_address_or_the_64_of_an_ipv6_address(address: str, source: str) -> None:
    assert source_of(address) == source


def test_no_connection_is_evicted_while_there_is_room() -> None:
    waiting: list[PendingConnection] = []
    for number in range(MAX_PENDING):
        assert choose_eviction(waiting, one(number)) is None
        waiting.append(one(number))


def test_third_connection_of_a_source_evicts_its_oldest() -> None:
    waiting = [one(1, "a"), one(2, "b"), one(3, "a")]
    assert choose_eviction(waiting, one(4, "a")) == waiting[0]
    assert choose_eviction(waiting, one(4, "b")) is None


def test_connection_without_tls_is_evicted_first() -> None:
    waiting = [one(1, "a", encrypted=True), one(2, "a")]
    assert choose_eviction(waiting, one(3, "a")) == waiting[1]
    both = [one(1, "a", encrypted=True), one(2, "a", encrypted=True)]
    assert choose_eviction(both, one(3, "a")) == both[0]


def test_ringing_connection_stays_although_its_source_is_full() -> None:
    waiting = [one(1, "a", encrypted=True, rings=True), one(2, "a", encrypted=True)]
    assert choose_eviction(waiting, one(3, "a")) == waiting[1]


def test_source_that_holds_most_is_evicted_when_all_places_are_taken() -> None:
    waiting = [one(number) for number in range(MAX_PENDING - 2)]
    waiting += [one(50, "a", encrypted=True), one(51, "a", encrypted=True)]
    assert choose_eviction(waiting, one(99, "b")) == waiting[-2]


def test_oldest_without_tls_is_evicted_when_each_source_holds_one() -> None:
    waiting = [one(number, encrypted=number < 3) for number in range(MAX_PENDING)]
    assert choose_eviction(waiting, one(99)) == waiting[3]


def test_ringing_connection_stays_when_all_places_are_taken() -> None:
    waiting = [one(0, encrypted=True, rings=True)]
    waiting += [one(number, encrypted=True) for number in range(1, MAX_PENDING)]
    assert choose_eviction(waiting, one(99)) == waiting[1]


def test_flood_from_one_source_evicts_no_other() -> None:
    caller = one(0, "caller", encrypted=True)
    waiting = [caller]
    for number in range(1, 1_000):
        newest = one(number, "flood")
        going = choose_eviction(waiting, newest)
        if going is not None:
            waiting.remove(going)
        waiting.append(newest)
        assert caller in waiting
        assert len(waiting) <= 1 + MAX_OF_ONE_SOURCE


sources = st.sampled_from("abcdefghijklmnopqrstuvwxyz")
arrivals = st.lists(st.tuples(sources, st.booleans(), st.integers(0, 999)), max_size=80)


@given(arrivals, st.integers(0, 999))
def test_newest_always_stays_and_the_limits_hold(
    arrived: list[tuple[str, bool, int]], seed: int
) -> None:
    dice = random.Random(seed)
    waiting: list[PendingConnection] = []
    for number, (source, encrypted, place) in enumerate(arrived):
        newest = one(number, source)
        going = choose_eviction(waiting, newest)
        assert going is None or (going in waiting and not going.rings)
        if going is not None:
            waiting.remove(going)
        waiting.append(newest)
        assert len(waiting) <= MAX_PENDING
        assert max(sum(w.source == s for w in waiting) for s in "abcdef") <= MAX_OF_ONE_SOURCE
        # One connection makes progress; at most one rings.
        index = place % len(waiting)
        rings = encrypted and dice.random() < 0.3 and not any(w.rings for w in waiting)
        old = waiting[index]
        waiting[index] = replace(old, is_encrypted=encrypted, rings=old.rings or rings)


def test_source_that_connects_most_often_is_evicted_first() -> None:
    crowd = [replace(one(n), arrivals=50) for n in range(2, MAX_PENDING + 1)]
    honest = replace(one(1), arrivals=1)
    going = choose_eviction([honest, *crowd], one(99))
    assert going is not None
    assert going.number == 2, "although the honest one is older"


def test_arrival_counts_cover_the_last_two_periods() -> None:
    arrivals = ArrivalCounts()
    assert [arrivals.note("a", now_us) for now_us in (0, 1, 2)] == [1, 2, 3]
    assert arrivals.note("b", 3) == 1
    assert arrivals.note("a", ARRIVALS_US) == 4
    assert arrivals.note("a", 2 * ARRIVALS_US) == 2
    assert arrivals.note("a", 9 * ARRIVALS_US) == 1


def test_sources_beyond_the_maximum_are_not_remembered() -> None:
    arrivals = ArrivalCounts()
    for number in range(MAX_SOURCES):
        arrivals.note(str(number), number)
    assert [arrivals.note("late", MAX_SOURCES) for _ in range(3)] == [1, 1, 1]
    assert arrivals.of("late") == 0
    assert arrivals.note("0", MAX_SOURCES) == 2
