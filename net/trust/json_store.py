"""A small file in which this user's programs remember things by a key: pins, known peers.

Runs on any thread, blocks for the disk; several processes may use one file at once. It is its
owner's alone, written whole or not at all, and a damaged one is moved aside and said so.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from net.trust import private_files

_log = logging.getLogger(__name__)

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class FileFormat(Generic[V]):
    """What a file holds, for the program and for people.

    Attributes:
        what: its name in a sentence, a plural such as "The certificates of cameras".
        after_damage: a sentence on what it means that all is forgotten.
        encode, decode: to the file's bytes and back; None where they are damaged.
    """

    what: str
    after_damage: str
    max_bytes: int
    encode: Callable[[dict[str, V]], bytes]
    decode: Callable[[bytes], dict[str, V] | None]


class JsonStore(Generic[V]):
    """One such file. Nothing is read or made before the first use."""

    def __init__(self, path: Path, form: FileFormat[V]) -> None:
        self.path = path
        self._form = form
        self._unsaved: dict[str, V] = {}
        self._said = ""
        """What could not be written, and why; once is enough."""

    def change(self, change: Callable[[dict[str, V]], bool]) -> dict[str, V]:
        """Let `change` work on what the file holds now, and save that if it returns True.

        Raises:
            OSError: nothing can be kept there.
        """
        private_files.make_folder(self.path.parent)
        with private_files.locked(self.path):
            entries = self._unsaved | self._load()
            if change(entries):
                private_files.replace(self.path, self._form.encode(entries))
                self._unsaved = {}
        return entries

    def change_or_say(self, change: Callable[[dict[str, V]], bool]) -> dict[str, V] | None:
        """Do the same; None where nothing can be kept there, which is said."""
        try:
            return self.change(change)
        except OSError as error:
            where = error.filename or self.path
            if (problem := f"{where}: {error.strerror}") != self._said:
                self._said = problem
                _log.warning("%s cannot be kept in %s", self._form.what, problem)
            return None

    def change_or_hold(self, change: Callable[[dict[str, V]], bool]) -> dict[str, V]:
        """Do the same; what cannot be written holds as long as this object."""
        entries = self.change_or_say(change)
        if entries is None:
            entries = self.readable()
            before = dict(entries)
            change(entries)
            self._unsaved |= {
                key: entry for key, entry in entries.items() if before.get(key) != entry
            }
        return entries

    def check(self) -> None:
        """See that the file, if there is one, can be read.

        Raises:
            OSError: it cannot.
        """
        private_files.read_bounded(self.path, 0)

    def readable(self) -> dict[str, V]:
        """Return what is remembered, as far as the file can be read; changes nothing."""
        try:
            content = private_files.read_bounded(self.path, self._form.max_bytes)
        except OSError:
            content = None
        return self._unsaved | ((self._decoded(content) if content is not None else None) or {})

    def drop_unsaved(self, key: str) -> None:
        """Forget what could not be written of a key."""
        self._unsaved.pop(key, None)

    def _load(self) -> dict[str, V]:
        content = private_files.read_bounded(self.path, self._form.max_bytes)
        if content is None:
            return {}
        entries = self._decoded(content)
        if entries is None:
            aside = private_files.move_aside(self.path)
            _log.warning(
                "%s in %s are damaged: moved to %s. %s",
                self._form.what,
                self.path,
                aside.name,
                self._form.after_damage,
            )
            return {}
        if private_files.tighten(self.path):
            _log.warning("Others could use %s: no more", self.path)
        return entries

    def _decoded(self, content: bytes) -> dict[str, V] | None:
        return None if len(content) > self._form.max_bytes else self._form.decode(content)
