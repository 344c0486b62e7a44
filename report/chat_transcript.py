"""A saved chat, read back: who wrote what, and when. Pure: no I/O, no clock.

Takes both forms that the program writes (docs/saved-chat.md). The file may be cut, damaged or made
by somebody else, so every name and text is cleaned, and what cannot be read is counted.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

from core.safe_text import clean_name, clean_text, shown_name
from report.errors import UnreadableSource
from report.source import CHAT_HEADING, parse_object

FORMAT_VERSION = 1
"""The newest form of a saved chat that this program knows."""
MAX_NAMES = 8
"""A call has two; with more, the rest share one name, so that no file fills the page with names."""
OTHERS = "others"
HALF_A_DAY = timedelta(hours=12)
"""Times of a text have no date: one that is earlier by more than this belongs to the next day."""

_TEXT_HEADING = re.compile(r"(?P<names>.*), (?P<began>\d{4}-\d\d-\d\d \d\d:\d\d)\s*")
_TEXT_LINE = re.compile(r"\[(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)\] (?P<rest>.*)")
_INDENT = "    "
_NOT_DELIVERED = " (not delivered)"


@dataclass(frozen=True, slots=True)
class Message:
    """One message.

    Attributes:
        at: when it was written or arrived; None if the file does not say.
        name: its writer, fit to be shown.
        is_own: whether the user who saved the chat wrote it.
        is_delivered: whether the other side has it.
        text: may have several lines.
    """

    at: datetime | None
    name: str
    is_own: bool
    is_delivered: bool
    text: str

    @property
    def writer(self) -> str:
        """The name, which both may share, with "(you)" after the user's own."""
        return f"{self.name} (you)" if self.is_own else self.name


@dataclass(frozen=True, slots=True)
class Transcript:
    """A whole chat.

    Attributes:
        you: the user who saved it, or "" if unknown; peer: the other one.
        began: when the call was accepted; None if the file does not say.
        damaged_count: lines that could not be read.
    """

    you: str
    peer: str
    began: datetime | None
    messages: tuple[Message, ...]
    damaged_count: int

    def writers(self) -> tuple[str, ...]:
        """Return everybody who wrote, the user first, then in the order of their first messages."""
        own_first = sorted(self.messages, key=lambda message: not message.is_own)
        return tuple(dict.fromkeys(message.writer for message in own_first))


def parse_chat(lines: Iterable[str], zone: tzinfo | None = None) -> Transcript:
    """Return the chat that the lines of a file hold.

    Args:
        zone: the time zone of the reader; None is that of this computer.
    Raises:
        UnreadableSource: a newer version of the program wrote it.
    """
    iterator = iter(lines)
    first = next(iterator, "")
    if first.startswith(CHAT_HEADING):
        chat = _parse_text(first.removeprefix(CHAT_HEADING), list(iterator), zone)
    else:
        chat = _parse_json(_with_first(first, iterator), zone)
    return _with_few_names(chat)


