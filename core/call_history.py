"""The figures of one call from its beginning, in bounded memory, for its report. Pure: values only.

Each second becomes a span; when there are too many, two neighbours become one. Totals and counts
are exact.
"""

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import StrEnum

import msgspec

from core.call_quality import Quality, QualityTally, judge_second
from core.call_statistics import CallState, CallStatistics, DeviceUse, LimitedBy

MAX_SPANS = 600
"""As many as a plot has points; 200 kB."""
MAX_EVENTS = 200
SILENCE_DBFS = -85.0
"""No microphone that is switched on is as quiet: media/sound/voice_level.py."""
DEVICES = ("camera", "microphone", "loudspeaker", "remote_picture", "remote_sound")


class Series(StrEnum):
    """The figures that a span keeps; most are fields of the statistics."""

    ROUND_TRIP = "rtt_ms"
    QUEUE = "queue_delay_ms"
    PICTURE_LATENCY = "picture_latency_ms"
    """To the screen, or without a window to the decoded picture; the 95th percentile."""
    SOUND_LATENCY = "audio_in_latency_ms"
    TARGET = "target_bps"
    SENT = "video_out_bps"
    RECEIVED = "video_in_bps"
    SENT_RATE = "video_out_fps"
    RECEIVED_RATE = "video_in_fps"
    GAP = "video_in_longest_gap_ms"
    CONCEALED = "concealed_ms"
    """Of this second; in a longer span, of the worst one."""
    LEVEL = "microphone_dbfs"
    PROCESSOR = "cpu_percent"
    ENCODING = "encode_ms"


MEANS = frozenset(
    {
        *(Series.TARGET, Series.SENT, Series.RECEIVED, Series.SENT_RATE, Series.RECEIVED_RATE),
        *(Series.ROUND_TRIP, Series.PROCESSOR, Series.ENCODING),
    }
)
"""The series of which a longer span keeps the mean; of the others it keeps the largest value."""

_ORDER = tuple(Series)
_PLACE = {series: place for place, series in enumerate(Series)}
_PLAIN = tuple(
    series
    for series in Series
    if series.value in CallStatistics.__struct_fields__ and series is not Series.CONCEALED
)


class Span(msgspec.Struct, frozen=True):
    """The figures of a span of seconds.

    Attributes:
        seconds: how many it joins.
        values: of each series, in their order; None where unknown.
        is_lost: True if the link was lost in it.
    """

    began_s: float
    ended_s: float
    seconds: int
    values: tuple[float | None, ...]
    limited_by: LimitedBy
    is_lost: bool

    def value(self, series: Series) -> float | None:
        """Return the value of one series."""
        return self.values[_PLACE[series]]


class HistoryEvent(msgspec.Struct, frozen=True):
    """Something that happened in a call.

    Attributes:
        name: as `--events` names it, such as `link_lost`.
        detail: what distinguishes it, such as the device and its state.
    """

    t_s: float
    name: str
    detail: str = ""


class Totals(msgspec.Struct):
    """What is counted over a whole call, in seconds unless a name says otherwise.

    Attributes:
        settled: the seconds after the rate was found.
        limits: of the settled seconds, by what held the rate down.
        devices: of each device, by its use.
        silent: with an open microphone that delivered no sound.
        heard: with an open microphone that did.
        lost: without a link.
        losses: how often the link was lost.
        unheard: in which no sound arrived although the other peer sent it.
        unseen: in which no picture arrived although the other peer sent it.
    """

    seconds: int = 0
    limits: Counter[LimitedBy] = msgspec.field(default_factory=Counter)
    quality: Counter[Quality] = msgspec.field(default_factory=Counter)
    devices: dict[str, Counter[str]] = msgspec.field(
        default_factory=lambda: {device: Counter() for device in DEVICES}
    )
    silent: int = 0
    heard: int = 0
    lost: int = 0
    losses: int = 0
    unheard: int = 0
    unseen: int = 0


