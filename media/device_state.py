"""The state of one device of this computer: which, whether it works, and its name. Pure: values."""

from dataclasses import dataclass
from enum import StrEnum


class DeviceKind(StrEnum):
    """What a device is for."""

    CAMERA = "camera"
    MICROPHONE = "microphone"
    LOUDSPEAKER = "loudspeaker"


@dataclass(frozen=True, slots=True)
class DeviceState:
    """The state of one device.

    Attributes:
        is_open: whether it delivers or plays; otherwise it is missing, busy or lost.
        name: the device's name; where none is open, the name that was asked for, or "".
    """

    kind: DeviceKind
    is_open: bool
    name: str
