"""The names of files that calls leave behind: recordings, snapshots and
reports. Reads no disk.

A name given on the command line is used as it is; otherwise the user's folder for videos,
pictures or documents takes a file with the other peer's name and the time.
"""

from datetime import datetime
from pathlib import Path

import platformdirs

from core.safe_text import clean_name
from media.files.safe_file_name import safe_file_name

MAX_NAME_CHARACTERS = 40
_SEPARATORS = str.maketrans("", "", "/\\")


def recording_path(named: Path | None, peer_name: str, at: datetime) -> Path:
    """Return where a recording goes.

    Args:
        named: the file of `--record`, or None.
        at: when it begins, in the user's time zone.
    """
    if named is not None:
        return named
    return platformdirs.user_videos_path() / _name(peer_name, at, ".mkv")


def snapshot_path(peer_name: str, at: datetime) -> Path:
    """Return where a snapshot during a call goes."""
    return platformdirs.user_pictures_path() / _name(peer_name, at, ".png")


def report_path(peer_name: str, at: datetime) -> Path:
    """Return where the report on a call goes.

    Not a hidden or temporary folder: a browser that is a Snap or a Flatpak reads neither.
    """
    return platformdirs.user_documents_path() / _name(peer_name, at, " report.html")


def _name(peer_name: str, at: datetime, suffix: str) -> str:
    """Return such as "Bob 2026-11-30 17.48.05.mkv", which every file system takes."""
    who = clean_name(peer_name).translate(_SEPARATORS)[:MAX_NAME_CHARACTERS].strip(" .")
    return safe_file_name(f"{who or 'Call'} {at:%Y-%m-%d %H.%M.%S}{suffix}")
