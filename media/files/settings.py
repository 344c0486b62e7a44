"""The settings of files. Pure: no I/O, no clock."""

from typing import Annotated

import msgspec
from msgspec import Meta


class FileSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where files of the other peer are stored.

    Attributes:
        folder: made if it is missing; "" for the user's downloads folder.
    """

    folder: Annotated[str, Meta(max_length=4096)] = ""
