"""core/call_quality.py: one word for a second, for the last seconds and for a whole call."""

from typing import Any

import pytest
from msgspec.structs import replace

from core.call_quality import (
    CLIMB_S,
    RECENT_S,
    Quality,
    QualityLevel,
    QualityReason,
    QualityTally,
    judge_second,
    judge_span,
)
from core.call_statistics import CallState, CallStatistics, LimitedBy

GOOD = CallStatistics(
    t_s=30.0,
    state=CallState.CALL,
    peer="Bob",
    target_bps=2_500_000,
    video_in_fps=30.0,
    video_in_latency_p95_ms=40.0,
    video_in_longest_gap_ms=50.0,
    audio_in_latency_ms=60.0,
    audio_in_concealed_ms=0.0,
)
FAIR, POOR = QualityLevel.FAIR, QualityLevel.POOR


def figures(**changes: Any) -> CallStatistics:
    return replace(GOOD, **changes)


LOST = figures(state=CallState.RECONNECTING)


@pytest.mark.parametrize(
    ("now", "level", "reason"),
    [
        (GOOD, QualityLevel.GOOD, QualityReason.NONE),
        (figures(audio_in_concealed_ms=50.0), FAIR, QualityReason.SOUND_BREAKS),
        (figures(audio_in_concealed_ms=300.0), POOR, QualityReason.SOUND_BREAKS),
        (figures(audio_in_latency_ms=300.0), FAIR, QualityReason.SOUND_LATE),
        (figures(audio_in_latency_ms=450.0), POOR, QualityReason.SOUND_LATE),
        (figures(video_in_latency_p95_ms=300.0), FAIR, QualityReason.PICTURE_LATE),
        (figures(video_in_longest_gap_ms=950.0), POOR, QualityReason.PICTURE_STALLS),
        (figures(limited_by=LimitedBy.LINK, target_bps=300_000), FAIR, QualityReason.LINK),
        (figures(limited_by=LimitedBy.LINK, target_bps=60_000), POOR, QualityReason.LINK),
        (figures(limited_by=LimitedBy.PROCESSOR), FAIR, QualityReason.PROCESSOR),
        (figures(limited_by=LimitedBy.REMOTE), FAIR, QualityReason.REMOTE),
        (LOST, POOR, QualityReason.LINK_LOST),
    ],
)
def test_second_is_as_bad_as_its_worst_figure(
    now: CallStatistics, level: QualityLevel, reason: QualityReason
) -> None:
    assert judge_second(now, GOOD) == Quality(level, reason)


@pytest.mark.parametrize(
    "now",
    [
        figures(limited_by=LimitedBy.LINK, target_bps=2_000_000),
        figures(limited_by=LimitedBy.SETTING, target_bps=60_000),
        figures(limited_by=LimitedBy.LINK, target_bps=60_000, t_s=CLIMB_S - 1),
        figures(video_in_fps=0.0, video_in_longest_gap_ms=60_000.0),
        CallStatistics(t_s=1.0, state=CallState.CALL, peer="Bob"),
    ],
    ids=["a wide link", "as set", "the first seconds", "a camera that is off", "nothing known"],
)
def test_what_nobody_suffers_from_is_good(now: CallStatistics) -> None:
    assert judge_second(now, GOOD) == Quality()


def test_worse_figure_wins_over_one_that_is_asked_first() -> None:
    both = figures(audio_in_latency_ms=300.0, video_in_latency_p95_ms=900.0)
    assert judge_second(both, GOOD) == Quality(POOR, QualityReason.PICTURE_LATE)


def test_single_bad_second_changes_neither_the_last_ones_nor_the_call() -> None:
    tally = QualityTally()
    for _ in range(15):
        tally.add(GOOD)
    tally.add(figures(audio_in_latency_ms=900.0))
    assert (tally.recent, tally.overall) == (Quality(), Quality())
    tally.add(figures(audio_in_latency_ms=900.0))
    late = Quality(POOR, QualityReason.SOUND_LATE)
    assert (tally.recent, tally.overall) == (late, late)


def test_last_seconds_forget_and_the_call_does_not() -> None:
    tally = QualityTally()
    for now in (*[figures(audio_in_latency_ms=300.0)] * 5, *[GOOD] * RECENT_S):
        tally.add(now)
    assert tally.recent == Quality()
    assert tally.overall == Quality(FAIR, QualityReason.SOUND_LATE)


def test_lost_link_counts_at_once() -> None:
    tally = QualityTally()
    for now in (*[GOOD] * 20, LOST):
        tally.add(now)
    assert tally.recent == Quality(POOR, QualityReason.LINK_LOST)


def test_call_of_less_than_a_second_has_no_quality() -> None:
    tally = QualityTally()
    tally.add(figures(state=CallState.ENDED))
    assert tally.overall is None


def test_reason_of_a_span_is_the_most_frequent_one_of_its_level() -> None:
    seconds = [
        *[Quality(FAIR, QualityReason.PROCESSOR)] * 5,
        *[Quality(POOR, QualityReason.SOUND_BREAKS)] * 2,
        *[Quality(POOR, QualityReason.LINK)] * 1,
        *[Quality()] * 20,
    ]
    assert judge_span(seconds, 0.1) == Quality(POOR, QualityReason.SOUND_BREAKS)
    assert judge_span(seconds, 0.2) == Quality(FAIR, QualityReason.PROCESSOR)
    assert judge_span(seconds, 0.5) == Quality()
    assert judge_span([], 0.1) == Quality()


def test_concealed_sound_is_a_total_of_which_a_second_counts_its_own_part() -> None:
    before = figures(audio_in_concealed_ms=5_000.0)
    assert judge_second(figures(audio_in_concealed_ms=5_010.0), before) == Quality()
    assert judge_second(figures(audio_in_concealed_ms=5_050.0), before).level is FAIR
