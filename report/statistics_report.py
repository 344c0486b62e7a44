"""The page about the calls of a statistics file. Pure but for reading the files.

docs/report.md says what it shows.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from core.call_history import SILENCE_DBFS, CallHistory, Series
from core.call_statistics import LimitedBy
from core.safe_text import shown_name
from report.call_plots import plot_call
from report.diagnosis import median, resent_share, share_of
from report.diagnosis_words import word_call_report
from report.event_words import word_event
from report.events_source import add_events
from report.page import Block, Figure, Figures, Page, Section, Table, Text
from report.plot import word_time, word_value
from report.source import shown_path
from report.statistics_file import MAX_CALLS, StatisticsSource, read_statistics
from ui.wording.quality import word_length, word_quality

UNKNOWN = "unknown"


def make_statistics_page(path: Path, events: Path | None = None) -> Page:
    """Return the page about a file of statistics.

    Args:
        events: the events of the same run, if there are any.
    Raises:
        UnreadableSource: a file cannot be read, or holds no figures of a call, or other events.
    """
    source = read_statistics(path)
    if events is not None:
        add_events(source.calls, source.call_count, events)
    return make_page(tuple(source.calls), f"From {shown_path(path)}", tuple(_notes(source)))


def make_page(calls: Sequence[CallHistory], subtitle: str, notes: Sequence[str] = ()) -> Page:
    """Return the page about one call or several, the last of which is the newest."""
    newest = calls[-1]
    if newest.began_at is not None and len(calls) == 1:
        subtitle = f"{_word_day(newest.began_at)}. {subtitle}"
    sections: list[Section] = []
    if len(calls) == 1:
        title = f"Your call with {shown_name(newest.peer)}"
        lead = (word_call_report(newest),)
        sections += _call_sections(newest, "")
    else:
        title = f"{len(calls)} calls, the last with {shown_name(newest.peer)}"
        lead = (f"The last call: {word_call_report(newest)}",)
        sections.append(Section("All calls", (_list_calls(calls),)))
        for number, call in reversed(list(enumerate(calls, 1))):
            name = f"Call {number}, with {shown_name(call.peer)}"
            sections.append(Section(name, (Text(word_call_report(call)),)))
            sections += _call_sections(call, f"Call {number}: ")
    if notes:
        sections.append(Section("About this file", tuple(Text(note) for note in notes)))
    return Page(title=title, subtitle=subtitle, lead=lead, sections=tuple(sections))


def _notes(source: StatisticsSource) -> Iterator[str]:
    if source.call_count > MAX_CALLS:
        yield (f"The file has {source.call_count:,} calls; the newest {MAX_CALLS} are shown.")
    if source.damaged_lines:
        lines = "1 line" if source.damaged_lines == 1 else f"{source.damaged_lines:,} lines"
        yield f"{lines} could not be read, and left out; the last one may have been cut."
    if not source.calls[-1].is_complete:
        yield "The end of the last call is not in the file: it still goes on, or was cut off."


def _call_sections(call: CallHistory, prefix: str) -> Iterator[Section]:
    yield Section(f"{prefix}In figures", (Figures(tuple(_figures(call))),))
    if call.spans:
        yield Section(f"{prefix}Over time", tuple(plot_call(call)))
    if call.events:
        yield Section(f"{prefix}What happened", (_list_events(call),))


def _list_calls(calls: Sequence[CallHistory]) -> Block:
    rows = tuple(
        (
            str(number),
            shown_name(call.peer),
            "" if call.began_at is None else _word_day(call.began_at),
            word_length(call.length_s),
            UNKNOWN if call.quality is None else word_quality(call.quality),
        )
        for number, call in enumerate(calls, 1)
    )
    return Table(("Call", "With", "Began", "Length", "Quality"), rows)


def _list_events(call: CallHistory) -> Block:
    rows = tuple(
        (str(number), word_time(event.t_s), word_event(event, shown_name(call.peer)))
        for number, event in enumerate(call.events, 1)
    )
    return Table(("", "Time", "What"), rows)


def _figures(call: CallHistory) -> Iterator[Figure]:
    last, who = call.last, shown_name(call.peer)
    if call.quality is not None:
        yield Figure("Quality", word_quality(call.quality).partition(":")[0])
    yield Figure("Length", word_length(call.length_s))
    yield from _latency(call, Series.PICTURE_LATENCY, "Pictures reach you after")
    yield from _latency(call, Series.SOUND_LATENCY, "Sound reaches you after")
    yield from _latency(call, Series.ROUND_TRIP, "Round trip")
    for series, name in ((Series.SENT, "You sent"), (Series.RECEIVED, f"{who} sent")):
        if (bps := median(call.values(series))) is not None:
            yield Figure(name, word_rate(bps), "pictures, usual second")
    if last is None:
        return
    if last.video_out_width and last.video_out_height:
        rate = median(call.values(Series.SENT_RATE)) or 0.0
        size = f"{last.video_out_width}x{last.video_out_height}"
        yield Figure("Your pictures", size, f"at the end; {rate:.0f} a second")
    if last.video_in_width and last.video_in_height:
        rate = median(call.values(Series.RECEIVED_RATE)) or 0.0
        size = f"{last.video_in_width}x{last.video_in_height}"
        yield Figure(f"{who}'s pictures", size, f"at the end; {rate:.0f} a second")
    yield Figure(
        "Sound made up", word_value(last.audio_in_concealed_ms / 1000, "s"), "it came late"
    )
    if (resent := resent_share(call)) is not None:
        yield Figure("Packets lost", f"{resent * 100:.1f} %", "of yours")
    yield Figure("Link lost", _word_times(call.totals.losses), _lost_remark(call))
    levels_dbfs = call.values(Series.LEVEL)
    if levels_dbfs:
        level = f"{max(levels_dbfs):.0f} dBFS"
        is_silent = max(levels_dbfs) <= SILENCE_DBFS
        yield Figure("Your microphone", "silent" if is_silent else level, "at its loudest")
    yield from _processor(call)


def _word_times(count: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(count, f"{count} times")


def _lost_remark(call: CallHistory) -> str:
    return f"for {word_length(call.totals.lost)}" if call.totals.lost else ""


def _latency(call: CallHistory, series: Series, name: str) -> Iterator[Figure]:
    values = call.values(series)
    usual_ms, worst_ms = median(values), share_of(values, 1.0)
    if usual_ms is not None and worst_ms is not None:
        yield Figure(name, f"{usual_ms:.0f} ms", f"worst second {worst_ms:.0f} ms")


def _processor(call: CallHistory) -> Iterator[Figure]:
    usual, worst = (
        median(call.values(Series.PROCESSOR)),
        share_of(call.values(Series.PROCESSOR), 1.0),
    )
    if usual is not None and worst is not None:
        yield Figure("Processor", f"{usual:.0f} %", f"of one core; at most {worst:.0f} %")
    if call.last is not None and call.last.rss_bytes:
        yield Figure("Memory", f"{call.last.rss_bytes / 1e6:.0f} MB", "at the end")
    limits = call.totals.limits
    if (total := limits.total()) and (free := limits[LimitedBy.NONE] + limits[LimitedBy.SETTING]):
        yield Figure("Not held back", f"{free / total * 100:.0f} %", "of the call")


def word_rate(bps: float) -> str:
    """Return a rate in the unit that suits it."""
    return word_value(bps / 1e6, "Mbit/s") if bps >= 1e6 else word_value(bps // 1e3, "kbit/s")


def _word_day(at: datetime) -> str:
    return f"{at.astimezone():%Y-%m-%d %H:%M}"
