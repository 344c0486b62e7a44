"""The `listen` section of the settings. Pure: a value with its ranges."""

from typing import Annotated

import msgspec
from msgspec import Meta

DEFAULT_PORT = 5000
"""Where a listener is looked for when nobody says another port."""


class ListenSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How calls are taken.

    Attributes:
        port: of TCP; 0 means any free one.
        address: one of this machine's, to listen on it alone; empty for all.
        open: whether callers without a code are taken. There are no codes yet, so only true holds.
        accept: whether calls are answered without asking.
        ring_timeout_s: after which a call that nobody answers is refused.
    """

    port: Annotated[int, Meta(ge=0, le=65_535)] = DEFAULT_PORT
    address: Annotated[str, Meta(max_length=255, pattern=r"^[0-9A-Za-z.:%_-]*$(?!\n)")] = ""
    open: bool = True
    accept: bool = False
    ring_timeout_s: Annotated[float, Meta(ge=1, le=600)] = 45.0
