"""call/incoming/admission_policy.py: the callers that may ring or may try a code."""

from pathlib import Path

import pytest

from call.incoming.admission_policy import MAX_HUNG_UP, AdmissionPolicy
from call.remote_peer import RemotePeer
from net.protocol.control import Hello
from net.protocol.reasons import Reason
from net.protocol.resume import CallIdentity
from net.trust.call_code import parse_code
from net.trust.guess_limit import MAX_GUESSES
from net.trust.known_peers import KnownPeers, PeerDetails
from net.trust.known_peers_file import KNOWN_PEERS_FILE
from ui.view import Trust

EVIL, GOOD = "10.0.0.66", "10.0.0.7"


def make_policy(folder: Path, *, is_open: bool = False) -> AdmissionPolicy:
    known = KnownPeers(folder / KNOWN_PEERS_FILE)
    return AdmissionPolicy(parse_code("7-rabbit-lamp"), known, b"o" * 32, is_open=is_open)


@pytest.fixture
def admission(tmp_path: Path) -> AdmissionPolicy:
    return make_policy(tmp_path)


def caller(trust: Trust) -> RemotePeer:
    return RemotePeer(Hello(1, "A", bytes(32)), "A", b"a" * 32, GOOD, trust, "w o r d")


@pytest.mark.parametrize("is_open", [True, False])
@pytest.mark.parametrize("trust", list(Trust))
def test_unproven_caller_may_ring_at_an_open_listener_only(
    tmp_path: Path, trust: Trust, *, is_open: bool
) -> None:
    admission = make_policy(tmp_path, is_open=is_open)
    assert admission.may_ring(caller(trust)) is (is_open or trust is not Trust.NONE)


def test_do_not_disturb_hides_that_the_line_is_busy(
    admission: AdmissionPolicy,
) -> None:
    assert admission.find_refusal(b"", is_in_call=False, is_ringing=False) == ""
    assert admission.find_refusal(b"", is_in_call=True, is_ringing=False) == Reason.BUSY
    admission.do_not_disturb = True
    assert admission.find_refusal(b"", is_in_call=False, is_ringing=False) == Reason.DO_NOT_DISTURB
    assert admission.find_refusal(b"", is_in_call=True, is_ringing=False) == Reason.DO_NOT_DISTURB


def test_only_the_address_that_guessed_waits(
    admission: AdmissionPolicy,
) -> None:
    for _ in range(10):
        admission.guesses.begin(EVIL, 0)
    wait_s = admission.code_wait_s(EVIL, 0)
    assert wait_s is not None
    assert wait_s > 30
    assert admission.code_wait_s(GOOD, 0) == 0


def test_exhausted_guesses_block_codes_until_the_user_allows_them(
    admission: AdmissionPolicy,
) -> None:
    for number in range(MAX_GUESSES):
        admission.guesses.begin(f"10.0.{number}.1", 0)
    assert admission.code_wait_s(GOOD, 0) is None
    before = admission.blocks_codes
    admission.may_guess_again = True
    assert (before, admission.blocks_codes) == (True, False)
    assert admission.code_wait_s(GOOD, 0) == 0
    assert not admission.may_guess_again
    for number in range(MAX_GUESSES):
        admission.guesses.begin(f"10.1.{number}.1", 0)
    assert admission.code_wait_s(GOOD, 0) is None


def test_each_link_gets_a_new_exchange(admission: AdmissionPolicy) -> None:
    assert admission.make_exchange().message != admission.make_exchange().message


def test_only_the_peer_whose_call_is_held_may_ring_during_a_call(
    admission: AdmissionPolicy,
) -> None:
    def refusal(fingerprint: bytes, *, is_ringing: bool = False) -> str:
        return admission.find_refusal(fingerprint, is_in_call=True, is_ringing=is_ringing)

    admission.held_for = b"a" * 32
    assert refusal(b"") == ""
    assert refusal(b"a" * 32) == ""
    assert refusal(b"b" * 32) == Reason.BUSY
    assert refusal(b"a" * 32, is_ringing=True) == Reason.BUSY


def test_nobody_measures_beside_a_call_a_ring_or_another_measurement(
    admission: AdmissionPolicy,
) -> None:
    def refusal(
        *, is_in_call: bool = False, is_ringing: bool = False, is_measuring: bool = False
    ) -> str:
        return admission.find_measurement_refusal(
            is_in_call=is_in_call, is_ringing=is_ringing, is_measuring=is_measuring
        )

    assert refusal() == ""
    assert refusal(is_measuring=True) == Reason.MEASURING
    assert refusal(is_ringing=True) == Reason.BUSY
    assert refusal(is_in_call=True, is_measuring=True) == Reason.BUSY
    admission.held_for = b"a" * 32
    assert refusal(is_in_call=True) == Reason.BUSY, "not even the peer of a call that is held"
    admission.is_engaged = True
    assert refusal() == Reason.BUSY
    admission.do_not_disturb = True
    assert refusal() == Reason.DO_NOT_DISTURB


def test_only_a_stored_key_is_known(tmp_path: Path, admission: AdmissionPolicy) -> None:
    known = KnownPeers(tmp_path / KNOWN_PEERS_FILE)
    known.remember(b"a" * 32, PeerDetails("Ann"))
    found = admission.find_known(b"a" * 32)
    assert found is not None
    assert found.name == "Ann"
    assert admission.find_known(b"b" * 32) is None
    known.forget("Ann")
    assert admission.find_known(b"a" * 32) is None


def test_present_call_is_found_by_its_id_alone(admission: AdmissionPolicy) -> None:
    call = CallIdentity(b"i" * 16, b"s" * 32)
    assert admission.find_call(call.call_id) is None
    admission.present_call = call
    assert admission.find_call(call.call_id) is call
    assert admission.find_call(b"j" * 16) is None


def test_last_calls_that_were_hung_up_are_remembered_with_their_reason(
    admission: AdmissionPolicy,
) -> None:
    calls = [CallIdentity(bytes([number] * 16), b"s" * 32) for number in range(MAX_HUNG_UP + 1)]
    for number, call in enumerate(calls):
        admission.note_hung_up(call, f"reason {number}")
        admission.note_hung_up(call, "noted before")
    assert admission.find_call(calls[0].call_id) is None
    assert admission.bye_reason(calls[0].call_id) is None
    for number, call in enumerate(calls[1:], 1):
        assert admission.find_call(call.call_id) is call
        assert admission.bye_reason(call.call_id) == f"reason {number}"