class CallHistory:
    """One call from its beginning.

    Attributes:
        began_at: when it was accepted; None if unknown.
        last: the figures of the last second; None before the first.
        totals: counts of the whole call.
    """

    def __init__(self, began_at: datetime | None = None) -> None:
        self.began_at = began_at
        self.last: CallStatistics | None = None
        self.totals = Totals()
        self._spans: list[Span] = []
        self._seconds_each = 1
        self._events: deque[HistoryEvent] = deque(maxlen=MAX_EVENTS)
        self._tally = QualityTally()

    def add(self, figures: CallStatistics) -> None:
        """Add the figures of one more second."""
        before, self.last = self.last, figures
        if figures.state is CallState.ENDED:
            return
        self._tally.add(figures)
        self._count(figures, before)
        self._note_changes(figures, before)
        span = _make_span(figures, before)
        if self._spans and self._spans[-1].seconds < self._seconds_each:
            self._spans[-1] = _join(self._spans[-1], span)
            return
        self._spans.append(span)
        if len(self._spans) > MAX_SPANS:
            self._spans = list(_halve(self._spans))
            self._seconds_each *= 2

    @property
    def peer(self) -> str:
        """The name of the other peer."""
        return "" if self.last is None else self.last.peer

    @property
    def length_s(self) -> float:
        """How long the call was."""
        return 0.0 if self.last is None else self.last.t_s

    @property
    def is_complete(self) -> bool:
        """True once the call's end is known."""
        return self.last is not None and self.last.state is CallState.ENDED

    @property
    def quality(self) -> Quality | None:
        """The quality of the whole call; None if it lasted less than a second."""
        return self._tally.overall

    @property
    def spans(self) -> tuple[Span, ...]:
        """All spans in order."""
        return tuple(self._spans)

    @property
    def events(self) -> tuple[HistoryEvent, ...]:
        """What happened, as the statistics show it; the newest if there was too much."""
        return tuple(self._events)

    def replace_events(self, events: Iterable[HistoryEvent]) -> None:
        """Store what happened as others saw it, in place of what the statistics show."""
        self._events = deque(events, maxlen=MAX_EVENTS)

    def values(self, series: Series) -> list[float]:
        """Return the known values of a series."""
        found = (span.value(series) for span in self._spans)
        return [value for value in found if value is not None]

    def _count(self, now: CallStatistics, before: CallStatistics | None) -> None:
        totals = self.totals
        totals.seconds += 1
        totals.quality[judge_second(now, before)] += 1
        if now.state is CallState.RECONNECTING:
            totals.lost += 1
            totals.losses += before is None or before.state is not CallState.RECONNECTING
            return
        totals.limits[now.limited_by] += 1
        for device in DEVICES:
            if (use := getattr(now, device)) is not None:
                totals.devices[device][str(use)] += 1
        if now.microphone is DeviceUse.OPEN and now.microphone_dbfs is not None:
            if now.microphone_dbfs <= SILENCE_DBFS:
                totals.silent += 1
            else:
                totals.heard += 1
        totals.unheard += now.remote_sound == "expected" and now.audio_in_bps == 0
        totals.unseen += now.remote_picture == "expected" and now.video_in_fps == 0

    def _note_changes(self, now: CallStatistics, before: CallStatistics | None) -> None:
        began_s = 0.0 if before is None else before.t_s
        for name, detail in _changes(now, before):
            self._events.append(HistoryEvent(began_s, name, detail))


def _changes(now: CallStatistics, before: CallStatistics | None) -> Iterator[tuple[str, str]]:
    """Yield what has changed since the second before, as events."""
    was_lost = before is not None and before.state is CallState.RECONNECTING
    is_lost = now.state is CallState.RECONNECTING
    if is_lost and not was_lost:
        yield "link_lost", ""
    elif was_lost and not is_lost:
        yield "resumed", ""
    for device in ("camera", "microphone", "loudspeaker"):
        use = getattr(now, device)
        former = getattr(before, device) if before is not None else DeviceUse.OPEN
        if use is not None and former is not None and use != former and use != DeviceUse.NONE:
            yield "device", f"{device} {use}"
    for side in ("remote_picture", "remote_sound"):
        state = getattr(now, side)
        former = getattr(before, side) if before is not None else "expected"
        if state is not None and former is not None and state != former:
            yield side, state


def _make_span(now: CallStatistics, before: CallStatistics | None) -> Span:
    values: list[float | None] = [None] * len(_ORDER)
    for series in _PLAIN:
        values[_PLACE[series]] = getattr(now, series.value)
    shown_ms = now.video_shown_latency_p95_ms
    values[_PLACE[Series.PICTURE_LATENCY]] = (
        now.video_in_latency_p95_ms if shown_ms is None else shown_ms
    )
    concealed_ms = before.audio_in_concealed_ms if before is not None else 0.0
    values[_PLACE[Series.CONCEALED]] = max(0.0, now.audio_in_concealed_ms - concealed_ms)
    is_lost = now.state is CallState.RECONNECTING
    if is_lost:  # The last figures of the link that was lost.
        values[_PLACE[Series.ROUND_TRIP]] = values[_PLACE[Series.QUEUE]] = None
    return Span(
        began_s=min(now.t_s, before.t_s if before is not None else 0.0),
        ended_s=now.t_s,
        seconds=1,
        values=tuple(values),
        limited_by=now.limited_by,
        is_lost=is_lost,
    )


def _halve(spans: list[Span]) -> Iterator[Span]:
    """Yield half as many spans; the last of an odd number stays as it is."""
    for place in range(0, len(spans), 2):
        pair = spans[place : place + 2]
        yield pair[0] if len(pair) == 1 else _join(*pair)


def _join(first: Span, second: Span) -> Span:
    return Span(
        began_s=first.began_s,
        ended_s=second.ended_s,
        seconds=first.seconds + second.seconds,
        values=tuple(_join_values(series, (first, second)) for series in _ORDER),
        limited_by=second.limited_by if first.limited_by is LimitedBy.NONE else first.limited_by,
        is_lost=first.is_lost or second.is_lost,
    )


def _join_values(series: Series, spans: tuple[Span, Span]) -> float | None:
    known = [(v, span.seconds) for span in spans if (v := span.value(series)) is not None]
    if not known:
        return None
    if series not in MEANS:
        return max(value for value, _ in known)
    return sum(value * weight for value, weight in known) / sum(weight for _, weight in known)
