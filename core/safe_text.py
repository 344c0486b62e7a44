"""Peers' names and other text, made safe to show on a screen. Pure: no I/O, no clock.

Text from a peer may hold anything. This module removes three kinds of characters: control
characters, which can move a terminal's cursor; format characters, which can reverse the direction
of writing; and, from names, invisible characters, which can make two names look alike.
"""

import unicodedata

MAX_NAME_CHARACTERS = 64
NOBODY = "somebody"
"""Stands for a login or a peer without a name."""

_CUT = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode's categories of control and format characters, lone surrogates, and line and paragraph
separators."""

_INVISIBLE = (
    (0x034F, 0x034F), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x2065, 0x2065),
    (0x2800, 0x2800), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8),
    (0xE0000, 0xE0FFF),
)  # fmt: skip  # several ranges a line
"""Unicode's Default_Ignorable_Code_Point, except those in the categories above; and Braille's
blank."""


def cut_controls(text: str) -> str:
    """Return `text` without its control and format characters."""
    return "".join(letter for letter in text if unicodedata.category(letter) not in _CUT)


_JOINERS = frozenset("\u200c\u200d")
"""Between the parts of an emoji, and between letters that many scripts must join or keep apart."""


def clean_text(text: str) -> str:
    """Return text of several lines without what could harm a screen.

    Line breaks stay, two in a row at most become an empty line; tabs become spaces.
    """
    lines = text.replace("\t", " ").splitlines()
    kept: list[str] = []
    for line in lines:
        cleaned = "".join(
            letter
            for letter in line
            if letter in _JOINERS or unicodedata.category(letter) not in _CUT
        ).rstrip()
        if cleaned or (kept and kept[-1]):
            kept.append(cleaned)
    return "\n".join(kept).strip("\n")


def cut_invisible(text: str) -> str:
    """Return `text` without control, format and invisible characters."""
    return "".join(letter for letter in cut_controls(text) if not _is_invisible(ord(letter)))


def clean_name(text: str) -> str:
    """Return `text` as a name of at most 64 visible characters; it may be empty."""
    return " ".join(cut_invisible(text).split())[:MAX_NAME_CHARACTERS].rstrip()


def _is_invisible(code: int) -> bool:
    return any(first <= code <= last for first, last in _INVISIBLE)


def shown_name(text: str) -> str:
    """Return a name from a peer, safe to show and never empty."""
    return clean_name(text) or NOBODY.capitalize()


def compose_name(login: str, host: str) -> str:
    """Return the default name of a user, such as "alice on laptop"; never empty.

    Args:
        login: the user's login name; may be empty.
        host: this machine's name, with or without its domain; may be empty.
    """
    login = clean_name(login) or NOBODY
    host = clean_name(host.partition(".")[0])
    return clean_name(f"{login} on {host}" if host else login)
