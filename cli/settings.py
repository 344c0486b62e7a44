"""The settings of a run, from all their sources. Reads files; starts nothing, prints nothing.

A named option wins over `--set`, that over the file of `--config`, that over the user's own file,
that over config.yaml beside peer.py, that over the defaults in code. With `--config`, config.yaml
beside peer.py is not read. A file's values are checked even where another source wins.
"""

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from call.errors import SettingsError
from call.settings import Settings
from cli import settings_file
from cli.setting_keys import SettingKey, SettingValue, list_keys, show_value
from core.program import ROOT
from core.safe_text import cut_controls
from core.user_folders import config_folder
from media.errors import MediaError
from media.sound.sound_spec import parse_microphone, parse_speaker
from media.video.camera_spec import parse_camera

FILE_NAME = "config.yaml"
DEFAULT_FILE = ROOT / FILE_NAME
"""The file beside peer.py."""


KEYS: dict[str, SettingKey] = {key.name: key for key in list_keys(Settings)}
SECTIONS = frozenset(name.partition(".")[0] for name in KEYS if "." in name)


def load_settings(
    config_path: Path | None,
    assignments: Sequence[str],
    named: Mapping[str, object],
    *,
    default_path: Path = DEFAULT_FILE,
    user_path: Path | None = None,
) -> Settings:
    """Return the settings of this run.

    Args:
        config_path: the value of `--config`; None for the file beside peer.py, if there is one.
        assignments: the `key=value` of each `--set`; the last one for a key counts.
        named: values of named options, by the dotted key that each stands for.
        default_path: the file beside peer.py.
        user_path: the user's own file, if there is one; by default in the configuration folder.
    Raises:
        SettingsError: a value has the wrong type or range, or a file cannot be read.
    """
    own_path = config_folder() / FILE_NAME if user_path is None else user_path
    paths = [
        *([default_path] if config_path is None and _is_there(default_path) else []),
        *([own_path] if _is_there(own_path) else []),
        *([config_path] if config_path is not None else []),
    ]
    values: dict[str, SettingValue] = {}
    places: dict[str, str] = {}
    for path in paths:
        for name, entry in _flatten(settings_file.read_settings_file(path), path):
            places[name] = f"Line {entry.line} of {cut_controls(str(path))}: "
            values[name] = _check(name, entry.value, places[name])
    for assignment in assignments:
        name, value = read_assignment(assignment)
        values[name] = value
        places.pop(name, None)
    for name, named_value in named.items():
        values[name] = _check(name, named_value)
        places.pop(name, None)
    settings = msgspec.convert(_nest(values), Settings)
    _check_devices(settings, places)
    return settings


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # Its folder may not be entered: reading the file says so.
        return True


def read_assignment(text: str) -> tuple[str, SettingValue]:
    """Return the key and the value of a `key=value`, converted to the key's type.

    Truth values are true, false, yes, no, on and off, as in a file; blanks around the key are cut.

    Raises:
        SettingsError: there is no such key, or this cannot be its value.
    """
    name, equals, value_text = text.partition("=")
    name = name.strip()
    if not equals:
        raise SettingsError(
            f"--set takes key=value, and {show_value(cut_controls(text))} has no =",
            "Write for example --set video.camera=test",
        )
    key = _find_key(name)
    value = key.convert(value_text)
    return name, _check(name, value_text if value is None else value)


def _find_key(name: str, where: str = "") -> SettingKey:
    key = KEYS.get(name)
    if key is not None:
        return key
    shown = cut_controls(name)[:60]
    if name in SECTIONS:
        raise SettingsError(
            f"{where}{shown} is a section, not a setting",
            f"It holds {_join(key for key in KEYS if key.startswith(f'{name}.'))}",
        )
    by_last = [key for key in KEYS if key.rpartition(".")[2] == name.rpartition(".")[2]]
    close = by_last or difflib.get_close_matches(name, KEYS, n=1)
    if not close and "." not in name:
        last = {key.rpartition(".")[2]: key for key in KEYS}
        close = [last[match] for match in difflib.get_close_matches(name, last, n=1)]
    raise SettingsError(
        f"{where}{shown} is not a setting",
        f"Did you mean {_join(close)}?"
        if close
        else "config.yaml beside peer.py lists all settings",
    )


def _check(name: str, value: object, where: str = "") -> SettingValue:
    key = _find_key(name, where)
    if name == "name" and isinstance(value, str):
        value = cut_controls(value).strip()
    if key.takes(value):
        assert value is None or isinstance(value, (str, int, float, bool))
        return value
    next_step = ""
    is_text = isinstance(key.default, str) or key.is_optional
    if is_text and isinstance(value, (int, float, bool)):
        next_step = f'Put it in quotes: {name.rpartition(".")[2]}: "{show_value(value)}"'
    raise SettingsError(
        f"{where}{name} must be {key.describe()}, not {show_value(value)}", next_step
    )


def _flatten(
    mapping: settings_file.Mapping, path: Path
) -> Iterator[tuple[str, settings_file.Entry]]:
    for name, entry in mapping.entries.items():
        where = f"Line {entry.line} of {cut_controls(str(path))}: "
        if name not in SECTIONS:
            section, _, last = name.partition(".")
            if name in KEYS and section in SECTIONS:
                raise SettingsError(
                    f"{where}in a file {name} stands in its section",
                    f"Write `{section}:`, and below it, indented, `{last}:`",
                )
            yield name, entry
        elif isinstance(entry.value, settings_file.Mapping):
            for last, inner in entry.value.entries.items():
                yield f"{name}.{last}", inner
        elif entry.value is not None:
            raise SettingsError(
                f"{where}{name} is a section, not a setting",
                "Its settings stand on the lines below it, indented",
            )


def _nest(values: Mapping[str, SettingValue]) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for name, value in values.items():
        section, dot, last = name.partition(".")
        if dot:
            nested.setdefault(section, {})[last] = value
        else:
            nested[name] = value
    return nested


def _check_devices(settings: Settings, places: Mapping[str, str]) -> None:
    """Refuse a camera, microphone or speaker that cannot be one.

    Args:
        places: by key, the line and the file of a value that comes from a file.
    """
    devices: tuple[tuple[str, Callable[[str], object], str], ...] = (
        ("video.camera", parse_camera, settings.video.camera),
        ("audio.microphone", parse_microphone, settings.audio.microphone),
        ("audio.speaker", parse_speaker, settings.audio.speaker),
    )
    for key, parse, text in devices:
        try:
            parse(text)
        except MediaError as error:
            place = f"{places[key]}{key}: " if key in places else ""
            raise SettingsError(f"{place}{error.sentence}", error.next_step) from error


def _join(names: Iterator[str] | Sequence[str]) -> str:
    return ", ".join(names)
