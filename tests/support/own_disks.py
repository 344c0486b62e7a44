"""Commands that run a program with disks of its own: in a mount namespace, which ends with it."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from shlex import quote

_MOUNT_NEW = 'mount -t tmpfs -o "$1" tmpfs "$2" && shift 2 && exec "$@"'
_MAKE_READ_ONLY = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec "$@"'
_MAKE_READ_ONLY_BUT = (
    'mount --bind "$2" "$2" && mount --rbind "$1" "$1" && mount -o remount,ro,bind "$1"'
    ' && shift 2 && exec "$@"'
)


def why_no_disks() -> str | None:
    """Return why a program can have no disks of its own here, as one clause, or None."""
    if sys.platform != "linux":
        return "mount namespaces need Linux"
    if shutil.which("unshare") is None:
        return "unshare of util-linux is missing"
    done = subprocess.run([*_with("true"), "true"], capture_output=True, check=False)
    return None if done.returncode == 0 else "mount namespaces need root"


def with_disk(folder: Path, options: str) -> list[str]:
    """Return the prefix that runs a program with an empty disk at a folder.

    Args:
        options: of tmpfs, such as `ro` or `size=64k`.
    """
    return [*_with(_MOUNT_NEW), options, str(folder)]


def with_read_only(folder: Path, *, but: Path | None = None) -> list[str]:
    """Return the prefix that runs a program for which a folder is read-only.

    Args:
        but: a folder below it that stays as it is.
    """
    if but is not None:
        return [*_with(_MAKE_READ_ONLY_BUT), str(folder), str(but)]
    return [*_with(_MAKE_READ_ONLY), str(folder)]


def with_entered(paths: Sequence[Path], folder: Path) -> list[str]:
    """Return the prefix that runs a program for which other users may enter folders.

    What else is in the folders above, which they may not enter, is away for it.

    Args:
        folder: an empty one, for the time being.
    """
    closed = {path: top for path in paths if (top := _closed_above(path)) is not None}
    aside = {path: folder / str(number) for number, path in enumerate(closed)}
    lines = [f"mkdir {quote(str(at))} && mount --bind {quote(str(path))} {quote(str(at))}"
             for path, at in aside.items()]  # fmt: skip  # one command for each
    lines += [f"mount -t tmpfs -o mode=755 tmpfs {quote(str(top))}" for top in {*closed.values()}]
    lines += [f"mkdir -p {quote(str(path))} && mount --move {quote(str(at))} {quote(str(path))}"
              for path, at in aside.items()]  # fmt: skip
    return _with(" && ".join([*lines, 'exec "$@"']))


def _closed_above(path: Path) -> Path | None:
    """Return the first folder on the way to a path that other users may not enter, or None."""
    on_the_way = [*reversed(path.parents), path]
    return next((each for each in on_the_way if not each.stat().st_mode & 0o001), None)


def seen_by(pid: int, path: Path) -> Path:
    """Return where a test finds a file that a running program has on its own disks.

    Args:
        path: from the root.
    """
    return Path(f"/proc/{pid}/root{path}")


def _with(script: str) -> list[str]:
    return ["unshare", "--mount", "sh", "-c", script, "sh"]
