"""What a known peer may be called, so that its name means it and nothing else. Pure."""

import re
import unicodedata
from collections.abc import Container

MAX_NAME_CHARACTERS = 64

_COULD_BE_TYPED = re.compile(
    r"[0-9a-f.:%]*[.:][0-9a-f.:%]*|\S*:\d+|\d+-[a-z]+-[a-z]+|localhost(\..*)?", re.IGNORECASE
)
"""An address in digits, a host with its port, a code. A dot alone stands in names too."""


def folded(name: str) -> str:
    """Return what two names have in common that look alike."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return " ".join(plain.split())


def could_be_address(name: str) -> bool:
    """Whether a person who types that may mean an address or a code."""
    return _COULD_BE_TYPED.fullmatch(unicodedata.normalize("NFKC", name).strip()) is not None


def free_name(wanted: str, taken: Container[str]) -> str:
    """Return the wanted name, or one like it that nobody has, or types who means an address.

    Args:
        wanted: 1 to `MAX_NAME_CHARACTERS` characters, and so is what is returned.
        taken: the names of all others, as `folded` gives them.
    """
    if could_be_address(wanted):
        wanted = f"peer {wanted}"[:MAX_NAME_CHARACTERS]
    number, free = 1, wanted
    while folded(free) in taken:
        number += 1
        free = f"{wanted[: MAX_NAME_CHARACTERS - 5]} {number}"
    return free
