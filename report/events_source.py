"""The events of a run, given to the calls of its statistics. Main thread.

`--events` and `--stats` of one run describe the same calls in the same order, so each call gets the
time at which it began, and what happened in it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from core.call_history import MAX_EVENTS, CallHistory, HistoryEvent
from report.errors import UnreadableSource
from report.source import parse_object, read_lines, shown_path
from report.statistics_file import MAX_CALLS

SLACK_S = 3.0
"""By how much the lengths of a call in both files may differ: an end takes up to 2 s."""
GIVE_THE_SAME_RUN = "Give the file that --events has written in the same run"


@dataclass(slots=True)
class _EventsOfCall:
    began_at: datetime
    events: list[HistoryEvent] = field(default_factory=list)
    ended_s: float | None = None


def add_events(calls: Sequence[CallHistory], call_count: int, path: Path) -> None:
    """Give each call what happened in it, in place of what its statistics show.

    Args:
        calls: the newest calls of the statistics.
        call_count: how many calls the statistics have.
    Raises:
        UnreadableSource: the file cannot be read, or belongs to another run.
    """
    count, found = _read(path)
    if count != call_count or any(
        other.ended_s is not None and abs(other.ended_s - call.length_s) > SLACK_S
        for call, other in zip(calls, found, strict=False)
    ):
        raise UnreadableSource(
            f"{shown_path(path)} does not hold the events of these calls", GIVE_THE_SAME_RUN
        )
    for call, other in zip(calls, found, strict=True):
        call.began_at = other.began_at
        call.replace_events(other.events)


def _read(path: Path) -> tuple[int, list[_EventsOfCall]]:
    """Return how many calls a file of events has, and the newest of them."""
    count = 0
    found: list[_EventsOfCall] = []
    for line in read_lines(path):
        event = parse_object(line) or {}
        at = _parse_time(event.get("at"))
        name = event.get("event")
        if at is None or not isinstance(name, str):
            continue
        if name == "accepted":
            count += 1
            found.append(_EventsOfCall(at))
            del found[:-MAX_CALLS]
        elif found and found[-1].ended_s is None:
            call = found[-1]
            t_s = max(0.0, (at - call.began_at).total_seconds())
            for detail in _details(name, event):
                if len(call.events) < MAX_EVENTS:
                    call.events.append(HistoryEvent(t_s, *detail))
            if name == "ended":
                call.ended_s = t_s
    return count, found


def _parse_time(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    return None if at.tzinfo is None else at


def _details(name: str, event: dict[str, object]) -> Iterator[tuple[str, str]]:
    """Yield the name and the detail of what is worth a line of the page."""

    def text(key: str) -> str:
        value = event.get(key)
        return value if isinstance(value, str) else ""

    match name:
        case "link_lost" | "resumed" | "first_picture" | "snapshot_saved":
            yield name, ""
        case "device":
            yield name, f"{text('which')} {text('state')}"
        case "remote_state":
            if (picture := text("picture")) != "expected":
                yield "remote_picture", picture
            if (sound := text("sound")) != "expected":
                yield "remote_sound", sound
        case "recording_begun" | "recording_ended":
            yield name, text("file")
        case "warning" | "ended":
            yield name, text("sentence")
