"""media/sound/device_choice.py: the device that fits a setting, or the error."""

import pytest

from media.device_state import DeviceKind
from media.errors import SourceError
from media.sound.device_choice import choose_device
from media.sound.portaudio import DeviceList, SoundDevice
from media.sound.sound_spec import DefaultDevice, DeviceIndex, DeviceName, DeviceSpec

WINDOWS_NAME = "Microphone (High Definition Audio Device)"
FOUND = DeviceList(
    (
        SoundDevice(0, "Headset", True, True),
        SoundDevice(1, "Webcam", True, False),
        SoundDevice(2, "Monitor", False, True),
        SoundDevice(3, "Headset Pro", True, True),
        SoundDevice(4, WINDOWS_NAME[:31], True, False),
        SoundDevice(5, WINDOWS_NAME, True, False),
    ),
    "Webcam",
    None,
)


@pytest.mark.parametrize(
    ("spec", "index"),
    [
        (DeviceIndex(3), 3),
        (DeviceName("Headset"), 0),  # a whole name precedes a part of a name
        (DeviceName("cam"), 1),
        (DeviceName("SET PRO"), 3),
        (DeviceName("high definition"), 4),
        (DeviceName(WINDOWS_NAME), 5),
    ],
)
def test_device_is_found_by_its_number_or_name(spec: DeviceSpec, index: int) -> None:
    chosen = choose_device(spec, FOUND, DeviceKind.MICROPHONE)
    assert chosen is not None
    assert chosen.index == index


@pytest.mark.parametrize(
    ("spec", "kind", "sentence"),
    [
        (DeviceIndex(1), DeviceKind.LOUDSPEAKER, "number 1 is not there"),
        (DeviceIndex(-1), DeviceKind.MICROPHONE, "number -1 is not there"),
        (DeviceName("Monitor"), DeviceKind.MICROPHONE, '"Monitor" is not there'),
        (
            DeviceName("head"),
            DeviceKind.LOUDSPEAKER,
            'several are called "head": 0 "Headset", 3 "Headset Pro"',
        ),
        (DefaultDevice(), DeviceKind.LOUDSPEAKER, "this computer has none that is switched on"),
    ],
)
def test_missing_device_is_an_error(spec: DeviceSpec, kind: DeviceKind, sentence: str) -> None:
    with pytest.raises(SourceError) as caught:
        choose_device(spec, FOUND, kind)
    assert caught.value.sentence == sentence


def test_default_is_chosen_by_the_system() -> None:
    assert choose_device(DefaultDevice(), FOUND, DeviceKind.MICROPHONE) is None


def test_default_without_any_device_is_an_error() -> None:
    with pytest.raises(SourceError):
        choose_device(DefaultDevice(), DeviceList((), "Webcam", "Webcam"), DeviceKind.MICROPHONE)
