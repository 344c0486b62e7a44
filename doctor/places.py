"""Places on the disk, and the commands that mend them. Any thread; reads the disk, changes nothing.

The commands are for a POSIX shell, with paths quoted.
"""

from pathlib import Path
from shlex import quote


def nearest_existing(path: Path) -> Path:
    """Return a path, or the nearest one above it that exists."""
    nearest = path.absolute()
    while not nearest.exists() and nearest != nearest.parent:
        nearest = nearest.parent
    return nearest


def move_command(path: Path, suffix: str) -> str:
    """Return the command that renames a file or folder by adding a suffix."""
    return f"`mv {quote(str(path))} {quote(f'{path}{suffix}')}`"


def own_command(path: Path) -> str:
    """Return the command that makes the user the owner of a file or folder."""
    return f"`sudo chown -R $(id -u) {quote(str(path))}`"


def protect_command(path: Path, mode: str) -> str:
    """Return the command that changes the rights on a file or folder."""
    return f"`chmod {mode} {quote(str(path))}`"
