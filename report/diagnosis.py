"""The causes of a call's trouble, from its history. Pure: values only.

`report/diagnosis_words.py` makes the sentences.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from core.call_history import CallHistory, Series, Span
from core.call_quality import CLIMB_S, FAIR_TARGET_BPS, QualityLevel, QualityReason
from core.call_statistics import LimitedBy

NOTICED_SHARE = 0.1
"""Of the call's seconds; as for its quality."""
MOST_SHARE = 0.5
"""What a user does on purpose for a while, such as muting, is worth a word only from here on."""
LEAST_S = 3
"""Fewer seconds are an accident."""
LEAST_SILENT_S = 10
"""A microphone that is silent for less may belong to somebody who only listens, in a room of
studio quality; the window warns after the same time."""
LONG_ROUND_TRIP_MS = 150.0
"""Half of it is a noticed part of the 250 ms within which people can talk at ease."""
LOST_SHARE = 0.01
"""Of the packets. TCP over a healthy network sends fewer than one in a thousand again."""
LEAST_RESENT = 20


class Cause(Enum):
    """What can be changed about a call."""

    MICROPHONE_SILENT = auto()
    MICROPHONE_MISSING = auto()
    MUTED = auto()
    LOUDSPEAKER_MISSING = auto()
    LINK_LOST = auto()
    LOSS = auto()
    LONG_WAY = auto()
    SLOW_LINK = auto()
    PROCESSOR = auto()
    REMOTE_PROCESSOR = auto()
    UNSTEADY = auto()
    CAMERA_MISSING = auto()
    REMOTE_MUTED = auto()
    REMOTE_MICROPHONE_MISSING = auto()
    REMOTE_CAMERA_OFF = auto()


WEIGHTS = {
    Cause.MICROPHONE_SILENT: 5.0,
    Cause.MICROPHONE_MISSING: 5.0,
    Cause.LOUDSPEAKER_MISSING: 4.0,
    Cause.MUTED: 3.0,
    Cause.LOSS: 2.5,
    Cause.LONG_WAY: 2.0,
    Cause.SLOW_LINK: 2.0,
    Cause.PROCESSOR: 1.5,
    Cause.REMOTE_PROCESSOR: 1.5,
    Cause.CAMERA_MISSING: 1.5,
}
"""How much a cause that lasts for a whole call spoils it; of the others 1."""
LINK_LOST_WEIGHT = 1.5
"""However short: everybody remembers it."""
UNHEARD = frozenset({Cause.MICROPHONE_SILENT, Cause.MICROPHONE_MISSING})
"""The other peer did not hear the user, which no figure of the quality shows."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A cause, and the measurement that shows it.

    Attributes:
        seconds: for how long; 0 where it is not a matter of time.
        amount: losses of the link, the share of lost packets, or the round trip in ms; else 0.
    """

    cause: Cause
    seconds: int = 0
    amount: float = 0.0


def diagnose(call: CallHistory) -> tuple[Finding, ...]:
    """Return what was wrong with a call, the most important first; empty if nothing was."""
    found = [*_of_devices(call), *_of_the_link(call), *_of_computers(call), *_of_the_peer(call)]
    found.sort(key=lambda finding: -_weight(finding, call))
    if not found:
        found += _unexplained(call)
    return tuple(found)


def low_rate_spans(call: CallHistory) -> tuple[Span, ...]:
    """Return the spans in which the link held the rate below what pictures need."""
    return tuple(span for span in call.spans if _is_slow(span))


def limited_spans(call: CallHistory, by: LimitedBy) -> tuple[Span, ...]:
    """Return the spans in which something held the rate down, after the rate was found."""
    return tuple(
        span
        for span in call.spans
        if span.limited_by is by and span.ended_s > CLIMB_S and not span.is_lost
    )


def median(values: list[float]) -> float | None:
    """Return the middle of some values; None if there are none."""
    return share_of(values, 0.5)


