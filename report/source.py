"""The file that a report is about: what it holds, found from its first lines. Main thread.

It may be of any size, cut, or something else entirely.
"""

import json
import stat
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

from core.safe_text import cut_controls
from report.errors import UnreadableSource

MAX_LINE_BYTES = 1 << 20
"""A longer line is none of ours: a line of statistics has 1.5 kB, one of a chat 20 kB at most."""
LINES_TRIED = 50
"""The first lines may be cut or damaged."""
CHAT_HEADING = "Chat of "
"""The beginning of a chat that was saved as text."""
GIVE_A_FILE = "Give a file that --stats has written, or a saved chat"


class SourceKind(StrEnum):
    """What a report can be about."""

    STATISTICS = "statistics"
    CHAT = "chat"


def kind_of(path: Path) -> SourceKind:
    """Return what a file holds.

    Raises:
        UnreadableSource: it cannot be read, or holds neither statistics nor a chat.
    """
    has_events = False
    number = -1
    for number, line in enumerate(read_lines(path)):
        kind = _kind_of_line(line)
        if kind in (SourceKind.STATISTICS, SourceKind.CHAT):
            return SourceKind(kind)
        has_events = has_events or kind == "events"
        if number + 1 >= LINES_TRIED:
            break
    name = shown_path(path)
    if has_events:
        raise UnreadableSource(
            f"{name} holds events, and a report needs the statistics of the same run",
            "Give the file of --stats, and this one after --events",
        )
    if number < 0:
        raise UnreadableSource(
            f"{name} is empty: there was no call, or it lasted less than a second", GIVE_A_FILE
        )
    raise UnreadableSource(f"{name} holds neither statistics nor a chat", GIVE_A_FILE)


def read_lines(path: Path) -> Iterator[str]:
    """Yield the lines of a file, without their ends; of one that is too long, its beginning.

    Bytes that are not UTF-8 become U+FFFD.

    Raises:
        UnreadableSource: it cannot be read.
    """
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise UnreadableSource(f"{shown_path(path)} is a folder", GIVE_A_FILE)
        if not stat.S_ISREG(mode):
            raise UnreadableSource(f"{shown_path(path)} is not a file on a disk", GIVE_A_FILE)
        with path.open(encoding="utf-8-sig", errors="replace", newline="\n") as file:
            is_rest = False
            while line := file.readline(MAX_LINE_BYTES):
                if not is_rest:
                    yield line.rstrip("\r\n")
                is_rest = not line.endswith("\n")
    except FileNotFoundError as error:
        raise UnreadableSource(
            f"There is no file {shown_path(path)}", "Check its name and its folder"
        ) from error
    except (OSError, ValueError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise UnreadableSource(
            f"{shown_path(path)} cannot be read: {why}", "Check who may read it"
        ) from error


def parse_object(line: str) -> dict[str, object] | None:
    """Return the JSON object of a line, or None if it has none."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def shown_path(path: Path) -> str:
    """Return a path fit to be shown."""
    return cut_controls(str(path))


def _kind_of_line(line: str) -> str:
    if line.startswith(CHAT_HEADING):
        return SourceKind.CHAT
    found = parse_object(line)
    if found is None:
        return ""
    if "t_s" in found and "state" in found:
        return SourceKind.STATISTICS
    if ("chat" in found and "peer" in found) or ("is_own" in found and "text" in found):
        return SourceKind.CHAT
    return "events" if "event" in found and "at" in found else ""
