"""Files that only their owner may read: written whole or not at all, and never half seen.

Runs on any thread, blocks for the disk. Knows nothing of what the files hold. On Windows the
access list of the user's profile keeps others out; mode bits say nothing there, and are not used.
All functions raise OSError.
"""

import contextlib
import errno
import os
import secrets
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_HAS_MODES = os.name == "posix"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
_NEVER_WAIT = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""A pipe in a file's place would wait for a writer."""
_NO_LINKS = {
    getattr(errno, name)
    for name in ("EPERM", "ENOSYS", "ENOTSUP", "EOPNOTSUPP", "EMLINK", "EACCES", "EINVAL")
    if hasattr(errno, name)
}
"""What file systems without hard links say: FAT, some network and phone file systems."""


def make_folder(folder: Path) -> bool:
    """Make `folder` and those above it, open to its owner alone.

    Returns True if it was there already and others could write into it, which it then ends.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        return _take_rights(folder, _OTHERS_WRITE)
    return False


def tighten(path: Path) -> bool:
    """Take all rights on `path` from everybody but its owner; return True if there were any."""
    return _take_rights(path, _OTHERS)


def _take_rights(path: Path, rights: int) -> bool:
    mode = stat.S_IMODE(path.stat().st_mode)
    if not _HAS_MODES or not mode & rights:
        return False
    path.chmod(mode & ~rights)
    return True


def read_bounded(path: Path, max_bytes: int) -> bytes | None:
    """Return what `path` holds; None if there is no such file.

    Of a file that is longer than `max_bytes`, one byte more than that is returned.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | _NEVER_WAIT)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "this is no file", str(path))
    with os.fdopen(descriptor, "rb") as file:
        return file.read(max_bytes + 1)


def replace(path: Path, content: bytes) -> None:
    """Write `content` to `path`; whoever reads at that moment gets the old or the new, whole."""
    temporary = _write_temporary(path, content)
    try:
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def publish(path: Path, content: bytes) -> bool:
    """Write `content` to `path` unless something is there; never overwrites.

    Returns False if something was there. Of several processes that publish at once, one wins.
    Where the file system has no hard links, that holds only among those that hold `locked`.
    """
    temporary = _write_temporary(path, content)
    try:
        if sys.platform == "win32":
            temporary.rename(path)  # fails there if the target exists
        else:
            _link_or_rename(temporary, path)
    except FileExistsError:
        return False
    finally:
        temporary.unlink(missing_ok=True)
    _sync_folder(path.parent)
    return True


def _link_or_rename(temporary: Path, path: Path) -> None:
    try:
        path.hardlink_to(temporary)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if path.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from error
        temporary.rename(path)


def move_aside(path: Path) -> Path:
    """Rename a damaged file to `<name>.damaged-N`, with the first N that is free; return that."""
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    path.rename(aside)
    return aside


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock beside `path`, among all processes that use this function.

    Waits for another holder; the system frees the lock of a process that dies. Where the file
    system has no locks, it goes on without.
    """
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)
    handle = os.open(path.with_name(f"{path.name}.lock"), flags, 0o600)
    try:
        with contextlib.suppress(OSError):
            if sys.platform == "win32":
                msvcrt.locking(handle, msvcrt.LK_LOCK, 1)
            else:
                fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _write_temporary(path: Path, content: bytes) -> Path:
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    flags |= getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    handle = os.open(temporary, flags, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(handle)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _sync_folder(folder: Path) -> None:
    # Without this a power cut can take the name away again; Windows and some file systems
    # cannot do it.
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
