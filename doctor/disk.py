"""The check of the disk under recordings and received files. Any thread; blocks on disk I/O."""

import shutil
from pathlib import Path

from doctor.finding import Finding, ok, warning, wrong
from doctor.places import (
    can_write,
    is_read_only,
    move_command,
    nearest_existing,
    permit_step,
    remount_command,
)

HOUR_S = 3600
SOUND_BPS = 2 * 64_000
PICTURES = 2
"""A recording holds the pictures of both sides."""
RECORD_TO = "--record FILE.mkv"
RECEIVE_TO = "--set files.folder=FOLDER"
"""The options that name another place."""
_GIGABYTE = 1_000_000_000


def check_disk(title: str, folder: Path, bitrate_bps: int, option: str) -> list[Finding]:
    """Check that a folder can be written, and has room for a recording of an hour.

    Args:
        title: what goes there, such as "Recordings".
        bitrate_bps: of the pictures of one side.
        option: names another place for it.
    """
    existing = nearest_existing(folder)
    if not existing.is_dir():
        step = f"Move it away: {move_command(existing, '.old')}"
        return [wrong("disk", f"{title} go to {folder}, but {existing} is not a folder", step)]
    if is_read_only(existing):
        return [
            wrong(
                "disk",
                f"{title} go to {folder}, on a disk that is read-only",
                f"If it should not be: {remount_command(existing)};"
                f" or name another place: {option}",
            )
        ]
    if not can_write(existing):
        return [
            wrong(
                "disk",
                f"{title} go to {folder}, where you may not write",
                f"{permit_step(folder)}; or name another place: {option}",
            )
        ]
    needed = (PICTURES * bitrate_bps + SOUND_BPS) * HOUR_S // 8
    try:
        free = shutil.disk_usage(existing).free
    except OSError as error:
        step = f"Name another place: {option}"
        return [wrong("disk", f"{folder} cannot be used: {error.strerror}", step)]
    figures = {"free_bytes": free}
    if free < needed:
        minutes = free * 60 // needed
        return [
            warning(
                "disk",
                f"{title} go to {folder}, where {_size(free)} are free: {minutes} min of a call",
                f"Make room there ({_size(needed)} hold an hour), or name another place: {option}",
                **figures,
            )
        ]
    sentence = f"{title} go to {folder}: {_size(free)} are free"
    return [ok("disk", sentence, **figures)]


def _size(size_bytes: int) -> str:
    return f"{size_bytes / _GIGABYTE:.1f} GB"
