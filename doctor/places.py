"""Places on the disk, and the commands that mend them. Any thread; leaves nothing behind.

The commands are for a POSIX shell, or for PowerShell and the command line of Windows, with paths
quoted. Those for Windows have not been tried there.
"""

import os
import sys
import tempfile
from pathlib import Path
from shlex import quote


def nearest_existing(path: Path) -> Path:
    """Return a path, or the nearest one above it that exists."""
    nearest = path.absolute()
    while not nearest.exists() and nearest != nearest.parent:
        nearest = nearest.parent
    return nearest


def can_write(folder: Path) -> bool:
    """Return whether the user may add files to a folder; tries it with a file that has no name."""
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return False
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def move_command(path: Path, suffix: str, platform: str = sys.platform) -> str:
    """Return the command that renames a file or folder by adding a suffix."""
    if platform == "win32":
        return f'`move "{path}" "{path}{suffix}"`'
    return f"`mv {quote(str(path))} {quote(f'{path}{suffix}')}`"


def own_command(path: Path, platform: str = sys.platform) -> str:
    """Return the command that makes the user the owner of a file or folder."""
    if platform == "win32":
        return (
            f'`takeown /r /f "{path}"`, then `icacls "{path}" /reset /t`, in a terminal that runs'
            " as administrator"
        )
    return f"`sudo chown -R $(id -u) {quote(str(path))}`"


def protect_command(path: Path, mode: str) -> str:
    """Return the command that changes the rights on a file or folder, where it has a mode."""
    return f"`chmod {mode} {quote(str(path))}`"
