"""call/incoming/admission_policy.py: who may ring, and who may try a code."""

from pathlib import Path

import pytest

from call.incoming.admission_policy import AdmissionPolicy
from call.remote_peer import RemotePeer
from net.protocol.control import Hello
from net.protocol.reasons import Reason
from net.trust.call_code import parse_code
from net.trust.guess_limit import MAX_GUESSES
from net.trust.known_peers import KnownPeers
from net.trust.known_peers_file import KNOWN_PEERS_FILE
from ui.view import Trust

EVIL, GOOD = "10.0.0.66", "10.0.0.7"


def make_door(folder: Path, *, is_open: bool = False) -> AdmissionPolicy:
    known = KnownPeers(folder / KNOWN_PEERS_FILE)
    return AdmissionPolicy(parse_code("7-rabbit-lamp"), known, b"o" * 32, is_open=is_open)


@pytest.fixture
def admission(tmp_path: Path) -> AdmissionPolicy:
    return make_door(tmp_path)


def caller(trust: Trust) -> RemotePeer:
    return RemotePeer(Hello(1, "A", bytes(32)), "A", b"a" * 32, GOOD, trust, "w o r d")


@pytest.mark.parametrize("is_open", [True, False])
@pytest.mark.parametrize("trust", list(Trust))
def test_who_has_proven_nothing_rings_at_an_open_door_only(
    tmp_path: Path, trust: Trust, *, is_open: bool
) -> None:
    admission = make_door(tmp_path, is_open=is_open)
    assert admission.may_ring(caller(trust)) is (is_open or trust is not Trust.NONE)


def test_a_busy_listener_is_busy_and_a_quiet_one_says_no_more_than_that(
    admission: AdmissionPolicy,
) -> None:
    assert admission.turns_away(is_busy=lambda: False) == ""
    assert admission.turns_away(is_busy=lambda: True) == Reason.BUSY
    admission.is_quiet = True
    assert admission.turns_away(is_busy=lambda: False) == Reason.DO_NOT_DISTURB
    assert admission.turns_away(is_busy=lambda: True) == Reason.DO_NOT_DISTURB


def test_one_address_waits_in_whole_seconds_and_another_does_not(
    admission: AdmissionPolicy,
) -> None:
    for _ in range(10):
        admission.guesses.begin(EVIL, 0)
    wait_s = admission.wait_s(EVIL, 0)
    assert wait_s is not None
    assert wait_s > 30
    assert admission.wait_s(GOOD, 0) == 0


def test_after_fifty_nobody_guesses_until_a_person_says_so_once(admission: AdmissionPolicy) -> None:
    for number in range(MAX_GUESSES):
        admission.guesses.begin(f"10.0.{number}.1", 0)
    assert admission.wait_s(GOOD, 0) is None
    before = admission.takes_no_codes
    admission.may_guess_again = True
    assert (before, admission.takes_no_codes) == (True, False)
    assert admission.wait_s(GOOD, 0) == 0
    assert not admission.may_guess_again
    for number in range(MAX_GUESSES):
        admission.guesses.begin(f"10.1.{number}.1", 0)
    assert admission.wait_s(GOOD, 0) is None


def test_each_link_has_an_exchange_of_its_own(admission: AdmissionPolicy) -> None:
    assert admission.make_exchange().message != admission.make_exchange().message
