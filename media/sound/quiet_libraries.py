"""Silence for the C libraries below PyAudio, which write to the user's terminal. Any thread.

ALSA and JACK offer a function for that. PortAudio has one too, but does not export it: its own
thread prints each failed call when a device is lost. So C's `stderr` points to the null device
while PortAudio runs; Python's `stderr` and file descriptor 2 are left alone. With `--verbose`
everything is shown.
"""

import ctypes
import logging
import os
import sys
from threading import Lock
from typing import Any

_log = logging.getLogger(__name__)

_ALSA_HANDLER = ctypes.CFUNCTYPE(
    None, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p
)
_TEXT_HANDLER = ctypes.CFUNCTYPE(None, ctypes.c_char_p)
_HANDLERS = (
    ("libasound.so.2", "snd_lib_error_set_handler", _ALSA_HANDLER),
    ("libjack.so.0", "jack_set_error_function", _TEXT_HANDLER),
    ("libjack.so.0", "jack_set_info_function", _TEXT_HANDLER),
)
_kept: list[Any] = []
"""Callbacks that C code may still call, so they must not be freed."""


def silence_alsa_and_jack() -> None:
    """Suppress dozens of lines about missing plug-ins."""
    os.environ.setdefault("JACK_NO_START_SERVER", "1")
    if _kept or _log.isEnabledFor(logging.DEBUG):
        return
    for library_name, function, handler_type in _HANDLERS:
        try:
            library = ctypes.CDLL(library_name)
            handler = handler_type(_ignore)
            getattr(library, function)(handler)
        except (OSError, AttributeError):  # another system, or a build without it
            continue
        _kept.append(handler)


def _ignore(*message: object) -> None:
    """Ignore a message of a library."""


class SilencedErrors:
    """Silences C's `stderr` between `start` and `stop`, if the C library is glibc.

    The whole process shares that variable, so users are counted.
    """

    _lock = Lock()
    _count = 0
    _null: int | None = None
    _original: int | None = None

    def __init__(self) -> None:
        self._is_started = False

    def start(self) -> None:
        """Silence `stderr`."""
        if self._is_started or _log.isEnabledFor(logging.DEBUG) or not _is_glibc():
            return
        self._is_started = True
        with SilencedErrors._lock:
            SilencedErrors._count += 1
            if SilencedErrors._count == 1:
                _swap()

    def stop(self) -> None:
        """Restore `stderr` after the last user."""
        if not self._is_started:
            return
        self._is_started = False
        with SilencedErrors._lock:
            SilencedErrors._count -= 1
            if SilencedErrors._count == 0:
                _c_stderr().value = SilencedErrors._original


def _swap() -> None:
    if SilencedErrors._null is None:
        open_file = ctypes.CDLL(None).fopen
        open_file.restype = ctypes.c_void_p
        SilencedErrors._null = open_file(os.devnull.encode(), b"w")
    if SilencedErrors._null is not None:
        variable = _c_stderr()
        SilencedErrors._original = variable.value
        variable.value = SilencedErrors._null


def _c_stderr() -> ctypes.c_void_p:
    return ctypes.c_void_p.in_dll(ctypes.CDLL(None), "stderr")


def _is_glibc() -> bool:
    """Return whether the C library is glibc; elsewhere the variable may be read-only."""
    if sys.platform != "linux":
        return False
    try:
        return (os.confstr("CS_GNU_LIBC_VERSION") or "").startswith("glibc")
    except (ValueError, OSError):  # Another C library.
        return False
