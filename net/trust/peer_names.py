"""The rules for known peers' names: unique, and unlike an address. Pure: no I/O, no clock."""

import re
import unicodedata
from collections.abc import Container

MAX_NAME_CHARACTERS = 64

_COULD_BE_TYPED = re.compile(
    r"[0-9a-f.:%]*[.:][0-9a-f.:%]*|\S*:\d+|\d+-[a-z]+-[a-z]+|localhost(\..*)?", re.IGNORECASE
)
"""An address in digits, a host with its port, a code, or localhost. Names may contain dots."""


def folded(name: str) -> str:
    """Return a form that is the same for all names that look alike."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return " ".join(plain.split())


def could_be_address(name: str) -> bool:
    """Return whether a user who types this may mean an address or a code."""
    return _COULD_BE_TYPED.fullmatch(unicodedata.normalize("NFKC", name).strip()) is not None


def free_name(wanted: str, taken: Container[str]) -> str:
    """Return the wanted name, or a similar one that is free and looks like no address or code.

    Args:
        wanted: 1 to `MAX_NAME_CHARACTERS` characters, like the result.
        taken: the folded names of all other peers.
    """
    if could_be_address(wanted):
        wanted = f"peer {wanted}"[:MAX_NAME_CHARACTERS]
    number, free = 1, wanted
    while folded(free) in taken:
        number += 1
        free = f"{wanted[: MAX_NAME_CHARACTERS - 5]} {number}"
    return free
