"""The system's sound server, and volume and mute of its default devices. Any thread.

Linux    `pactl`, for PulseAudio and PipeWire
macOS    `osascript`, untried
Windows  no command tells it; a muted microphone shows as silence
"""

import os
import re
import sys
from dataclasses import dataclass
from shlex import quote
from typing import TypeGuard

from doctor.system_command import find_program, run_system_command
from media.device_state import DeviceKind

_MAC = re.compile(
    r"output volume:(\d+|missing value), input volume:(\d+|missing value).*"
    r"output muted:(\w+)"
)
QUIET_PERCENT = 15
"""Below it, a device counts as too soft."""
_PERCENT = re.compile(r"(\d+)%")


@dataclass(frozen=True, slots=True)
class DeviceVolume:
    """The volume of a device.

    Attributes:
        percent: None where the system does not tell.
        unmute_step: the command that ends the mute.
        louder_step: the command that sets the volume to full.
        softer_step: the command that halves it; "" where it cannot be lower.
    """

    is_muted: bool
    percent: int | None
    unmute_step: str
    louder_step: str
    softer_step: str


def find_server_step(platform: str = sys.platform) -> str | None:
    """Return how to reach a sound server, if there ought to be one and none answers; else None."""
    if platform != "linux":
        return None
    told = run_system_command("pactl", "info")
    if told is None or told.status == 0:
        return None
    if os.environ.get("PULSE_SERVER"):
        return "Enter `unset PULSE_SERVER`, which names none that runs, and start again"
    if find_program("pipewire-pulse"):
        return "Start it: `systemctl --user restart pipewire pipewire-pulse wireplumber`"
    if find_program("pulseaudio"):
        return "Start it: `pulseaudio --start`"
    return None


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
    percent = max(percents) if percents else None
    set_volume = f"pactl set-{what}-volume {quote(name)}"
    return DeviceVolume(
        fields.get("Mute") == "yes",
        percent,
        f"`pactl set-{what}-mute {quote(name)} 0`",
        f"`{set_volume} 100%`",
        f"`{set_volume} {percent // 2}%`" if _can_be_halved(percent) else "",
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
    percent = int(number) if number.isdecimal() else None
    set_volume = f"osascript -e 'set volume {what} volume"
    return DeviceVolume(
        not is_microphone and match[3] == "true",
        percent,
        "`osascript -e 'set volume without output muted'`",
        f"`{set_volume} 75'`",
        f"`{set_volume} {percent // 2}'`" if _can_be_halved(percent) else "",
    )


def _can_be_halved(percent: int | None) -> TypeGuard[int]:
    return percent is not None and percent // 2 >= QUIET_PERCENT
