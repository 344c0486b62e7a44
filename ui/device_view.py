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


class ScreenOption(msgspec.Struct, frozen=True):
    """A screen or a window that can be shared.

    Attributes:
        value: names it in the user's action.
        number: of a screen, from 1 on; 0 for a window.
        title: of a window, safe to show.
        width_px, height_px: of a screen.
    """

    value: str
    number: int = 0
    title: str = ""
    width_px: int = 0
    height_px: int = 0


class ScreensView(msgspec.Struct, frozen=True):
    """The screens and windows of this computer, and the one that is shared.

    Attributes:
        options: empty until they have been looked for.
        list_problem: why whole screens cannot be shared; None if they can.
        is_shared: True while one is sent in place of the camera.
        shared_window: the title of the one window that is shared; "" for a whole screen.
        is_opening: True until it is shared, or refused.
        problem: why it was not shared; None if it was not refused.
    """

    options: tuple[ScreenOption, ...] = ()
    list_problem: DeviceProblem | None = None
    is_shared: bool = False
    shared_window: str = ""
    is_opening: bool = False
    problem: DeviceProblem | None = None


class DevicesView(msgspec.Struct, frozen=True):
    """All devices of this computer that a call uses."""

    camera: DeviceMenu = field(default_factory=lambda: DeviceMenu(DeviceKind.CAMERA))
    microphone: DeviceMenu = field(default_factory=lambda: DeviceMenu(DeviceKind.MICROPHONE))
    loudspeaker: DeviceMenu = field(default_factory=lambda: DeviceMenu(DeviceKind.LOUDSPEAKER))
    screens: ScreensView = field(default_factory=ScreensView)
