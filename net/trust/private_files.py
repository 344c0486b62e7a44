"""Files that only their owner may read, written whole or not at all. Any thread.

Blocks on disk I/O. Does not know what the files hold. On Windows the access list of the user's
profile keeps others out; mode bits mean nothing there and are not used. All functions raise
OSError.
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

HAS_MODES = sys.platform != "win32"
"""True where a file says who may read and write it; Windows has lists of access instead."""
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
_NEVER_WAIT = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""With these flags, opening a pipe in place of the file does not wait for a writer."""
_NO_LINKS = {
    getattr(errno, name)
    for name in ("EPERM", "ENOSYS", "ENOTSUP", "EOPNOTSUPP", "EMLINK", "EACCES", "EINVAL")
    if hasattr(errno, name)
}
"""The errors of file systems without hard links: FAT, some network and phone file systems."""


def make_folder(folder: Path) -> bool:
    """Create `folder` and its parents, with access for the owner only.

    Returns True if the folder existed and others could write to it; they no longer can.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        return _remove_rights(folder, _OTHERS_WRITE)
    return False


def tighten(path: Path) -> bool:
    """Remove all rights on `path` except its owner's; return True if there were any."""
    return _remove_rights(path, _OTHERS)


def _remove_rights(path: Path, rights: int) -> bool:
    mode = stat.S_IMODE(path.stat().st_mode)
    if not HAS_MODES or not mode & rights:
        return False
    path.chmod(mode & ~rights)
    return True


def read_bounded(path: Path, max_bytes: int) -> bytes | None:
    """Return the contents of `path`; None if there is no such file.

    Reads at most one byte more than `max_bytes`, so that the caller can see that a file is longer.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | _NEVER_WAIT)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "This is not a regular file", str(path))
    with os.fdopen(descriptor, "rb") as file:
        return file.read(max_bytes + 1)


def replace(path: Path, content: bytes) -> None:
    """Write `content` to `path`; a concurrent reader gets the whole old or new content."""
    temporary = _write_temporary(path, content)
    try:
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def publish(path: Path, content: bytes) -> bool:
    """Write `content` to `path`; return False, and write nothing, if the path exists.

    If several processes publish at once, one wins. On a file system without hard links this holds
    only among processes that hold `locked`.
    """
    temporary = _write_temporary(path, content)
    try:
        if sys.platform == "win32":
            temporary.rename(path)  # Windows fails if the target exists.
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
    """Rename a damaged file to `<name>.damaged-N` with the first free N; return the new path."""
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    path.rename(aside)
    return aside


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock file beside `path`, which excludes other processes that use this function.

    Waits for the present holder. The system frees the lock of a process that dies. On a file system
    without locks, continues without one.
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
    # Without this, a power failure may undo the rename. Windows and some file systems do not
    # support it.
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
