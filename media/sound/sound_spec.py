"""The values of `--mic` and `--speaker`. Pure, except that it checks whether a file exists.

The first reading that fits counts:

    default, none        the system's default; no device
    tone                 a steady tone (microphone)
    a whole number       a device's index
    an existing file, or anything with a slash or the suffix .wav    a WAV file
    anything else        a device's name, or a part of it
"""

import re
from pathlib import Path

import msgspec

from media.errors import MediaError


class SoundSettingError(MediaError):
    """The setting cannot name a device. Raised when the program starts."""


class DefaultDevice(msgspec.Struct, frozen=True):
    """The system's default."""


class NoSound(msgspec.Struct, frozen=True):
    """No device: nothing is recorded or played."""


class Tone(msgspec.Struct, frozen=True):
    """The test tone."""


class DeviceIndex(msgspec.Struct, frozen=True):
    """A device by its number, which need not exist."""

    index: int


class DeviceName(msgspec.Struct, frozen=True):
    """A device by its name, or by a part of it."""

    name: str


class WavFile(msgspec.Struct, frozen=True):
    """A file: existing as a microphone, to be written as a loudspeaker."""

    path: Path


DeviceSpec = DefaultDevice | DeviceIndex | DeviceName
MicrophoneSpec = DeviceSpec | WavFile | Tone | NoSound
SpeakerSpec = DeviceSpec | WavFile | NoSound

_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]+")
_MICROPHONES = "Give default, none, tone, a microphone's number or name, or a WAV file that exists"
_SPEAKERS = "Give default, none, a loudspeaker's number or name, or a WAV file to write"


def parse_microphone(text: str) -> MicrophoneSpec:
    """Return the microphone that a setting names.

    Raises:
        SoundSettingError: the text is empty, or names a file that does not exist.
    """
    text = text.strip()
    if text == "tone":
        return Tone()
    spec = _parse(text, "microphone", _MICROPHONES)
    if isinstance(spec, WavFile) and not _is_file(spec.path):
        raise SoundSettingError(f"There is no file {text!r} for the microphone", _MICROPHONES)
    return spec


def parse_speaker(text: str) -> SpeakerSpec:
    """Return the loudspeaker that a setting names.

    Raises:
        SoundSettingError: the text is empty, or names a file without the suffix .wav.
    """
    text = text.strip()
    if text == "tone":
        raise SoundSettingError("A loudspeaker cannot be a tone", _SPEAKERS)
    spec = _parse(text, "loudspeaker", _SPEAKERS)
    if isinstance(spec, WavFile) and spec.path.suffix.lower() != ".wav":
        raise SoundSettingError(f"The loudspeaker's file {text!r} must end in .wav", _SPEAKERS)
    return spec


def _parse(text: str, what: str, choices: str) -> DeviceSpec | WavFile | NoSound:
    if not text:
        raise SoundSettingError(f"The {what} has no name", choices)
    if text == "default":
        return DefaultDevice()
    if text == "none":
        return NoSound()
    if _WHOLE_NUMBER.fullmatch(text):
        return DeviceIndex(int(text[:20]))
    try:
        path = Path(text).expanduser()
    except (RuntimeError, ValueError):  # "~name" of an unknown user, or with a zero byte
        path = Path(text)
    if path.suffix.lower() == ".wav" or "/" in text or "\\" in text or _is_file(path):
        return WavFile(path)
    return DeviceName(text)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # too long, or with a zero byte
        return False
