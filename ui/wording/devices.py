"""Devices in words: the entries of their lists, and what is wrong with them. Pure: values only."""

from media.device_state import DeviceKind, DeviceProblem, DeviceProblemKind
from ui.device_view import DeviceMenu, DeviceOption
from ui.wording.notices import word_device_problem

KIND_NAMES = {
    DeviceKind.CAMERA: "Camera",
    DeviceKind.MICROPHONE: "Microphone",
    DeviceKind.LOUDSPEAKER: "Loudspeaker",
}
TEST_SOUND = "Test"
TEST_SOUND_NAME = "Play a test sound on the loudspeaker"

_NONE = {
    DeviceKind.CAMERA: "No camera",
    DeviceKind.MICROPHONE: "No microphone",
    DeviceKind.LOUDSPEAKER: "No loudspeaker",
}
_WORDS = {"default": "System default", "test": "Test pattern", "tone": "Test tone"}


def word_option(kind: DeviceKind, option: DeviceOption) -> str:
    """Return the text of an entry of a list of devices."""
    if option.value == "none":
        return _NONE[kind]
    if option.value in _WORDS:
        return _WORDS[option.value]
    if option.name.isdecimal():  # A number that the settings name, and that is not there now.
        return f"{KIND_NAMES[kind]} {option.name} (not there)"
    return option.name


def word_menu_problem(menu: DeviceMenu) -> str:
    """Return why a device does not work, and what to do; "" if it works."""
    if menu.problem is None:
        return ""
    return word_problem(menu.problem)


def word_problem(problem: DeviceProblem) -> str:
    """Return why a device does not work, and what to do."""
    if problem.kind is DeviceProblemKind.UNAVAILABLE and problem.device is DeviceKind.CAMERA:
        next_step = f". {problem.next_step}" if problem.next_step else ""
        return f"{problem.detail}{next_step}."
    return f"{word_device_problem(problem)}."


def word_changing(menu: DeviceMenu) -> str:
    """Return that another device is being opened; "" if none is."""
    return "Opening…" if menu.changing_to else ""
