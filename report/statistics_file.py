"""The statistics file of a report: its calls, each in bounded memory. Main thread.

The file may be of any size, written by any version, cut or damaged.
"""

from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from core.call_history import CallHistory
from core.call_statistics import CallState, CallStatistics
from core.safe_text import clean_name
from report.errors import UnreadableSource
from report.source import GIVE_A_FILE, parse_object, read_lines, shown_path

MAX_CALLS = 20
"""The newest calls of a file are shown."""
LONGEST_S = 1e8
LARGEST = 1e12
"""Beyond any figure of a call; a number above it is damage."""

_DECODER = msgspec.json.Decoder(CallStatistics)
_FIELDS = {field.encode_name: field for field in msgspec.structs.fields(CallStatistics)}


@dataclass(slots=True)
class StatisticsSource:
    """What a file of statistics held.

    Attributes:
        calls: the newest calls, the oldest of them first.
        call_count: how many calls there were.
        damaged_lines: lines that hold no figures.
    """

    calls: "deque[CallHistory]"
    call_count: int = 0
    damaged_lines: int = 0


def read_statistics(path: Path) -> StatisticsSource:
    """Return the calls of a file.

    Raises:
        UnreadableSource: it cannot be read, or holds no figures.
    """
    source = StatisticsSource(deque(maxlen=MAX_CALLS))
    call: CallHistory | None = None
    for line in read_lines(path):
        figures = parse_figures(line)
        if figures is None:
            source.damaged_lines += bool(line.strip())
            continue
        if call is None or _is_another_call(figures, call):
            call = CallHistory()
            source.calls.append(call)
            source.call_count += 1
        call.add(figures)
    if not source.calls:
        raise UnreadableSource(f"{shown_path(path)} holds no figures of a call", GIVE_A_FILE)
    return source


def parse_figures(line: str) -> CallStatistics | None:
    """Return the figures of a line; what is missing or damaged becomes unknown.

    None if there is no object in the line, or neither time nor state.
    """
    try:
        figures = _DECODER.decode(line)
    except (msgspec.MsgspecError, RecursionError):
        return _mend_figures(line)
    if not all(map(_is_plausible, msgspec.structs.astuple(figures))):
        return _mend_figures(line)
    if not 0 <= figures.t_s <= LONGEST_S:
        return None
    if (name := clean_name(figures.peer)) != figures.peer:
        return msgspec.structs.replace(figures, peer=name)
    return figures


def _mend_figures(line: str) -> CallStatistics | None:
    """Return the figures of a line that fits no version exactly."""
    found = parse_object(line)
    if found is None:
        return None
    values: dict[str, Any] = {}
    for name, value in found.items():
        if (field := _FIELDS.get(name)) is None:
            continue  # A later version has more.
        with suppress(msgspec.ValidationError):
            known = msgspec.convert(value, field.type, strict=True)
            if _is_plausible(known):
                values[name] = known
    if not {"t_s", "state"} <= values.keys() or not 0 <= values["t_s"] <= LONGEST_S:
        return None
    values["peer"] = clean_name(values.get("peer", ""))
    return CallStatistics(**values)


def _is_plausible(value: object) -> bool:
    """Return whether a value can be a figure of a call; any text can."""
    return not isinstance(value, float | int) or -LARGEST <= value <= LARGEST


def _is_another_call(figures: CallStatistics, call: CallHistory) -> bool:
    last = call.last
    return last is not None and (
        last.state is CallState.ENDED or figures.t_s < last.t_s or figures.peer != last.peer
    )
