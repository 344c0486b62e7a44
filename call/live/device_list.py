"""Device list: the cameras, microphones and loudspeakers of this computer, as options of settings.

A thread of its own, since another process looks for the sound devices and takes a tenth of a
second; cameras are listed by the system and none is opened.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from threading import Event

from call.inbox import DevicesListed
from core.clock import now_us
from core.safe_text import cut_controls
from media.errors import MediaError, SourceError
from media.sound.device_search import DeviceSearch
from media.sound.portaudio import DeviceList, SoundDevice
from media.sound.sound_spec import DeviceName, parse_speaker
from media.video.camera_list import CameraDevice, list_cameras
from media.video.camera_spec import CameraName, parse_camera
from ui.device_view import DeviceOption

_log = logging.getLogger(__name__)

POLL_S = 0.05


def search_devices(is_cancelled: Event) -> DevicesListed:
    """Return the devices that are present. Blocks for a fraction of a second."""
    return options_of(list_cameras(), _find_sound(is_cancelled))


def _find_sound(is_cancelled: Event) -> DeviceList:
    found: DeviceList | None = None
    try:
        search = DeviceSearch(now_us())
    except SourceError as error:
        _log.debug("no list of sound devices: %s", error.sentence)
    else:
        while not search.is_over(now_us()) and not is_cancelled.wait(POLL_S):
            pass
        if is_cancelled.is_set():
            search.close()
        else:
            found = search.result()
    return found or DeviceList((), None, None)


def options_of(cameras: Iterable[CameraDevice], sound: DeviceList) -> DevicesListed:
    """Return the options of each kind; a name that is not unique, or no name, is chosen by number.

    Numbers change when devices are plugged in, so a name is what a settings file should hold.
    """
    return DevicesListed(
        _name_options(((camera.index, camera.name) for camera in cameras), _is_camera_name),
        _sound_options(device for device in sound.devices if device.records),
        _sound_options(device for device in sound.devices if device.plays),
    )


def _sound_options(devices: Iterable[SoundDevice]) -> tuple[DeviceOption, ...]:
    # PortAudio's own "default", on Linux, is the system's again.
    named = _name_options(
        ((device.index, device.name) for device in devices if device.name != "default"),
        _is_sound_name,
    )
    return (DeviceOption("default"), *named)


def _name_options(
    devices: Iterable[tuple[int, str]], is_name: Callable[[str], bool]
) -> tuple[DeviceOption, ...]:
    listed = list(devices)
    counts = Counter(name for _, name in listed)
    return tuple(
        DeviceOption(
            name if counts[name] == 1 and is_name(name) else str(index),
            cut_controls(name).strip() or str(index),
            index,
        )
        for index, name in listed
    )


def _is_camera_name(name: str) -> bool:
    try:
        return isinstance(parse_camera(name), CameraName) and name == name.strip()
    except MediaError:
        return False


def _is_sound_name(name: str) -> bool:
    try:
        return isinstance(parse_speaker(name), DeviceName) and name == name.strip()
    except MediaError:
        return False
