"""The plots of a call. Pure: no I/O, no clock."""

from collections.abc import Iterator

from core.call_history import CallHistory, Series, Span
from core.call_quality import FAIR_LATENCY_MS
from core.call_statistics import LimitedBy
from core.safe_text import shown_name
from report.event_words import word_event
from report.page import Plot
from report.plot import Lane, Line, Mark, Point, TimeAxis, draw_lanes, draw_lines

MBIT = 1e6


def plot_call(call: CallHistory) -> Iterator[Plot]:
    """Yield the plots of a call, each over its whole time."""
    who = shown_name(call.peer)
    axis = _time_axis(call, who)
    yield from _plot(
        axis,
        "Latency: how late what you saw and heard was",
        "ms",
        (
            _line(call, Series.PICTURE_LATENCY, "pictures"),
            _line(call, Series.SOUND_LATENCY, "sound"),
            _line(call, Series.ROUND_TRIP, "round trip"),
        ),
        limit=(FAIR_LATENCY_MS, "above, people interrupt each other"),
    )
    yield from _plot(
        axis,
        "Rate of the pictures",
        "Mbit/s",
        (
            _line(call, Series.SENT, "sent", MBIT),
            _line(call, Series.RECEIVED, "received", MBIT),
            _line(call, Series.TARGET, "what you could send", MBIT),
        ),
    )
    lanes = tuple(_lanes(call, who))
    if lanes:
        yield Plot(draw_lanes(axis, lanes), "What held your pictures back")
    yield from _plot(
        axis,
        "Pictures a second",
        "1/s",
        (_line(call, Series.SENT_RATE, "sent"), _line(call, Series.RECEIVED_RATE, "received")),
    )
    yield from _plot(
        axis,
        "Sound that was made up, because it came late",
        "ms",
        (_line(call, Series.CONCEALED, "in each second", is_bars=True),),
    )
    yield from _plot(
        axis, "Processor, of one core", "%", (_line(call, Series.PROCESSOR, "this program"),)
    )


def _plot(
    axis: TimeAxis,
    caption: str,
    unit: str,
    lines: tuple[Line, ...],
    limit: tuple[float, str] | None = None,
) -> Iterator[Plot]:
    """Yield a plot of those lines that have values, or none."""
    known = [line for line in lines if any(point.value is not None for point in line.points)]
    if known:
        yield Plot(draw_lines(axis, known, unit, limit=limit), caption)


def _line(
    call: CallHistory, series: Series, name: str, divisor: float = 1.0, *, is_bars: bool = False
) -> Line:
    points = []
    for span in call.spans:
        value = span.value(series)
        points.append(Point(span.began_s, span.ended_s, None if value is None else value / divisor))
    return Line(name, tuple(points), is_bars)


def _time_axis(call: CallHistory, who: str) -> TimeAxis:
    marks = tuple(
        Mark(event.t_s, number, word_event(event, who))
        for number, event in enumerate(call.events, 1)
    )
    lost = tuple(_joined([span for span in call.spans if span.is_lost]))
    return TimeAxis(call.length_s, marks, lost)


def _lanes(call: CallHistory, who: str) -> Iterator[Lane]:
    names = {
        LimitedBy.LINK: "the network",
        LimitedBy.PROCESSOR: "this computer",
        LimitedBy.REMOTE: f"{who}'s computer",
        LimitedBy.SETTING: "your setting video.bitrate_bps",
    }
    for limit, name in names.items():
        spans = [span for span in call.spans if span.limited_by is limit and not span.is_lost]
        if spans:
            yield Lane(name, tuple(_joined(spans)))


def _joined(spans: list[Span]) -> Iterator[tuple[float, float]]:
    """Yield the times of spans; neighbours become one."""
    began_s: float | None = None
    ended_s = 0.0
    for span in spans:
        if began_s is not None and span.began_s > ended_s + 0.001:
            yield began_s, ended_s
            began_s = None
        if began_s is None:
            began_s = span.began_s
        ended_s = span.ended_s
    if began_s is not None:
        yield began_s, ended_s
