"""A file of another computer, stored as it arrives. Store thread.

Until it is complete and its checksum right, it has a hidden name of its own. Then it gets its name,
never that of another file.
"""

import hashlib
import os
import secrets
import shutil
from contextlib import suppress
from pathlib import Path

from core.clock import utc_now
from media.files.errors import FileError, FileProblem, storing_failed
from media.files.origin_mark import mark_origin
from media.files.safe_file_name import numbered

MAX_SAME_NAMES = 10_000
_PART = ".vis-a-vis-{}.part"
ABANDONED_S = 24 * 3600
"""A part that nobody has written to for this long was left by a program that was killed."""


class IncomingFile:
    """A file that arrives.

    Args:
        folder: where it will be stored; made if it is missing.
        name: a safe one.
        size_bytes: as announced; the disk must have room for it.
        peer_name: the sender, for the mark of origin.
    Raises:
        FileError: it cannot be stored there.
    """

    def __init__(self, folder: Path, name: str, size_bytes: int, peer_name: str) -> None:
        self._folder = folder
        self._name = name
        self._peer_name = peer_name
        self._sha256 = hashlib.sha256()
        self._part = folder / _PART.format(secrets.token_hex(8))
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _remove_abandoned(folder)
            if shutil.disk_usage(folder).free < size_bytes:
                raise FileError(FileProblem.DISK_FULL)
            self._file = self._part.open("xb", buffering=0)
        except (OSError, ValueError) as error:
            raise storing_failed(error) from error

    def write(self, data: bytes) -> None:
        """Append bytes. May block as long as the disk does.

        Raises:
            FileError: they cannot be stored.
        """
        view = memoryview(data)
        try:
            while view:
                view = view[self._file.write(view) :]
        except OSError as error:
            raise storing_failed(error) from error
        self._sha256.update(data)

    def finish(self, sha256: bytes) -> Path:
        """Give the file its name, and return where it is.

        Raises:
            FileError: its checksum is wrong, or it cannot be stored under any name.
        """
        if self._sha256.digest() != sha256:
            raise FileError(FileProblem.CHECKSUM)
        try:
            self._file.close()
            path = self._take_name()
        except (OSError, ValueError) as error:
            raise storing_failed(error) from error
        mark_origin(path, self._peer_name)
        return path

    def discard(self) -> None:
        """Delete what has arrived. Does nothing once it is finished."""
        with suppress(OSError):
            self._file.close()
        with suppress(OSError):
            self._part.unlink()

    def _take_name(self) -> Path:
        for number in range(1, MAX_SAME_NAMES):
            name = self._name if number == 1 else numbered(self._name, number)
            path = self._folder / name
            with suppress(FileExistsError):
                self._move_to(path)
                return path
        raise FileError(FileProblem.NOT_WRITABLE)

    def _move_to(self, path: Path) -> None:
        """Rename the part, unless there is a file with that name.

        Raises:
            FileExistsError: there is one.
        """
        try:
            os.link(self._part, path)
        except (FileExistsError, FileNotFoundError):
            raise
        except (OSError, NotImplementedError):  # A disk without hard links, such as FAT.
            # An empty file of ours keeps the name for the moment, so that no other is replaced.
            path.open("xb").close()
            try:
                self._part.replace(path)
            except OSError:
                path.unlink()
                raise
        else:
            self._part.unlink()


def _remove_abandoned(folder: Path) -> None:
    now_s = utc_now().timestamp()
    for part in folder.glob(_PART.format("*")):
        with suppress(OSError):
            if now_s - part.stat().st_mtime > ABANDONED_S:
                part.unlink()
