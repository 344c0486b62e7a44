"""Choice of the device that a setting names. Pure: no I/O, no clock."""

from media.device_state import DeviceKind
from media.errors import SourceError
from media.sound.portaudio import DeviceList, SoundDevice
from media.sound.sound_spec import DefaultDevice, DeviceIndex, DeviceSpec

NAME_CHARACTERS = 31
"""Windows lists a device once per driver interface, and the oldest interface (MME) cuts the name to
this length."""


def choose_device(spec: DeviceSpec, found: DeviceList, kind: DeviceKind) -> SoundDevice | None:
    """Return the device that a setting names; None for the system's default.

    Raises:
        SourceError: no device, or more than one, fits the setting.
    """
    is_microphone = kind is DeviceKind.MICROPHONE
    fitting = [device for device in found.devices if _fits(device, is_microphone)]
    if isinstance(spec, DefaultDevice):
        default = found.default_microphone if is_microphone else found.default_speaker
        if default is None or not fitting:
            raise SourceError("this computer has none that is switched on")
        return None
    if isinstance(spec, DeviceIndex):
        for device in fitting:
            if device.index == spec.index:
                return device
        raise SourceError(f"number {spec.index} is not there")
    matches = [device for device in fitting if device.name == spec.name]
    if not matches:
        wanted = spec.name.casefold()
        matches = [device for device in fitting if wanted in device.name.casefold()]
    if len({device.name[:NAME_CHARACTERS] for device in matches}) == 1:
        return matches[0]
    if matches:
        listed = ", ".join(f'{device.index} "{device.name}"' for device in matches[:5])
        raise SourceError(f'several are called "{spec.name}": {listed}')
    raise SourceError(f'"{spec.name}" is not there')


def _fits(device: SoundDevice, is_microphone: bool) -> bool:
    return device.records if is_microphone else device.plays
