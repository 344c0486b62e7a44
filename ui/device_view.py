"""The devices that a user can choose, as the view shows them. Pure: values only."""

import msgspec
from msgspec import field

from media.device_state import DeviceKind, DeviceProblem


class DeviceOption(msgspec.Struct, frozen=True):
    """One entry of a list of devices.

    Attributes:
        value: the text of the setting that chooses it.
        name: its name; "" for the system's default and for none, which wording names.
        index: its number, which chooses it as well; None if it has none.
    """

    value: str
    name: str = ""
    index: int | None = None


class DeviceMenu(msgspec.Struct, frozen=True):
    """The devices of one kind.

    Attributes:
        chosen: the value of the option in use.
        changing_to: the value of the option that is being opened; "" if none is.
        problem: why a device that was chosen, or the one in use, does not work; None if it does.
    """

    kind: DeviceKind
    options: tuple[DeviceOption, ...] = ()
    chosen: str = ""
    changing_to: str = ""
    problem: DeviceProblem | None = None


class DevicesView(msgspec.Struct, frozen=True):
    """All devices of this computer that a call uses.

    Attributes:
        is_sharing_screen: True while it is shared.
        is_screen_opening: True until it is shared, or refused.
        screen_problem: why it was not shared; None if it was not refused.
    """

    camera: DeviceMenu = field(default_factory=lambda: DeviceMenu(DeviceKind.CAMERA))
    microphone: DeviceMenu = field(default_factory=lambda: DeviceMenu(DeviceKind.MICROPHONE))
    loudspeaker: DeviceMenu = field(default_factory=lambda: DeviceMenu(DeviceKind.LOUDSPEAKER))
    is_sharing_screen: bool = False
    is_screen_opening: bool = False
    screen_problem: DeviceProblem | None = None
