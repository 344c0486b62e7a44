"""Settings text: one value of a settings file is replaced, and all else stays. Pure: no I/O.

The file is the user's own, with comments and in an order of its own, so it is not written again
from values. What a line means after the change is checked by reading the text again.
"""

import json
import re

from call.errors import SettingsError
from cli.settings_file import Mapping, parse_settings

INDENT = "  "
_LINE = re.compile(
    r"(?P<head>\s*(?:[\w.]+|\"[^\"]*\"|'[^']*')\s*:)"
    r"(?P<value>\s+(?:\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'|[^\s#\"'&*!|>{\[][^#]*?)?)?"
    r"(?P<tail>\s*(?:\s#.*)?)"
)


def with_setting(text: str, name: str, value: str, file: str) -> str:
    """Return the text with one setting changed or added.

    Args:
        name: the setting's key, with its section: `video.camera`.
        file: names the file in an error.
    Raises:
        SettingsError: the text is no settings file, or this setting stands there in a form that
            only its author can change.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = text.splitlines()
    content = parse_settings(text, file)
    section, dot, key = name.rpartition(".")
    quoted = json.dumps(value, ensure_ascii=False)
    holder = content.entries.get(section) if dot else None
    inner = (holder.value if holder is not None else None) if dot else content
    if isinstance(inner, Mapping) and key in inner.entries:
        _replace(lines, inner.entries[key].line - 1, quoted, name, file)
    elif isinstance(inner, Mapping) and inner.entries and dot:
        first = min(entry.line for entry in inner.entries.values()) - 1
        indent = lines[first][: len(lines[first]) - len(lines[first].lstrip())]
        lines.insert(first, f"{indent}{key}: {quoted}")
    elif holder is not None:
        lines.insert(holder.line, f"{INDENT}{key}: {quoted}")
    elif dot:
        lines += [f"{section}:", f"{INDENT}{key}: {quoted}"]
    else:
        lines.insert(0, f"{key}: {quoted}")
    changed = newline.join(lines) + newline
    if _values(parse_settings(changed, file)) != _values(content) | {name: value}:
        raise _refuse(name, file)
    return changed


def _replace(lines: list[str], index: int, quoted: str, name: str, file: str) -> None:
    match = _LINE.fullmatch(lines[index])
    if match is None:
        raise _refuse(name, file)
    lines[index] = f"{match['head']} {quoted}{match['tail']}"


def _refuse(name: str, file: str) -> SettingsError:
    return SettingsError(
        f"{name} in {file} is written in a form that the program does not change",
        f"Write it as `{name.rpartition('.')[2]}: value` on one line",
    )


def _values(content: Mapping) -> dict[str, object]:
    """Return the values by their dotted keys."""
    values: dict[str, object] = {}
    for name, entry in content.entries.items():
        if isinstance(entry.value, Mapping):
            values |= {f"{name}.{last}": each.value for last, each in entry.value.entries.items()}
        elif entry.value is not None:
            values[name] = entry.value
    return values
