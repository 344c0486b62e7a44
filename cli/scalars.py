"""Scalars: numbers and truth values as users type them. Pure: no I/O, no clock.

Stricter than `int` and `float`, which accept blanks, underscores, digits of other scripts, nan and
inf: only what a user would read as a number counts.
"""

import math
import re

_TRUTH = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_WHOLE = re.compile(r"[+-]?[0-9]{1,30}")
_DECIMAL = re.compile(
    r"[+-]?(?:[0-9]{1,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:[eE][+-]?[0-9]{1,3})?"
)


def parse_whole(text: str) -> int | None:
    """Return `text` as a whole number, or None."""
    return int(text) if _WHOLE.fullmatch(text) else None


def parse_decimal(text: str) -> float | None:
    """Return `text` as a finite number, or None."""
    if not _DECIMAL.fullmatch(text):
        return None
    number = float(text)
    return number if math.isfinite(number) else None


def parse_truth(text: str) -> bool | None:
    """Return `text` as a truth value, in small letters or capitals, or None.

    The words are those of YAML, so that file and command line agree; 1 and 0 are numbers.
    """
    return _TRUTH.get(text.lower())
