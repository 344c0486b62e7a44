"""The state and the problems of this computer's devices. Pure: values."""

from enum import StrEnum

import msgspec


class DeviceKind(StrEnum):
    """The use of a device, as events name it."""

    CAMERA = "camera"
    MICROPHONE = "microphone"
    LOUDSPEAKER = "loudspeaker"


class DeviceState(msgspec.Struct, frozen=True):
    """A device and whether it works.

    Attributes:
        is_open: True while it delivers or plays; otherwise it is missing, busy or lost.
        name: the device's name; where none is open, the name that was asked for, or "".
    """

    kind: DeviceKind
    is_open: bool
    name: str


class DeviceProblemKind(StrEnum):
    """Reasons why a device neither records nor plays."""

    UNAVAILABLE = "unavailable"
    """No device or file fits the setting; `detail` is the error's sentence."""
    NOT_OPENED = "not opened"
    """The device is there, but cannot be opened."""
    GONE = "gone"
    """The device was unplugged or has failed."""
    NOT_WRITABLE = "not writable"
    """The file in place of a loudspeaker cannot be written."""
    NOT_CHANGED = "not changed"
    """Another device was chosen and does not work; the one before stays. `detail` says why."""
    NOT_SHARED = "not shared"
    """The screen cannot be sent; the camera stays. `detail` says why."""
    NOT_STARTED = "not started"
    """The sound library does not start; `detail` is the error's sentence."""
    NOT_ANSWERING = "not answering"
    """The system's sound hangs."""


class DeviceProblem(msgspec.Struct, frozen=True):
    """The reason why a device, or all sound, is missing.

    Attributes:
        device: the device concerned; None for all sound.
        name: the name of the device or file, or "" for the system's default.
        detail: the text of the error below, or "".
        next_step: that error's next step, or "".
    """

    kind: DeviceProblemKind
    device: DeviceKind | None = None
    name: str = ""
    detail: str = ""
    next_step: str = ""
