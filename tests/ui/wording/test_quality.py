"""ui/wording/quality.py: good, fair or poor first, then the reason."""

import pytest

from core.call_quality import Quality, QualityLevel, QualityReason
from core.exit_status import ExitStatus
from ui.view import EndCause, Ending
from ui.wording.quality import word_call, word_length, word_quality

LATE = Quality(QualityLevel.FAIR, QualityReason.SOUND_LATE)


def test_good_needs_no_reason_and_the_others_have_one() -> None:
    assert word_quality(Quality()) == "good"
    for reason in QualityReason:
        if reason is not QualityReason.NONE:
            level, _, why = word_quality(Quality(QualityLevel.POOR, reason)).partition(": ")
            assert level == "poor"
            assert why


@pytest.mark.parametrize(
    ("length_s", "text"),
    [
        (0.4, "less than a second"),
        (1, "1 s"),
        (59.9, "59 s"),
        (60, "1 min 0 s"),
        (200, "3 min 20 s"),
        (3725, "1 h 2 min"),
    ],
)
def test_length_is_in_words(length_s: float, text: str) -> None:
    assert word_length(length_s) == text


def test_end_of_a_call_tells_its_length_and_quality() -> None:
    def ending(length_s: float | None, quality: Quality | None) -> Ending:
        return Ending(EndCause.HUNG_UP, ExitStatus.OK, length_s=length_s, quality=quality)

    assert word_call(ending(200, LATE)) == (
        "The call lasted 3 min 20 s; its quality was fair: late sound"
    )
    assert word_call(ending(0.5, None)) == "The call lasted less than a second"
    assert word_call(ending(None, None)) == ""
