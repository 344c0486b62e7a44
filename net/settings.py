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
        open: whether callers are taken who know no code and are not known.
        accept: whether calls are answered without asking.
        announce: whether this network is told that we listen, and the number of the code.
        announce_name: whether it is told our name as well.
        ring_timeout_s: after which a call that nobody answers is refused.
    """

    port: Annotated[int, Meta(ge=0, le=65_535)] = DEFAULT_PORT
    address: Annotated[str, Meta(max_length=255, pattern=r"^[0-9A-Za-z.:%_-]*$(?!\n)")] = ""
    open: bool = False
    accept: bool = False
    announce: bool = True
    announce_name: bool = False
    ring_timeout_s: Annotated[float, Meta(ge=1, le=600)] = 45.0
