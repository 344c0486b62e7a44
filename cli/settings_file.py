"""Settings file: YAML, read so that it can do no harm. The only module that imports YAML.

It accepts mappings, scalars and comments. Aliases, tags, several documents and deep nesting are
refused while they are read, so nothing is ever built from them. A plain scalar is a number, a truth
value or null only where anybody would read it so: `yes` is true, but `010` (8 in YAML), `1_000`,
`1:30` (90 in YAML) and dates are text.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import msgspec
import yaml
from msgspec import field

from call.errors import SettingsError
from cli.scalars import parse_decimal, parse_truth
from core.safe_text import cut_controls

MAX_FILE_BYTES = 1 << 20
MAX_DEPTH = 8

_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})
_INTEGER = re.compile(r"[+-]?(?:0|[1-9][0-9]{0,30})")
_LIKE_DECIMAL = re.compile(r"[+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?")


class Mapping(msgspec.Struct, frozen=True):
    """A mapping of the file."""

    entries: "dict[str, Entry]" = field(default_factory=dict)


class Entry(msgspec.Struct, frozen=True):
    """The value of one key, and its line."""

    value: "Value"
    line: int


Value: TypeAlias = str | int | float | bool | list[object] | Mapping | None


def read_settings_file(path: Path) -> Mapping:
    """Return the content of a file; an empty file is an empty mapping.

    Raises:
        SettingsError: it cannot be read, or is not a mapping in YAML.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError as error:
        raise SettingsError(
            f"There is no file {_show(path)} with settings", "Check the path after --config"
        ) from error
    except (OSError, ValueError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise SettingsError(f"The settings in {_show(path)} cannot be read: {why}") from error
    if len(content) > MAX_FILE_BYTES:
        raise SettingsError(
            f"{_show(path)} is larger than {MAX_FILE_BYTES} bytes, so it is not a settings file"
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SettingsError(
            f"Line {line} of {_show(path)} is not UTF-8", "Save the file as UTF-8"
        ) from error
    return parse_settings(text, _show(path))


def parse_settings(text: str, file: str) -> Mapping:
    """Return the mapping in a YAML text.

    Args:
        text: the YAML.
        file: names it in an error.
    Raises:
        SettingsError: it is not a mapping in the accepted part of YAML.
    """
    try:
        return _Builder(yaml.parse(text, Loader=yaml.SafeLoader), file).build()
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise SettingsError(
            f"Line {line} of {file} holds a character that is not allowed there: {error.reason}"
        ) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        if "'\\t'" in (error.problem or ""):
            raise SettingsError(
                f"Line {line} of {file} begins with a tab", "Indent it with spaces instead"
            ) from error
        raise SettingsError(
            f"Line {line} of {file} is not YAML: {cut_controls(error.problem or 'unreadable')}",
            "Write each setting as `key: value`, and text with special characters in quotes",
        ) from error
    except yaml.YAMLError as error:
        raise SettingsError(f"{file} is not YAML: {cut_controls(str(error))}") from error


class _Builder:
    """Builds values from YAML's events, and refuses everything that settings do not need."""

    def __init__(self, events: Iterator[yaml.Event], file: str) -> None:
        self._events = events
        self._file = file

    def build(self) -> Mapping:
        next(self._events)  # the start of the stream
        event = next(self._events)
        if isinstance(event, yaml.StreamEndEvent):
            return Mapping()
        event = next(self._events)
        value = self._build_value(event, 1)
        next(self._events)  # the end of the document
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            raise self._refuse(after, "begins a second document; a settings file holds one")
        if value is None:
            return Mapping()
        if not isinstance(value, Mapping):
            raise self._refuse(event, "is not a setting; write each as `key: value`")
        return value

    def _build_value(self, event: yaml.Event, depth: int) -> Value:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise self._refuse(event, "uses & or *: write the value out, or put it in quotes")
        if getattr(event, "tag", None) is not None:
            raise self._refuse(event, "uses !: write the plain value, or put it in quotes")
        if depth > MAX_DEPTH:
            raise self._refuse(event, "is nested too deeply: settings have sections and keys")
        if isinstance(event, yaml.MappingStartEvent):
            return self._build_mapping(depth)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._build_list(depth)
        assert isinstance(event, yaml.ScalarEvent)
        return resolve_scalar(event.value) if event.implicit[0] else event.value

    def _build_mapping(self, depth: int) -> Mapping:
        entries: dict[str, Entry] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise self._refuse(event, "has a key that is not a word")
            self._build_value(event, depth)  # refuses anchors and tags
            if event.value in entries:
                key, first = cut_controls(event.value), entries[event.value].line
                raise self._refuse(event, f"sets {key}, which line {first} sets too")
            value = self._build_value(next(self._events), depth + 1)
            entries[event.value] = Entry(value, _line(event))
        return Mapping(entries)

    def _build_list(self, depth: int) -> list[object]:
        items: list[object] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._build_value(event, depth + 1))
        return items

    def _refuse(self, event: yaml.Event, what: str) -> SettingsError:
        return SettingsError(f"Line {_line(event)} of {self._file} {what}")


def resolve_scalar(text: str) -> str | int | float | bool | None:
    """Return the value of a scalar without quotes."""
    if text in _NOTHING:
        return None
    if (truth := parse_truth(text)) is not None:
        return truth
    if _INTEGER.fullmatch(text):
        return int(text)
    # 05.5 is text, as 05 is.
    if _LIKE_DECIMAL.fullmatch(text) and not re.match(r"[+-]?0[0-9]|[+-]?[0-9]+\Z", text):
        number = parse_decimal(text)
        return text if number is None else number
    return text


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark is not None else 1


def _show(path: Path) -> str:
    return cut_controls(str(path))
