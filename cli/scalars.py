"""Numbers and truth values as people type them. Pure: no I/O, no clock.

Stricter than `int` and `float`, which take blanks, underscores, digits of other scripts, nan and
inf: what is let through here is what the person sees.
"""

import math
import re

_TRUTH = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_WHOLE = re.compile(r"[+-]?[0-9]{1,30}")
_DECIMAL = re.compile(
    r"[+-]?(?:[0-9]{1,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:[eE][+-]?[0-9]{1,3})?"
)


def parse_whole(text: str) -> int | None:
    """Return the whole number that `text` is, or None."""
    return int(text) if _WHOLE.fullmatch(text) else None


def parse_decimal(text: str) -> float | None:
    """Return the finite number that `text` is, or None."""
    if not _DECIMAL.fullmatch(text):
        return None
    number = float(text)
    return number if math.isfinite(number) else None


def parse_truth(text: str) -> bool | None:
    """Return the truth value that `text` is, in small letters or capitals, or None.

    The words are those of YAML, so that a file and a command line read the same; 1 and 0 are
    numbers.
    """
    return _TRUTH.get(text.lower())
