"""Names and other text that goes on a screen, made harmless. Pure: no I/O, no clock.

What comes from the other side may hold anything. Cut are the characters that a screen obeys instead
of showing: control characters, such as those that move a terminal's cursor, and format characters,
such as those that turn the direction of writing; and those that show nothing at all, by which two
names could be alike to the eye.
"""

import unicodedata

MAX_NAME_CHARACTERS = 64
NOBODY = "somebody"
"""Who is logged in, or calls, where nothing says."""

_CUT = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode's control, format, lone surrogate, and separators of lines and paragraphs."""


_INVISIBLE = (
    (0x034F, 0x034F), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x2065, 0x2065),
    (0x2800, 0x2800), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8),
    (0xE0000, 0xE0FFF),
)  # fmt: skip
"""Unicode's Default_Ignorable_Code_Point, less what the above holds; and the blank of Braille."""


def cut_controls(text: str) -> str:
    """Return `text` without the characters that a screen obeys instead of showing."""
    return "".join(letter for letter in text if unicodedata.category(letter) not in _CUT)


def clean_name(text: str) -> str:
    """Return `text` as a name of at most 64 characters, all seen, which may be empty."""
    seen = "".join(letter for letter in cut_controls(text) if not _is_invisible(ord(letter)))
    return " ".join(seen.split())[:MAX_NAME_CHARACTERS].rstrip()


def _is_invisible(code: int) -> bool:
    return any(first <= code <= last for first, last in _INVISIBLE)


def shown_name(text: str) -> str:
    """Return the name that the other side gave itself, fit to be shown; never empty."""
    return clean_name(text) or NOBODY.capitalize()


def compose_name(login: str, host: str) -> str:
    """Return the name of who has not chosen one, such as "alice on laptop"; never empty.

    Args:
        login: who is logged in, or nothing.
        host: this machine's name, with its domain or without, or nothing.
    """
    login = clean_name(login) or NOBODY
    host = clean_name(host.partition(".")[0])
    return clean_name(f"{login} on {host}" if host else login)
