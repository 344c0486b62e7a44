"""Console: lines on standard error, with one status line below them. Any thread.

Lines come from any thread, including the log; one lock keeps them whole. The status line is
rewritten in place: erased before a line is printed and drawn again after it.
"""

import os
import select
import shutil
import sys
import unicodedata
from collections.abc import Callable
from threading import Lock
from typing import TextIO

from core.safe_text import cut_controls

UNREAD_S = 0.1
"""The time that a line waits for a reader that has stopped."""


class Console:
    """Prints lines, and rewrites the status line.

    Args:
        stream: standard error; None where the program has none.
        label: begins each line, where several programs share a terminal; or "".
    """

    def __init__(self, stream: TextIO | None, label: str = "") -> None:
        self.print_before: Callable[[], object] = lambda: None
        """Called before a line of the log: prints the views that came before it."""
        self._stream = stream
        self._prefix = f"{label}: " if label else ""
        self._lock = Lock()
        self._status = ""
        self._drawn_cells = 0
        self.is_terminal = stream is not None and _is_terminal(stream)

    def print_line(self, text: str) -> None:
        """Print `text`, without control characters, as one line above the status line."""
        self.print_lines((text,))

    def print_lines(self, lines: tuple[str, ...]) -> None:
        """Print lines that must stay together."""
        with self._lock:
            text = "".join(f"{self._prefix}{cut_controls(line)}\n" for line in lines)
            self._write(self._erased() + text + self._drawn())

    def print_reply(self, lines: tuple[str, ...]) -> None:
        """Print the answer to what the user has typed, after the waiting views."""
        self.print_before()
        self.print_lines(lines)

    def show_status(self, text: str) -> None:
        """Replace the status line by `text`, cut to the terminal's width. Only for a terminal."""
        text = f"{self._prefix}{cut_controls(text)}" if text else ""
        with self._lock:
            if text == self._status:
                return
            erased = self._erased()
            self._status = text
            self._write(erased + self._drawn())

    def clear_status(self) -> None:
        """Remove the status line."""
        self.show_status("")

    def _erased(self) -> str:
        cells, self._drawn_cells = self._drawn_cells, 0
        return f"\r{' ' * cells}\r" if cells else ""

    def _drawn(self) -> str:
        if not self.is_terminal or not self._status:
            return ""
        # A letter in the last column makes many terminals start the next line.
        text, self._drawn_cells = _cut_to(self._status, self._width() - 1)
        return text

    def _is_read(self) -> bool:
        """Return whether a write would not block: a reader that has stopped must hold nobody up.

        Lines printed meanwhile are lost. Windows cannot tell; a write may block there.
        """
        assert self._stream is not None
        if sys.platform == "win32":
            return True
        try:
            return bool(select.select([], [self._stream.fileno()], [], UNREAD_S)[1])
        except (OSError, ValueError):  # No descriptor, or one that `select` cannot take.
            return True

    def _width(self) -> int:
        assert self._stream is not None
        try:
            width = os.get_terminal_size(self._stream.fileno()).columns
        except (OSError, ValueError):
            width = 0
        return width or shutil.get_terminal_size().columns

    def _write(self, text: str) -> None:
        if self._stream is None or not text:
            return
        if not self._is_read():
            self._drawn_cells = 0
            return
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):  # Nobody reads it any more; the call goes on.
            self._stream = None
            self.is_terminal = False


def standard_error(label: str = "") -> Console:
    """Return the console of this program's standard error.

    Args:
        label: begins each line, or "".
    """
    return Console(sys.stderr, label)


def _is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except ValueError:  # closed
        return False


def _cut_to(text: str, most_cells: int) -> tuple[str, int]:
    """Return the part of `text` that fits, and how many cells it takes."""
    cells = 0
    for index, letter in enumerate(text):
        wide = _cells_of(letter)
        if cells + wide > most_cells:
            return text[:index], cells
        cells += wide
    return text, cells


def _cells_of(letter: str) -> int:
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1
