"""The rules for known peers' names: unique, and unlike an address. Pure: no I/O, no clock."""

import difflib
import re
import unicodedata
from collections.abc import Container, Iterable

MAX_NAME_CHARACTERS = 64
CLOSE = 0.65
"""The similarity of a name with two letters swapped, such as Bbo for Bob."""

_COULD_BE_TYPED = re.compile(
    r"[0-9a-f.:%]*[.:][0-9a-f.:%]*|\S*:\d+|\d+-[a-z]+-[a-z]+|localhost(\..*)?", re.IGNORECASE
)
"""An address in digits, a host with its port, a code, or localhost. Names may contain dots."""


def folded(name: str) -> str:
    """Return a form that is the same for all names that look alike."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return " ".join(plain.split())


def similar_name(typed: str, names: Iterable[str]) -> str:
    """Return the name that a mistyped one probably meant, or ""."""
    by_folded = {folded(name): name for name in names}
    close = difflib.get_close_matches(folded(typed), by_folded, n=1, cutoff=CLOSE)
    return by_folded[close[0]] if close else ""


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
