"""ui/wording/endings.py: a sentence for each end, with untrusted text from the other peer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.exit_status import ExitStatus
from core.safe_text import cut_controls
from net.protocol.reasons import Reason
from ui.view import EndCause, Ending
from ui.wording.endings import REJECTIONS, EndingText, word_ending

REJECTED = Ending(EndCause.REJECTED, ExitStatus.REFUSED)


def rejected(
    reason: str,
    name: str = "Alice",
    wait_s: int = 0,
    unknown_words: dict[str, tuple[str, ...]] | None = None,
) -> EndingText:
    return word_ending(
        Ending(
            EndCause.REJECTED,
            ExitStatus.REFUSED,
            peer_name=name,
            reason=reason,
            wait_s=wait_s,
            unknown_words=unknown_words or {},
        )
    )


def bye(reason: str, name: str = "Alice") -> EndingText:
    return word_ending(
        Ending(EndCause.REMOTE_HUNG_UP, ExitStatus.OK, peer_name=name, reason=reason)
    )


@pytest.mark.parametrize("cause", list(EndCause))
def test_every_cause_has_a_sentence(cause: EndCause) -> None:
    ending = Ending(cause, ExitStatus.OK, error_sentence="It broke", fault="Error")
    assert word_ending(ending).sentence


BYE_REASONS = (Reason.DURATION_OVER, Reason.PROGRAM_FAULT)
RESUME_REASONS = (Reason.NO_SUCH_CALL, Reason.OLD_GENERATION, Reason.LINK_ALIVE)
MEASUREMENT_REASONS = (Reason.NOT_KNOWN, Reason.MEASURING, Reason.MEASURED_TOO_OFTEN)
"""No call is refused with one; `tests/doctor/test_goodput.py` has their sentences."""
OTHER_REASONS = (*BYE_REASONS, *RESUME_REASONS, *MEASUREMENT_REASONS)


@pytest.mark.parametrize("reason", [one for one in Reason if one not in OTHER_REASONS])
def test_every_reason_to_reject_has_its_own_sentence(reason: Reason) -> None:
    text = rejected(reason)
    assert "Alice" in text.sentence
    assert "refused the call:" not in text.sentence
    assert reason in REJECTIONS


def test_bye_is_worded_with_its_reason() -> None:
    assert bye("") == EndingText("Alice hung up")
    assert bye(Reason.DURATION_OVER) == EndingText("Alice ended the call: its time was over")


def test_unknown_reason_is_shown_without_control_characters() -> None:
    assert rejected("on\x1b fire", "").sentence == "The other side refused the call: on fire"
    assert rejected("{who} \x07", "A{0}").sentence == "A{0} refused the call: {who}"
    assert rejected("busy", "A{0}").sentence == "A{0} is in another call"
    assert rejected("").sentence == "Alice refused the call"


def test_wait_is_the_next_step() -> None:
    assert rejected("too many wrong codes", wait_s=9).next_step == "Try again in 9 s"


@pytest.mark.parametrize(
    ("unknown_words", "sentence"),
    [
        ({"qqqqqq": ()}, "no call code contains the word qqqqqq"),
        (
            {"rabit": ("rabbit", "orbit", "habit")},
            "no call code contains the word rabit (did you mean rabbit, orbit or habit?)",
        ),
        (
            {"rabit": ("rabbit",), "lmap": ("lamp",)},
            "no call code contains the word rabit or lmap (did you mean rabbit and lamp?)",
        ),
    ],
)
def test_unknown_words_of_a_code_are_named(
    unknown_words: dict[str, tuple[str, ...]], sentence: str
) -> None:
    text = rejected("wrong code", unknown_words=unknown_words)
    assert text.sentence == f"The code is wrong: {sentence}"
    not_found = Ending(
        EndCause.FAILED,
        ExitStatus.NO_CALL,
        error_sentence="Nobody listens",
        unknown_words=unknown_words,
    )
    assert word_ending(not_found).sentence == f"Nobody listens, and {sentence}"


@given(st.text(max_size=300), st.text(max_size=100))
def test_any_reason_from_the_other_peer_makes_one_harmless_line(reason: str, name: str) -> None:
    for text in (rejected(reason, name), bye(reason, name)):
        assert text.line
        assert cut_controls(text.line) == text.line
        assert len(text.line) < 400


def test_error_is_its_sentence_and_next_step_without_control_characters() -> None:
    ending = Ending(
        EndCause.FAILED,
        ExitStatus.LOST,
        error_sentence="It\x1b broke",
        error_next_step="call again",
    )
    assert word_ending(ending).line == "It broke. Call again."


def test_fault_asks_for_a_report() -> None:
    text = word_ending(Ending(EndCause.FAULT, ExitStatus.FAULT, fault="ValueError: x"))
    assert "ValueError: x" in text.sentence
    assert "-v" in text.next_step


def test_name_at_the_start_of_a_line_is_not_capitalized() -> None:
    assert EndingText("listen.port must be x").line == "listen.port must be x."
    assert EndingText("alice hung up", "is it?").line == "alice hung up. Is it?"
