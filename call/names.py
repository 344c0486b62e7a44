"""Names and other text that goes on a screen, made harmless. Pure: no I/O, no clock.

What comes from the other side may hold anything. Cut are the characters that a screen obeys instead
of showing: control characters, such as those that move a terminal's cursor, and format characters,
such as those that turn the direction of writing or have no width.
"""

import unicodedata

MAX_NAME_CHARACTERS = 64
NOBODY = "somebody"
"""Who is logged in, or calls, where nothing says."""

_CUT = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode's control, format, lone surrogate, and separators of lines and paragraphs."""


def cut_controls(text: str) -> str:
    """Return `text` without the characters that a screen obeys instead of showing."""
    return "".join(letter for letter in text if unicodedata.category(letter) not in _CUT)


def clean_name(text: str) -> str:
    """Return `text` as a name of at most 64 characters, which may be empty."""
    return cut_controls(text).strip()[:MAX_NAME_CHARACTERS].rstrip()


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
