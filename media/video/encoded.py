"""What an encoder gives. Pure: a value."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Encoded:
    """The bytes of one picture, and whether it decodes alone."""

    payload: bytes
    is_keyframe: bool
