"""The names of files that calls leave behind: recordings and snapshots. Reads no disk.

A name given on the command line is used as it is; otherwise the user's folder for videos or
pictures takes a file with the other peer's name and the time.
"""

from datetime import datetime
from pathlib import Path

import platformdirs

from core.safe_text import clean_name

MAX_NAME_CHARACTERS = 40
"""At most 160 bytes, of the 255 that file systems allow for the whole name."""
_FORBIDDEN = frozenset('<>:"/\\|?*')
"""By Windows; others forbid only some of them."""


def recording_path(named: Path | None, peer_name: str, at: datetime) -> Path:
    """Return where a recording goes.

    Args:
        named: the file of `--record`, or None.
        at: when it begins, in the user's time zone.
    """
    if named is not None:
        return named
    return platformdirs.user_videos_path() / f"{_stem(peer_name, at)}.mkv"


def snapshot_path(peer_name: str, at: datetime) -> Path:
    """Return where a snapshot during a call goes."""
    return platformdirs.user_pictures_path() / f"{_stem(peer_name, at)}.png"


def _stem(peer_name: str, at: datetime) -> str:
    """Return such as "Bob 2026-11-30 17.48.05", which every file system takes."""
    letters = "".join(letter for letter in clean_name(peer_name) if letter not in _FORBIDDEN)
    # No dot at the start, which would hide the file.
    name = letters[:MAX_NAME_CHARACTERS].strip(" .") or "Call"
    return f"{name} {at:%Y-%m-%d %H.%M.%S}"
