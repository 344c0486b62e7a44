"""net/link/connection_limits.py: who waits at the door, and who goes when it is full."""

import dataclasses
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from net.link.connection_limits import (
    ARRIVALS_US,
    MAX_OF_ONE_ADDRESS,
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
    """A connection that came after all with a lower number."""
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
def test_one_address_is_an_ipv4_address_or_the_64_of_an_ipv6_address(
    address: str, source: str
) -> None:
    assert source_of(address) == source


def test_nobody_goes_while_there_is_room() -> None:
    waiting: list[PendingConnection] = []
    for number in range(MAX_PENDING):
        assert choose_eviction(waiting, one(number)) is None
        waiting.append(one(number))


def test_the_third_of_one_address_takes_the_place_of_its_oldest() -> None:
    waiting = [one(1, "a"), one(2, "b"), one(3, "a")]
    assert choose_eviction(waiting, one(4, "a")) == waiting[0]
    assert choose_eviction(waiting, one(4, "b")) is None


def test_who_has_not_finished_tls_goes_before_who_has() -> None:
    waiting = [one(1, "a", encrypted=True), one(2, "a")]
    assert choose_eviction(waiting, one(3, "a")) == waiting[1]
    both = [one(1, "a", encrypted=True), one(2, "a", encrypted=True)]
    assert choose_eviction(both, one(3, "a")) == both[0]


def test_who_rings_stays() -> None:
    waiting = [one(1, "a", encrypted=True, rings=True), one(2, "a", encrypted=True)]
    assert choose_eviction(waiting, one(3, "a")) == waiting[1]


def test_when_the_door_is_full_the_address_that_holds_most_gives() -> None:
    waiting = [one(number) for number in range(MAX_PENDING - 2)]
    waiting += [one(50, "a", encrypted=True), one(51, "a", encrypted=True)]
    assert choose_eviction(waiting, one(99, "b")) == waiting[-2]


def test_when_all_hold_one_the_oldest_without_tls_goes() -> None:
    waiting = [one(number, encrypted=number < 3) for number in range(MAX_PENDING)]
    assert choose_eviction(waiting, one(99)) == waiting[3]


def test_the_one_that_rings_does_not_go_when_the_door_is_full() -> None:
    waiting = [one(0, encrypted=True, rings=True)]
    waiting += [one(number, encrypted=True) for number in range(1, MAX_PENDING)]
    assert choose_eviction(waiting, one(99)) == waiting[1]


def test_a_flood_from_one_address_does_not_push_out_another() -> None:
    caller = one(0, "caller", encrypted=True)
    waiting = [caller]
    for number in range(1, 1_000):
        newest = one(number, "flood")
        going = choose_eviction(waiting, newest)
        if going is not None:
            waiting.remove(going)
        waiting.append(newest)
        assert caller in waiting
        assert len(waiting) <= 1 + MAX_OF_ONE_ADDRESS


sources = st.sampled_from("abcdefghijklmnopqrstuvwxyz")
arrivals = st.lists(st.tuples(sources, st.booleans(), st.integers(0, 999)), max_size=80)


@given(arrivals, st.integers(0, 999))
def test_the_newest_always_stays_and_the_door_is_never_too_full(
    came: list[tuple[str, bool, int]], seed: int
) -> None:
    dice = random.Random(seed)
    waiting: list[PendingConnection] = []
    for number, (source, encrypted, place) in enumerate(came):
        newest = one(number, source)
        going = choose_eviction(waiting, newest)
        assert going is None or (going in waiting and not going.rings)
        if going is not None:
            waiting.remove(going)
        waiting.append(newest)
        assert len(waiting) <= MAX_PENDING
        assert max(sum(w.source == s for w in waiting) for s in "abcdef") <= MAX_OF_ONE_ADDRESS
        # Somebody gets on; at most one rings.
        index = place % len(waiting)
        rings = encrypted and dice.random() < 0.3 and not any(w.rings for w in waiting)
        old = waiting[index]
        waiting[index] = dataclasses.replace(old, is_encrypted=encrypted, rings=old.rings or rings)


def test_of_many_addresses_the_one_that_comes_again_and_again_goes() -> None:
    crowd = [dataclasses.replace(one(n), arrivals=50) for n in range(2, MAX_PENDING + 1)]
    honest = dataclasses.replace(one(1), arrivals=1)
    going = choose_eviction([honest, *crowd], one(99))
    assert going is not None
    assert going.number == 2, "though the honest one is older"


def test_arrivals_are_those_of_late() -> None:
    arrivals = ArrivalCounts()
    assert [arrivals.note("a", now_us) for now_us in (0, 1, 2)] == [1, 2, 3]
    assert arrivals.note("b", 3) == 1
    assert arrivals.note("a", ARRIVALS_US) == 4
    assert arrivals.note("a", 2 * ARRIVALS_US) == 2
    assert arrivals.note("a", 9 * ARRIVALS_US) == 1


def test_no_number_of_addresses_fills_the_memory_of_arrivals() -> None:
    arrivals = ArrivalCounts()
    for number in range(3 * MAX_SOURCES):
        arrivals.note(str(number), number)
    assert len(arrivals._now) <= MAX_SOURCES
