"""Places on the disk, and the commands that mend them. Any thread; leaves nothing behind.

The commands are for a POSIX shell, or for PowerShell and the command line of Windows, with paths
quoted. Those for Windows have not been tried there.
"""

import os
import sys
import tempfile
from pathlib import Path
from shlex import quote

import psutil


def nearest_existing(path: Path) -> Path:
    """Return a path, or the nearest one above it that exists and that the user can see."""
    nearest = path.absolute()
    while not _is_seen(nearest) and nearest != nearest.parent:
        nearest = nearest.parent
    return nearest


def _is_seen(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # A folder above it may not be entered.
        return False


def can_write(folder: Path) -> bool:
    """Return whether the user may add files to a folder; tries it with a file that has no name."""
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return False
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def is_read_only(path: Path) -> bool:
    """Return whether the disk under a path takes no files from anybody; False on Windows."""
    if sys.platform == "win32":
        return False
    return bool(os.statvfs(path).f_flag & os.ST_RDONLY)


def move_command(path: Path, suffix: str, platform: str = sys.platform) -> str:
    """Return the command that renames a file or folder by adding a suffix."""
    if platform == "win32":
        return f'`move "{path}" "{path}{suffix}"`'
    return f"`mv {quote(str(path))} {quote(f'{path}{suffix}')}`"


def permit_step(path: Path, platform: str = sys.platform, *, recursive: bool = False) -> str:
    """Return how the user gets the right to write a file, or into a folder.

    Never changes the owner of a folder above, such as `/home`: a missing one is made instead.

    Args:
        path: of the file, or of the folder, which need not exist.
        recursive: whether a folder's content becomes the user's, too.
    """
    if platform == "win32":
        return (
            f'Enter `takeown /r /f "{path}"`, then `icacls "{path}" /reset /t`, in a terminal that'
            " runs as administrator"
        )
    nearest = nearest_existing(path)
    is_there = nearest == path.absolute()
    name = quote(str(nearest if _is_own(nearest) else path))
    permit = f"chmod u+{'rw' if nearest.is_file() else 'rwx'} {name}"
    if _is_own(nearest):
        return f"Enter `{permit}`"
    if is_there:
        option = "-R " if recursive else ""
        return f"Enter `sudo chown {option}$(id -u) {name} && {permit}`"
    if not os.access(nearest, os.X_OK):
        return _word_closed(nearest)
    return f"Enter `sudo install -d -o $(id -u) -g $(id -g) {name}`"


def _is_own(path: Path) -> bool:
    return sys.platform != "win32" and path.stat().st_uid == os.getuid()


def remount_command(path: Path, platform: str = sys.platform) -> str:
    """Return the command that lets the disk of a path be written again."""
    mounts = (Path(each.mountpoint) for each in psutil.disk_partitions(all=True))
    above = [mount for mount in mounts if path.resolve().is_relative_to(mount)]
    mount = quote(str(max(above, key=lambda each: len(each.parts), default=Path("/"))))
    return f"`sudo mount {'-u -w' if platform == 'darwin' else '-o remount,rw'} {mount}`"


def protect_command(path: Path, mode: str) -> str:
    """Return the command that changes the rights on a file or folder, where it has a mode."""
    return f"`chmod {mode} {quote(str(path))}`"


def show_step(path: Path, platform: str = sys.platform) -> str:
    """Return how everybody gets the right to read a file."""
    if platform == "win32":
        return f'Enter `icacls "{path}" /reset`'
    nearest = nearest_existing(path)
    if nearest != path.absolute():
        return _word_closed(nearest)
    return f"Enter `sudo chmod a+r {quote(str(path))}`"


def _word_closed(folder: Path) -> str:
    return f"You may not enter {folder}: set HOME to your own folder, and start again"
