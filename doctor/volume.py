"""The volume and mute of the system's default devices, where the system tells. Any thread.

Linux    `pactl`, for PulseAudio and PipeWire
macOS    `osascript`, untried
Windows  no command tells it; a muted microphone shows as silence
"""

import os
import re
import sys
from dataclasses import dataclass
from shlex import quote

from doctor.system_command import run_system_command
from media.device_state import DeviceKind

_MAC = re.compile(
    r"output volume:(\d+|missing value), input volume:(\d+|missing value).*"
    r"output muted:(\w+)"
)
_PERCENT = re.compile(r"(\d+)%")


@dataclass(frozen=True, slots=True)
class DeviceVolume:
    """The volume of a device.

    Attributes:
        percent: None where the system does not tell.
        louder_step: the command that ends the mute, and one that sets the volume to full.
    """

    is_muted: bool
    percent: int | None
    unmute_step: str
    louder_step: str


def read_volume(kind: DeviceKind, platform: str = sys.platform) -> DeviceVolume | None:
    """Return the volume of the default microphone or loudspeaker; None where none is known."""
    if platform == "darwin":
        return _read_mac(kind)
    return _read_pulse(kind) if platform == "linux" else None


def _read_pulse(kind: DeviceKind) -> DeviceVolume | None:
    what = "source" if kind is DeviceKind.MICROPHONE else "sink"
    name = os.environ.get(f"PULSE_{what.upper()}") or _find_default(what)
    listed = run_system_command("pactl", "list", f"{what}s")
    if not name or listed is None or listed.status:
        return None
    return parse_pulse(listed.output, what, name)


def _find_default(what: str) -> str:
    told = run_system_command("pactl", "info")
    key = f"Default {what.capitalize()}: "
    lines = told.output.splitlines() if told is not None else []
    return next((line.removeprefix(key) for line in lines if line.startswith(key)), "")


def parse_pulse(listing: str, what: str, name: str) -> DeviceVolume | None:
    """Return the volume of a device in the output of `pactl list`.

    Args:
        what: `source` or `sink`.
        name: the server's name of the device.
    """
    fields: dict[str, str] = {}
    for line in listing.splitlines():
        key, colon, value = line.strip().partition(":")
        if not line.startswith(("\t", " ")):
            if fields.get("Name") == name:
                break
            fields = {}
        elif colon:
            fields.setdefault(key, value.strip())
    if fields.get("Name") != name:
        return None
    percents = [int(number) for number in _PERCENT.findall(fields.get("Volume", ""))]
    return DeviceVolume(
        fields.get("Mute") == "yes",
        max(percents) if percents else None,
        f"`pactl set-{what}-mute {quote(name)} 0`",
        f"`pactl set-{what}-volume {quote(name)} 100%`",
    )


def _read_mac(kind: DeviceKind) -> DeviceVolume | None:
    told = run_system_command("osascript", "-e", "get volume settings")
    return None if told is None else parse_mac(told.output, kind)


def parse_mac(text: str, kind: DeviceKind) -> DeviceVolume | None:
    """Return the volume in what AppleScript's `get volume settings` says."""
    match = _MAC.search(text)
    if match is None:
        return None
    is_microphone = kind is DeviceKind.MICROPHONE
    number = match[2] if is_microphone else match[1]
    what = "input" if is_microphone else "output"
    return DeviceVolume(
        not is_microphone and match[3] == "true",
        int(number) if number.isdecimal() else None,
        "`osascript -e 'set volume without output muted'`",
        f"`osascript -e 'set volume {what} volume 75'`",
    )