def share_of(values: list[float], share: float) -> float | None:
    """Return the value that this share of them does not exceed; None if there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None


def resent_share(call: CallHistory) -> float | None:
    """Return the share of packets that were sent again; None if unknown."""
    last = call.last
    if last is None or not last.segments_sent or last.segments_resent is None:
        return None
    return min(1.0, last.segments_resent / last.segments_sent)


def _lost_share(call: CallHistory) -> float | None:
    """Return the share of packets that were lost, or None if it was not unusual."""
    share, last = resent_share(call), call.last
    if share is None or share < LOST_SHARE or last is None:
        return None
    return share if (last.segments_resent or 0) >= LEAST_RESENT else None


def _weight(finding: Finding, call: CallHistory) -> float:
    """Return how much a finding spoiled the call."""
    share = finding.seconds / call.totals.seconds if finding.seconds else 1.0
    if finding.cause is Cause.LINK_LOST:
        return LINK_LOST_WEIGHT + share
    return WEIGHTS.get(finding.cause, 1.0) * share


def _is_noticed(call: CallHistory, seconds: int, share: float = NOTICED_SHARE) -> bool:
    return seconds >= LEAST_S and seconds >= share * call.totals.seconds


def _of_devices(call: CallHistory) -> Iterator[Finding]:
    totals = call.totals
    microphone, camera = totals.devices["microphone"], totals.devices["camera"]
    missing = microphone["missing"]
    if totals.silent >= LEAST_SILENT_S and _is_noticed(call, totals.silent):
        yield Finding(Cause.MICROPHONE_SILENT, totals.silent)
    if _is_noticed(call, missing):
        yield Finding(Cause.MICROPHONE_MISSING, missing)
    if _is_noticed(call, microphone["off"], MOST_SHARE):
        yield Finding(Cause.MUTED, microphone["off"])
    if _is_noticed(call, away := totals.devices["loudspeaker"]["missing"]):
        yield Finding(Cause.LOUDSPEAKER_MISSING, away)
    if _is_noticed(call, away := camera["missing"]):
        yield Finding(Cause.CAMERA_MISSING, away)


def _of_the_link(call: CallHistory) -> Iterator[Finding]:
    totals = call.totals
    if totals.losses:
        yield Finding(Cause.LINK_LOST, totals.lost, totals.losses)
    # Of the round trips the shorter ones: a queue of our own makes the others longer.
    round_trip_ms = share_of(call.values(Series.ROUND_TRIP), 0.25)
    is_far = round_trip_ms is not None and round_trip_ms >= LONG_ROUND_TRIP_MS
    slow = sum(span.seconds for span in low_rate_spans(call))
    # A link that is too small drops what does not fit.
    is_small = _is_noticed(call, slow, MOST_SHARE) and not is_far
    resent = _lost_share(call)
    is_lossy = resent is not None and not is_small
    if resent is not None and is_lossy:
        yield Finding(Cause.LOSS, amount=resent)
    if is_far and round_trip_ms is not None:
        yield Finding(Cause.LONG_WAY, amount=round_trip_ms)
    # Losses and delay lower the rate by themselves.
    if _is_noticed(call, slow) and not is_lossy and not is_far:
        yield Finding(Cause.SLOW_LINK, slow)


def _is_slow(span: Span) -> bool:
    target_bps = span.value(Series.TARGET)
    return (
        span.limited_by is LimitedBy.LINK
        and span.ended_s > CLIMB_S
        and not span.is_lost
        and target_bps is not None
        and target_bps < FAIR_TARGET_BPS
    )


def _of_computers(call: CallHistory) -> Iterator[Finding]:
    for by, cause in (
        (LimitedBy.PROCESSOR, Cause.PROCESSOR),
        (LimitedBy.REMOTE, Cause.REMOTE_PROCESSOR),
    ):
        seconds = sum(span.seconds for span in limited_spans(call, by))
        if _is_noticed(call, seconds):
            yield Finding(cause, seconds)


def _of_the_peer(call: CallHistory) -> Iterator[Finding]:
    picture, sound = call.totals.devices["remote_picture"], call.totals.devices["remote_sound"]
    for seconds, cause in (
        (sound["muted"], Cause.REMOTE_MUTED),
        (sound["none"], Cause.REMOTE_MICROPHONE_MISSING),
        (picture["hidden"] + picture["none"], Cause.REMOTE_CAMERA_OFF),
    ):
        if _is_noticed(call, seconds, MOST_SHARE):
            yield Finding(cause, seconds)


def _unexplained(call: CallHistory) -> Iterator[Finding]:
    quality = call.quality
    if quality is None or quality.level is QualityLevel.GOOD:
        return
    bad = sum(n for q, n in call.totals.quality.items() if q.level is not QualityLevel.GOOD)
    if quality.reason is not QualityReason.NONE:
        yield Finding(Cause.UNSTEADY, bad)
