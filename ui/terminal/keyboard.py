"""Keyboard: lines from standard input, beside a window or a terminal. Keyboard thread.

It has a thread, because standard input may be a terminal, a pipe or a file, and no selector waits
for all three on every system. It reads the descriptor itself, because a line in Python's own buffer
would never wake a selector.
"""

import os
import select
import socket
import stat
import sys
from collections.abc import Callable
from threading import Event, Lock

STANDARD_INPUT = 0
MAX_LINE_BYTES = 16_384
"""The rest of a longer line is dropped. It has more characters than a chat message may have, which
is refused as a whole."""
LINE_PAUSE_S = 0.05
"""After each line: nobody types faster, and a flood must wait in its pipe."""
BACKGROUND_PAUSE_S = 1.0
"""Between two checks whether we are in the terminal's foreground again."""


class Keyboard:
    """The lines that a user types.

    Args:
        post_line: handles each line, without its end, in the thread of `loop`.
        on_end: called there once when no more lines can come; not after `close`.
        descriptor: the descriptor of standard input.
        line_pause_s: how long to pause after each line.
    """

    def __init__(
        self,
        post_line: Callable[[str], object],
        on_end: Callable[[], object],
        *,
        descriptor: int = STANDARD_INPUT,
        line_pause_s: float = LINE_PAUSE_S,
    ) -> None:
        self._post_line = post_line
        self._on_end = on_end
        self._descriptor = descriptor
        self._line_pause_s = line_pause_s
        self._lock = Lock()
        self._closed = Event()
        self._is_looping = False
        self._wake_reader, self._wake_writer = socket.socketpair()
        self._has_ended = False
        self._pending = bytearray()

    def is_at_end_now(self) -> bool:
        """Return whether standard input is empty and at its end. Never blocks. Only before `loop`.

        Lines that it finds are kept for the loop. A silent pipe or terminal is not at its end. On
        Windows, only a file and a closed input can be recognised without waiting.
        """
        if not self._has_ended and not self._pending and self._is_readable_now():
            self._take(self._read())
        return self._has_ended and not self._pending

    def loop(self) -> None:
        """Post lines until the end of input or `close`. Blocks; the body of the keyboard thread."""
        with self._lock:
            self._is_looping = True
        try:
            while not self._closed.is_set():
                if self._post_next_line():
                    self._pause(self._line_pause_s)
                elif self._has_ended:
                    self._on_end()
                    return
                elif self._wait():
                    self._take(self._read())
        finally:
            with self._lock:
                self._is_looping = False
                self._closed.set()
                self._wake_writer.close()
                self._wake_reader.close()

    def close(self) -> None:
        """Let `loop` return. Any thread; never blocks.

        On Windows a read cannot be interrupted: the loop returns after the next line, which it does
        not post.
        """
        with self._lock:
            self._closed.set()
            self._wake_writer.close()
            if not self._is_looping:
                self._wake_reader.close()

    def _post_next_line(self) -> bool:
        """Post the first complete line; return False if there is none."""
        line, newline, rest = self._pending.partition(b"\n")
        if not newline and not (self._has_ended and line):
            if len(line) > MAX_LINE_BYTES:
                del self._pending[MAX_LINE_BYTES:]
            return False
        self._pending = rest
        self._post_line(bytes(line[:MAX_LINE_BYTES]).decode("utf-8", "replace").rstrip("\r"))
        return True

    def _take(self, read: bytes | None) -> None:
        if read == b"":
            self._has_ended = True
        elif read is not None:
            self._pending += read

    def _read(self) -> bytes | None:
        """Return the bytes that can be read, b"" at the end, None if there are none after all."""
        try:
            return os.read(self._descriptor, MAX_LINE_BYTES)
        except (BlockingIOError, InterruptedError):
            return None
        except OSError:  # closed, or a terminal that is gone
            return b""

    def _wait(self) -> bool:
        """Wait until there is something to read; return False if it must not be read now."""
        if sys.platform == "win32":
            return True
        try:
            awaited = [self._descriptor, self._wake_reader.fileno()]
            readable, _, _ = select.select(awaited, [], [])
        except (OSError, ValueError):  # closed
            return not self._closed.is_set()
        if self._closed.is_set() or self._descriptor not in readable:
            return False
        if self._is_in_background():
            self._pause(BACKGROUND_PAUSE_S)
            return False
        return True

    def _pause(self, pause_s: float) -> None:
        self._closed.wait(pause_s)

    def _is_readable_now(self) -> bool:
        try:
            if sys.platform == "win32":
                return stat.S_ISREG(os.fstat(self._descriptor).st_mode)
            return bool(select.select([self._descriptor], [], [], 0)[0]) and (
                not self._is_in_background()
            )
        except (OSError, ValueError):  # closed
            return True

    def _is_in_background(self) -> bool:
        """Return whether reading would stop the whole program, as a shell's background job."""
        if sys.platform == "win32" or not os.isatty(self._descriptor):
            return False
        try:
            return os.tcgetpgrp(self._descriptor) != os.getpgrp()
        except OSError:  # not our controlling terminal, so it stops nobody
            return False