def _with_first(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


# --- one JSON object a line ---------------------------------------------------------------------


def _parse_json(lines: Iterable[str], zone: tzinfo | None) -> Transcript:
    you = peer = ""
    began: datetime | None = None
    messages: list[Message] = []
    damaged_count = 0
    for line in lines:
        if not line.strip():
            continue
        found = parse_object(line)
        if found is not None and "chat" in found:
            _check_version(found["chat"])
            you, peer = you or _name(found.get("you")), peer or _name(found.get("peer"))
            began = began or _time(found.get("began"), zone)
            continue
        message = _message(found, zone) if found is not None else None
        if message is None:
            damaged_count += 1
        elif message.text:
            messages.append(message)
    you = you or next((message.name for message in messages if message.is_own), "")
    peer = peer or next((message.name for message in messages if not message.is_own), "")
    return Transcript(you, peer, began, tuple(messages), damaged_count)


def _check_version(version: object) -> None:
    if isinstance(version, int) and version > FORMAT_VERSION:
        raise UnreadableSource(
            "A newer version of Vis-à-vis saved this chat", "Make the report with that version"
        )


def _message(found: dict[str, object], zone: tzinfo | None) -> Message | None:
    text, is_own = found.get("text"), found.get("is_own")
    if not isinstance(text, str) or not isinstance(is_own, bool):
        return None
    return Message(
        at=_time(found.get("at"), zone),
        name=shown_name(_name(found.get("from"))),
        is_own=is_own,
        is_delivered=found.get("is_delivered") is not False,
        text=clean_text(text),
    )


def _name(value: object) -> str:
    return _cleaned_name(value) if isinstance(value, str) else ""


@lru_cache(maxsize=64)
def _cleaned_name(name: str) -> str:
    return clean_name(name)


def _time(value: object, zone: tzinfo | None) -> datetime | None:
    """Return an RFC 3339 time in a time zone, or None."""
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(zone)
    except (ValueError, OverflowError, OSError):
        return None


# --- text for people ----------------------------------------------------------------------------


def _parse_text(heading: str, lines: list[str], zone: tzinfo | None) -> Transcript:
    match = _TEXT_HEADING.fullmatch(heading)
    names, began = (match["names"], _local(match["began"], zone)) if match else (heading, None)
    you, peer = _names_in_heading(names, lines)
    messages: list[Message] = []
    texts: list[list[str]] = []
    damaged_count = 0
    at = began
    for line in lines:
        found = _TEXT_LINE.fullmatch(line)
        if found is None:
            if texts and (line.startswith(_INDENT) or not line.strip()):
                texts[-1].append(line.removeprefix(_INDENT))
            elif line.strip():
                damaged_count += 1
            continue
        name, is_delivered, text = _writer(found["rest"], you, peer)
        if name is None:
            damaged_count += 1
            continue
        at = _time_of_day(at, int(found["hour"]), int(found["minute"]), int(found["second"]))
        messages.append(Message(at, shown_name(name), name == you != peer, is_delivered, ""))
        texts.append([text])
    whole = (
        replace(message, text=clean_text("\n".join(parts)))
        for message, parts in zip(messages, texts, strict=True)
    )
    return Transcript(
        clean_name(you),
        clean_name(peer),
        began,
        tuple(message for message in whole if message.text),
        damaged_count,
    )


def _local(text: str, zone: tzinfo | None) -> datetime | None:
    try:
        at = datetime.strptime(text, "%Y-%m-%d %H:%M")
        return at.replace(tzinfo=zone) if zone else at.astimezone()
    except (ValueError, OverflowError, OSError):
        return None


def _names_in_heading(names: str, lines: list[str]) -> tuple[str, str]:
    """Return both names; each may hold the word between them, so the messages decide."""
    rests = [found["rest"] for line in lines[:200] if (found := _TEXT_LINE.fullmatch(line))]
    splits = [
        (names[: at.start()], names[at.end() :])
        for at in re.finditer(r" with ", names[:300])  # two names have 135 characters at most
    ]
    if not splits:
        return names, ""
    return max(splits, key=lambda pair: sum(_writer(rest, *pair)[0] is not None for rest in rests))


def _writer(rest: str, you: str, peer: str) -> tuple[str | None, bool, str]:
    """Return who wrote the rest of a line, whether it was delivered, and the text."""
    for name in (you, peer):
        for mark in (_NOT_DELIVERED, ""):
            if rest.startswith(f"{name}{mark}:"):
                return name, not mark, rest[len(name) + len(mark) + 1 :].removeprefix(" ")
    return None, True, ""


def _time_of_day(before: datetime | None, hour: int, minute: int, second: int) -> datetime | None:
    """Return a time of day as the first one that is not much earlier than the message before."""
    if before is None:
        return None
    try:
        at = before.replace(hour=hour, minute=minute, second=second)
        return at + timedelta(days=1) if before - at > HALF_A_DAY else at
    except (ValueError, OverflowError):
        return before


def _with_few_names(chat: Transcript) -> Transcript:
    writers = chat.writers()
    if len(writers) <= MAX_NAMES:
        return chat
    kept = frozenset(writers[: MAX_NAMES - 1])
    messages = (m if m.writer in kept else replace(m, name=OTHERS) for m in chat.messages)
    return replace(chat, messages=tuple(messages))
