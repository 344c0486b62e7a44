"""File names from another computer, made safe for every system. Pure: no I/O, no clock.

A name from a peer may be a path, a device's name on Windows, thousands of characters long, or look
like another name. What remains is one visible name without a folder, the same on every system.
"""

import unicodedata

from core.safe_text import cut_invisible

MAX_NAME_BYTES = 180
"""In UTF-8. Most systems take 255, some encrypted disks 143 characters; a number in brackets and
the name of an unfinished file are longer."""
MAX_SUFFIX_BYTES = 20
UNNAMED = "file"

_SEPARATORS = "/\\"
_FORBIDDEN = frozenset('<>:"|?*')
"""In names on Windows; a colon there even names a hidden stream of the file."""
_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$", "clock$"}
    | {f"{port}{digit}" for port in ("com", "lpt") for digit in "0123456789¹²³"}
)
"""Names of devices on Windows, with any suffix.
Source: learn.microsoft.com/windows/win32/fileio/naming-a-file."""


def safe_file_name(text: str) -> str:
    """Return a name under which a file of another computer may be stored; never empty."""
    for separator in _SEPARATORS:
        text = text.replace(separator, "/")
    name = unicodedata.normalize("NFC", cut_invisible(text.rpartition("/")[2]))
    name = "".join("_" if letter in _FORBIDDEN else letter for letter in name)
    # A leading dot hides a file; Windows drops trailing dots and blanks.
    name = " ".join(name.split()).lstrip(". ").rstrip(". ")
    if not name:
        return UNNAMED
    if name.partition(".")[0].rstrip().lower() in _DEVICES or name.startswith("-"):
        name = f"_{name}"
    return _shorten(name)


def numbered(name: str, number: int) -> str:
    """Return a name with a number in brackets before its suffix, such as `a (2).txt`."""
    stem, suffix = split_suffix(name)
    return f"{stem} ({number}){suffix}"


def split_suffix(name: str) -> tuple[str, str]:
    """Return a name's stem and its suffix, which may be empty."""
    stem, dot, suffix = name.rpartition(".")
    if not stem or len(suffix.encode()) > MAX_SUFFIX_BYTES:
        return name, ""
    return stem, dot + suffix


def _shorten(name: str) -> str:
    if len(name.encode()) <= MAX_NAME_BYTES:
        return name
    stem, suffix = split_suffix(name)
    room = MAX_NAME_BYTES - len(suffix.encode())
    return stem.encode()[:room].decode("utf-8", "ignore").rstrip(". ") + suffix
