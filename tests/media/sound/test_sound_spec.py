"""media/sound/sound_spec.py: the values of --mic and --speaker."""

from pathlib import Path

import pytest

from media.sound.sound_spec import (
    DefaultDevice,
    DeviceIndex,
    DeviceName,
    MicrophoneSpec,
    NoSound,
    SoundSettingError,
    SpeakerSpec,
    Tone,
    WavFile,
    parse_microphone,
    parse_speaker,
)

COMMON: list[tuple[str, DefaultDevice | NoSound | DeviceIndex | DeviceName]] = [
    ("default", DefaultDevice()),
    (" none ", NoSound()),
    ("0", DeviceIndex(0)),
    ("17", DeviceIndex(17)),
    ("-1", DeviceIndex(-1)),
    ("9" * 50, DeviceIndex(int("9" * 20))),
    ("USB Headset", DeviceName("USB Headset")),
    ("None", DeviceName("None")),
    ("Logitech 2.0", DeviceName("Logitech 2.0")),
    ("~nobody-here", DeviceName("~nobody-here")),
]


@pytest.mark.parametrize(("text", "spec"), [*COMMON, ("tone", Tone())])
def test_microphone_setting_is_parsed(text: str, spec: MicrophoneSpec) -> None:
    assert parse_microphone(text) == spec


@pytest.mark.parametrize(("text", "spec"), [*COMMON, ("out.wav", WavFile(Path("out.wav")))])
def test_loudspeaker_setting_is_parsed(text: str, spec: SpeakerSpec) -> None:
    assert parse_speaker(text) == spec


def test_existing_file_is_a_microphone_whatever_its_suffix(tmp_path: Path) -> None:
    file = tmp_path / "speech.flac"
    file.write_bytes(b"x")
    assert parse_microphone(str(file)) == WavFile(file)


@pytest.mark.parametrize(
    "text", ["", " ", "speech.wav", "/no/such/file", "a/b", "x.WAV", "\0/a", "~\0/a"]
)
def test_impossible_microphone_is_an_error_with_a_next_step(text: str) -> None:
    with pytest.raises(SoundSettingError) as caught:
        parse_microphone(text)
    assert "WAV file that exists" in caught.value.next_step


@pytest.mark.parametrize("text", ["", "tone", "sound/out.mp3", "/tmp/out"])
def test_impossible_loudspeaker_is_an_error_with_a_next_step(text: str) -> None:
    with pytest.raises(SoundSettingError) as caught:
        parse_speaker(text)
    assert "WAV file to write" in caught.value.next_step
