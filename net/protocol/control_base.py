"""The base of all control messages, and the bounded fields that they share. Pure: values only."""

from typing import Annotated

import msgspec
from msgspec import Meta

Counter = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Timestamp = Annotated[int, Meta(ge=0, le=2**63 - 1)]


class ControlMessage(
    msgspec.Struct,
    frozen=True,
    tag_field="type",
    tag=lambda name: "".join("_" + c.lower() if c.isupper() else c for c in name).lstrip("_"),
):
    """One control message. Its tag is the class name in snake case."""
