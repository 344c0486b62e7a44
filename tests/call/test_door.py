"""call/door.py: who may ring, and who may try a code."""

from pathlib import Path

import pytest

from call.counterpart import Counterpart, Trust
from call.door import REASON_NOT_NOW, Door
from net.protocol.control import Hello
from net.protocol.handshake import REASON_BUSY
from net.trust.call_code import parse_code
from net.trust.guesses import MAX_GUESSES
from net.trust.known_peers import KnownPeers

EVIL, GOOD = "10.0.0.66", "10.0.0.7"


def make_door(folder: Path, *, is_open: bool = False) -> Door:
    known = KnownPeers(folder / "known_peers.json")
    return Door(parse_code("7-rabbit-lamp"), known, b"o" * 32, is_open=is_open)


@pytest.fixture
def door(tmp_path: Path) -> Door:
    return make_door(tmp_path)


def caller(trust: Trust) -> Counterpart:
    return Counterpart(Hello(1, "A", bytes(32)), "A", b"a" * 32, GOOD, trust, "w o r d")


@pytest.mark.parametrize("is_open", [True, False])
@pytest.mark.parametrize("trust", list(Trust))
def test_who_has_proven_nothing_rings_at_an_open_door_only(
    tmp_path: Path, trust: Trust, *, is_open: bool
) -> None:
    door = make_door(tmp_path, is_open=is_open)
    assert door.may_ring(caller(trust)) is (is_open or trust is not Trust.NONE)


def test_a_busy_listener_is_busy_and_a_quiet_one_says_no_more_than_that(door: Door) -> None:
    assert door.turns_away(is_busy=lambda: False) == ""
    assert door.turns_away(is_busy=lambda: True) == REASON_BUSY
    door.is_quiet = True
    assert door.turns_away(is_busy=lambda: False) == REASON_NOT_NOW
    assert door.turns_away(is_busy=lambda: True) == REASON_NOT_NOW


def test_one_address_waits_in_whole_seconds_and_another_does_not(door: Door) -> None:
    for _ in range(10):
        door.guesses.begin(EVIL, 0)
    wait_s = door.wait_s(EVIL, 0)
    assert wait_s is not None
    assert wait_s > 30
    assert door.wait_s(GOOD, 0) == 0


def test_after_fifty_nobody_guesses_until_a_person_says_so_once(door: Door) -> None:
    for number in range(MAX_GUESSES):
        door.guesses.begin(f"10.0.{number}.1", 0)
    assert door.wait_s(GOOD, 0) is None
    before = door.takes_no_codes
    door.may_guess_again = True
    assert (before, door.takes_no_codes) == (True, False)
    assert door.wait_s(GOOD, 0) == 0
    assert not door.may_guess_again
    for number in range(MAX_GUESSES):
        door.guesses.begin(f"10.1.{number}.1", 0)
    assert door.wait_s(GOOD, 0) is None


def test_each_link_has_an_exchange_of_its_own(door: Door) -> None:
    assert door.make_exchange().message != door.make_exchange().message
