"""A small JSON file in which this user's programs keep entries by key. Any thread.

Blocks on disk I/O. Several processes may use one file at once. Only the owner may read the file.
It is written whole or not at all. A damaged file is moved aside, with a warning in the log.
"""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeAlias, TypeVar

import msgspec

from net.trust import private_files

_log = logging.getLogger(__name__)

V = TypeVar("V")
Change: TypeAlias = Callable[[dict[str, V]], bool]
"""Changes the entries in place; returns whether to save them."""


class FileFormat(msgspec.Struct, Generic[V], frozen=True):
    """The encoding of a file, and its wording in the log.

    Attributes:
        title: the contents, as the plural subject of a sentence, such as "The known peers".
        damage_effect: a sentence about the effect of losing all entries.
        encode: returns the file's bytes.
        decode: returns the entries, or None if the bytes are damaged.
    """

    title: str
    damage_effect: str
    max_bytes: int
    encode: Callable[[dict[str, V]], bytes]
    decode: Callable[[bytes], dict[str, V] | None]


class JsonStore(Generic[V]):
    """The entries of one file. Touches no file before the first use."""

    def __init__(self, path: Path, file_format: FileFormat[V]) -> None:
        self.path = path
        self._format = file_format
        self._unsaved: dict[str, V] = {}
        """Entries that could not be written; kept as long as this object exists."""
        self._logged_problem = ""

    def update(self, change: Change[V]) -> dict[str, V]:
        """Apply `change` to the present entries, save them if it returns True, and return them.

        Raises:
            OSError: the file cannot be read or written.
        """
        private_files.make_folder(self.path.parent)
        with private_files.locked(self.path):
            entries = self._unsaved | self._load()
            if change(entries):
                private_files.replace(self.path, self._format.encode(entries))
                self._unsaved = {}
        return entries

    def update_or_log(self, change: Change[V]) -> dict[str, V] | None:
        """Update the entries; if the file cannot be used, log that once and return None."""
        try:
            return self.update(change)
        except OSError as error:
            where = error.filename or self.path
            if (problem := f"{where}: {error.strerror}") != self._logged_problem:
                self._logged_problem = problem
                _log.warning("%s cannot be saved in %s", self._format.title, problem)
            return None

    def update_or_hold(self, change: Change[V]) -> dict[str, V]:
        """Update the entries; if the file cannot be used, log that and keep changes in memory."""
        entries = self.update_or_log(change)
        if entries is None:
            entries = self.read()
            before = dict(entries)
            change(entries)
            self._unsaved |= {
                key: entry for key, entry in entries.items() if before.get(key) != entry
            }
        return entries

    def check(self) -> None:
        """Check that the file, if it exists, can be read.

        Raises:
            OSError: it cannot.
        """
        private_files.read_bounded(self.path, 0)

    def read(self) -> dict[str, V]:
        """Return the entries, or none if the file is unreadable. Changes nothing on disk."""
        try:
            content = private_files.read_bounded(self.path, self._format.max_bytes)
        except OSError:
            content = None
        return self._unsaved | ((self._decode(content) if content is not None else None) or {})

    def _load(self) -> dict[str, V]:
        content = private_files.read_bounded(self.path, self._format.max_bytes)
        if content is None:
            return {}
        entries = self._decode(content)
        if entries is None:
            aside = private_files.move_aside(self.path)
            _log.warning(
                "%s in %s are damaged. The file was moved to %s. %s",
                self._format.title,
                self.path,
                aside.name,
                self._format.damage_effect,
            )
            return {}
        if private_files.tighten(self.path):
            _log.warning("Others had access to %s; it is yours alone now", self.path)
        return entries

    def _decode(self, content: bytes) -> dict[str, V] | None:
        return None if len(content) > self._format.max_bytes else self._format.decode(content)
