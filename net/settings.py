"""The `listen` section of the settings: its values and their ranges. Pure: values only."""

from typing import Annotated

import msgspec
from msgspec import Meta

DEFAULT_PORT = 5000
"""The port to dial or listen on when the user gives no other."""


class ListenSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The settings of a listener.

    Attributes:
        port: the TCP port; 0 means any free one.
        address: the one address of this computer to listen on; empty for all.
        open: whether strangers without a call code may ring.
        accept: whether to accept calls without asking the user.
        announce: whether to announce this listener, and its code's number, on this network.
        announce_name: whether the announcement includes this peer's name.
        ring_timeout_s: how long a call may ring before it is refused as unanswered.
    """

    port: Annotated[int, Meta(ge=0, le=65_535)] = DEFAULT_PORT
    address: Annotated[str, Meta(max_length=255, pattern=r"^[0-9A-Za-z.:%_-]*$(?!\n)")] = ""
    open: bool = False
    accept: bool = False
    announce: bool = True
    announce_name: bool = False
    ring_timeout_s: Annotated[float, Meta(ge=1, le=600)] = 45.0
