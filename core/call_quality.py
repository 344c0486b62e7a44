"""The quality of a call in one word, with its reason, judged from its figures. Pure: values only.

A second is good, fair or poor; a span of seconds is as bad as a part of them that people notice.
`ui.wording.quality` makes the words.
"""

from collections import Counter, deque
from collections.abc import Iterable
from enum import Enum, IntEnum

import msgspec

from core.call_statistics import CallState, CallStatistics, LimitedBy

FAIR_LATENCY_MS, POOR_LATENCY_MS = 250.0, 400.0
"""One way. People begin to interrupt each other at 250 ms, and 400 ms is the limit for a
conversation: ITU-T G.114."""
FAIR_CONCEALED_MS, POOR_CONCEALED_MS = 40.0, 150.0
"""Invented sound in a second. At 4 % people hear it, at 15 % words are lost: ITU-T G.107, with
packet loss concealment."""
FAIR_GAP_MS, POOR_GAP_MS = 400.0, 900.0
"""Without a new picture, in a second in which pictures move."""
MOVING_FPS = 5.0
"""Fewer pictures than this may be a still, a placeholder or a camera that was turned off."""
FAIR_TARGET_BPS, POOR_TARGET_BPS = 500_000, 120_000
"""Below these, pictures are 640x360 at most, and 320x180: net/protocol/video_ladder.py."""
CLIMB_S = 5.0
"""At the start of a call the rate is still being found."""
RECENT_S = 5
NOTICED_SHARE = 0.1
"""The share of bad seconds that makes a whole call worse."""
RECENT_SHARE = 0.4
"""The same for the last seconds."""
LEAST_S = 2
"""A single bad second never changes the word."""


class QualityLevel(IntEnum):
    """How good a call is for those who hold it."""

    GOOD = 0
    FAIR = 1
    POOR = 2


class QualityReason(Enum):
    """A reason why a call is worse than good."""

    NONE = "none"
    LINK_LOST = "link lost"
    SOUND_BREAKS = "sound breaks"
    SOUND_LATE = "sound late"
    PICTURE_LATE = "picture late"
    PICTURE_STALLS = "picture stalls"
    LINK = "link"
    """Our own pictures are small or rare because the link carries no more."""
    PROCESSOR = "processor"
    """This computer cannot encode as much as the link would carry."""
    REMOTE = "remote"
    """The other computer cannot decode as much as the link would carry."""


class Quality(msgspec.Struct, frozen=True):
    """The quality of a second or of a call, and the reason if it is not good."""

    level: QualityLevel = QualityLevel.GOOD
    reason: QualityReason = QualityReason.NONE


def judge_second(now: CallStatistics, before: CallStatistics | None = None) -> Quality:
    """Return the quality of the second that these figures describe.

    Args:
        before: the figures of the second before, or None at the start.
    """
    if now.state is CallState.RECONNECTING:
        return Quality(QualityLevel.POOR, QualityReason.LINK_LOST)
    # A total of the call.
    concealed_ms = now.audio_in_concealed_ms - (before.audio_in_concealed_ms if before else 0.0)
    gap_ms = now.video_in_longest_gap_ms if now.video_in_fps >= MOVING_FPS else None
    found = [
        Quality(
            _level(concealed_ms, FAIR_CONCEALED_MS, POOR_CONCEALED_MS), QualityReason.SOUND_BREAKS
        ),
        Quality(
            _level(now.audio_in_latency_ms, FAIR_LATENCY_MS, POOR_LATENCY_MS),
            QualityReason.SOUND_LATE,
        ),
        Quality(
            _level(now.video_in_latency_p95_ms, FAIR_LATENCY_MS, POOR_LATENCY_MS),
            QualityReason.PICTURE_LATE,
        ),
        Quality(_level(gap_ms, FAIR_GAP_MS, POOR_GAP_MS), QualityReason.PICTURE_STALLS),
        _judge_limit(now),
    ]
    worst = max(found, key=lambda quality: quality.level)  # The first of several equally bad ones.
    return Quality() if worst.level is QualityLevel.GOOD else worst


def judge_span(seconds: Iterable[Quality] | Counter[Quality], share: float) -> Quality:
    """Return the quality of a span, from that of its seconds; good without two bad ones.

    Args:
        seconds: one for each second, or how many seconds had which.
        share: the share of bad seconds that counts, above 0.
    """
    counts = Counter(seconds)
    least = max(LEAST_S, counts.total() * share)
    for level in (QualityLevel.POOR, QualityLevel.FAIR):
        bad: Counter[QualityReason] = Counter()
        for quality, count in counts.items():
            if quality.level >= level:
                bad[quality.reason] += count
        if bad.total() >= least:
            return Quality(level, bad.most_common(1)[0][0])
    return Quality()


class QualityTally:
    """The quality of a call so far. Bounded: it keeps counts and the last seconds."""

    def __init__(self) -> None:
        self._before: CallStatistics | None = None
        self._counts: Counter[Quality] = Counter()
        self._recent: deque[Quality] = deque(maxlen=RECENT_S)

    def add(self, figures: CallStatistics) -> None:
        """Add the figures of one more second; those of a call's end are of less than one."""
        if figures.state is CallState.ENDED:
            return
        quality = judge_second(figures, self._before)
        self._before = figures
        self._counts[quality] += 1
        self._recent.append(quality)

    @property
    def recent(self) -> Quality:
        """The quality of the last seconds; a lost link counts at once."""
        if self._recent and self._recent[-1].reason is QualityReason.LINK_LOST:
            return self._recent[-1]
        return judge_span(self._recent, RECENT_SHARE)

    @property
    def overall(self) -> Quality | None:
        """The quality of the whole call; None if it lasted less than a second."""
        return judge_span(self._counts, NOTICED_SHARE) if self._counts else None


def _level(value: float | None, fair: float, poor: float) -> QualityLevel:
    if value is None or value < fair:
        return QualityLevel.GOOD
    return QualityLevel.FAIR if value < poor else QualityLevel.POOR


def _judge_limit(now: CallStatistics) -> Quality:
    """Return how far our own pictures are held back by what can be mended."""
    if now.t_s < CLIMB_S:
        return Quality()
    match now.limited_by:
        case LimitedBy.LINK if now.target_bps < POOR_TARGET_BPS:
            return Quality(QualityLevel.POOR, QualityReason.LINK)
        case LimitedBy.LINK if now.target_bps < FAIR_TARGET_BPS:
            return Quality(QualityLevel.FAIR, QualityReason.LINK)
        case LimitedBy.PROCESSOR:
            return Quality(QualityLevel.FAIR, QualityReason.PROCESSOR)
        case LimitedBy.REMOTE:
            return Quality(QualityLevel.FAIR, QualityReason.REMOTE)
        case _:
            return Quality()
