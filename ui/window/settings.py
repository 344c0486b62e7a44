"""The `window` section of the settings. Pure: a value with its ranges."""

from typing import Literal

import msgspec

Placement = Literal["auto", "left", "right"]
LookName = Literal["auto", "dark", "light"]


class WindowSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The look of the window."""

    headless: bool = False
    mirror_self_view: bool = True
    placement: Placement = "auto"
    look: LookName = "auto"
