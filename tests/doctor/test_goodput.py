"""doctor/goodput.py: the words for a measurement, and for each reason to refuse one."""

import pytest

from doctor.finding import Mark
from doctor.goodput import judge_goodput
from doctor.goodput_probe import Goodput
from net.protocol.reasons import Reason

NEED_BPS = 2_532_000
REASONS = (
    Reason.NOT_KNOWN,
    Reason.BUSY,
    Reason.DO_NOT_DISTURB,
    Reason.MEASURING,
    Reason.MEASURED_TOO_OFTEN,
    Reason.WRONG_PROOF,
)


def test_fast_link_is_fine() -> None:
    finding = judge_goodput(Goodput(NEED_BPS, 941_000_000), "Bob", NEED_BPS)
    assert (finding.mark, finding.next_step) == (Mark.OK, "")
    assert finding.sentence == "2.53 Mbit/s arrive at Bob, and 941 Mbit/s here"
    assert finding.figures == {"send_bps": NEED_BPS, "receive_bps": 941_000_000}


@pytest.mark.parametrize("found", [Goodput(NEED_BPS - 1, 10**9), Goodput(10**9, NEED_BPS - 1)])
def test_direction_below_the_need_of_a_call_is_a_warning(found: Goodput) -> None:
    finding = judge_goodput(found, "Bob", NEED_BPS)
    assert finding.mark is Mark.WARNING
    assert "1000 Mbit/s" in finding.sentence
    assert "needs 2.53" in finding.sentence
    assert finding.next_step
    assert finding.figures["send_bps"] == found.send_bps


@pytest.mark.parametrize("reason", REASONS)
def test_every_refusal_has_its_sentence_and_next_step_and_is_nothing_wrong(reason: Reason) -> None:
    finding = judge_goodput(Goodput(refusal=reason), "Bob", NEED_BPS)
    assert finding.mark is Mark.OK
    assert finding.sentence.startswith("Not measured: Bob ")
    assert reason.value not in finding.sentence.removesuffix("measured with you too often lately")
    assert finding.next_step
    assert not finding.figures


def test_sentences_of_refusals_differ() -> None:
    sentences = {
        judge_goodput(Goodput(refusal=reason), "Bob", NEED_BPS).sentence for reason in REASONS
    }
    assert len(sentences) == len(REASONS)


def test_wait_of_a_refusal_is_told() -> None:
    found = Goodput(refusal=Reason.MEASURED_TOO_OFTEN, wait_s=42)
    assert judge_goodput(found, "Bob", NEED_BPS).next_step == "Try again in 42 s"


def test_reason_of_a_later_version_is_shown() -> None:
    finding = judge_goodput(Goodput(refusal="on holiday"), "Bob", NEED_BPS)
    assert finding.sentence == "Not measured: Bob refused: on holiday"
    assert finding.mark is Mark.OK


def test_older_program_is_named() -> None:
    finding = judge_goodput(Goodput(is_supported=False), "Bob", NEED_BPS)
    assert finding.mark is Mark.OK
    assert "older" in finding.sentence
    assert "Update" in finding.next_step


def test_link_that_carries_next_to_nothing_is_a_warning() -> None:
    finding = judge_goodput(Goodput(10**6, None), "Bob", NEED_BPS)
    assert finding.mark is Mark.WARNING
    assert finding.next_step


def test_rate_that_the_length_of_the_way_explains_is_no_warning() -> None:
    found = Goodput(2_000_000, 10**9)
    short = judge_goodput(found, "Bob", NEED_BPS, round_trip_us=20_000)
    long = judge_goodput(found, "Bob", NEED_BPS, round_trip_us=240_000)
    assert (short.mark, long.mark) == (Mark.WARNING, Mark.OK)
    assert "too short" in long.sentence
    assert long.next_step
    assert long.figures == short.figures
