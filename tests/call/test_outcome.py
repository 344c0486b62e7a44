"""Claims about call/outcome.py."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from call.errors import OutputFileError, SettingsError
from call.outcome import (
    Outcome,
    outcome_of,
    outcome_of_bye,
    outcome_of_duration,
    outcome_of_reject,
    outcome_of_user,
)
from core.exit_status import ExitStatus
from core.safe_text import cut_controls
from media.errors import CodecError, SourceError, WindowError
from media.video.camera_spec import CameraSettingError
from net import errors

OF_ERRORS = [
    (SettingsError("a"), 2, 2),
    (OutputFileError("a"), 2, 2),
    (CameraSettingError("a"), 2, 2),
    (errors.PortTaken("a"), 2, 2),
    (errors.AddressUnusable("a"), 2, 2),
    (errors.IdentityError("a"), 2, 2),
    (errors.HostUnknown("a"), 3, 5),
    (errors.NotFound("a"), 3, 5),
    (errors.DiscoveryFailed("a"), 3, 5),
    (errors.NotTrusted("a"), 4, 5),
    (errors.ProofWrong("a"), 3, 5),
    (errors.NobodyListens("a"), 3, 5),
    (errors.NoReply("a"), 3, 5),
    (errors.DialCancelled("a"), 130, 130),
    (errors.NotOurProtocol("a"), 3, 5),
    (errors.ProtocolError("a"), 3, 5),
    (errors.LinkLost("a"), 3, 5),
    (CodecError("a"), 1, 5),
    (SourceError("a"), 1, 1),
    (WindowError("a"), 1, 1),
    (RuntimeError("a"), 1, 1),
    (KeyboardInterrupt(), 130, 0),
]


@pytest.mark.parametrize(("error", "before", "after"), OF_ERRORS, ids=lambda it: repr(it))
def test_each_error_has_its_status_before_and_after_accept(
    error: BaseException, before: int, after: int
) -> None:
    assert outcome_of(error, after_accept=False).exit_status == before
    assert outcome_of(error, after_accept=True).exit_status == after


def test_every_error_of_the_link_is_in_the_table() -> None:
    kinds = {type(error) for error, _, _ in OF_ERRORS}
    bases = {errors.NetError, errors.DialError, errors.ListenError}
    ours = {
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.NetError)
    }
    assert ours - bases <= kinds


def test_an_error_gives_its_sentence_and_next_step() -> None:
    outcome = outcome_of(errors.LinkLost("It\x1b broke", "call again"), after_accept=True)
    assert outcome == Outcome(ExitStatus.LOST, "It broke", "call again")
    assert outcome.text == "It broke. Call again."


def test_a_fault_names_itself_and_asks_for_a_report() -> None:
    outcome = outcome_of(ZeroDivisionError("division by zero"), after_accept=False)
    assert "ZeroDivisionError: division by zero" in outcome.sentence
    assert "-v" in outcome.next_step


@pytest.mark.parametrize("reason", ["busy", "declined", "no answer", "nobody to ask", "version"])
def test_known_rejections_are_said_in_our_words(reason: str) -> None:
    outcome = outcome_of_reject(reason, "Alice")
    assert outcome.exit_status == ExitStatus.REFUSED
    assert "Alice" in outcome.sentence
    assert "refused the call:" not in outcome.sentence


@given(st.text(max_size=300), st.text(max_size=100))
def test_any_reason_of_the_other_side_makes_one_harmless_sentence(reason: str, name: str) -> None:
    for outcome in (outcome_of_reject(reason, name), outcome_of_bye(reason, name)):
        assert outcome.text
        assert cut_controls(outcome.text) == outcome.text
        assert len(outcome.text) < 400


def test_an_unknown_reason_is_shown_as_it_is_but_cleaned() -> None:
    assert (
        outcome_of_reject("on\x1b fire", "").sentence == "The other side refused the call: on fire"
    )
    assert outcome_of_reject("{who} \x07", "A{0}").sentence == "A{0} refused the call: {who}"
    assert outcome_of_reject("busy", "A{0}").sentence == "A{0} is busy with another call"


def test_a_bye_ends_a_call_well_and_a_ring_without_a_call() -> None:
    assert outcome_of_bye("", "Alice") == Outcome(0, "Alice hung up")
    assert outcome_of_bye("time is up", "Alice") == Outcome(0, "Alice ended the call: time is up")


def test_the_person_and_the_duration_end_a_call_well() -> None:
    assert outcome_of_user(in_call=True).exit_status == 0
    assert outcome_of_user(in_call=False).exit_status == 130
    assert outcome_of_duration(5.0) == Outcome(0, "The call ended after its 5 s")


def test_names_of_settings_and_people_keep_their_letters_at_the_start_of_a_sentence() -> None:
    assert Outcome(2, "listen.port must be x").text == "listen.port must be x."
    assert Outcome(2, "alice hung up", "is it?").text == "alice hung up. Is it?"
