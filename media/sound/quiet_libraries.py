"""Keeps the C libraries below PyAudio from writing to a person's terminal. Any thread.

ALSA and JACK have a function for that. PortAudio has one that it does not export: it prints each
call that failed, from a thread of its own, when a device is lost. So C's own `stderr` points to
nothing while PortAudio runs; Python's, and file descriptor 2, are left alone. With `--verbose` all
is shown.
"""

import ctypes
import logging
import os
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
"""What C code may still call: must not be freed."""


def silence_alsa_and_jack() -> None:
    """Have both keep dozens of lines about plug-ins that nobody asked for to themselves."""
    os.environ.setdefault("JACK_NO_START_SERVER", "1")
    if _kept or _log.isEnabledFor(logging.DEBUG):
        return
    for library_name, function, handler_type in _HANDLERS:
        try:
            library = ctypes.CDLL(library_name)
            handler = handler_type(_ignore)
            getattr(library, function)(handler)
        except (OSError, AttributeError):  # Another system, or a build without it.
            continue
        _kept.append(handler)


def _ignore(*message: object) -> None:
    """Take what a library wants to print."""


class SilencedErrors:
    """C's `stderr`, silent between `start` and `stop`, where the C library is glibc.

    The variable is one for the whole process, so what is silent is counted.
    """

    _lock = Lock()
    _count = 0
    _null: int | None = None
    _loud: int | None = None

    def __init__(self) -> None:
        self._is_started = False

    def start(self) -> None:
        """Be silent."""
        if self._is_started or _log.isEnabledFor(logging.DEBUG) or not _is_glibc():
            return
        self._is_started = True
        with SilencedErrors._lock:
            SilencedErrors._count += 1
            if SilencedErrors._count == 1:
                _swap()

    def stop(self) -> None:
        """Be as before."""
        if not self._is_started:
            return
        self._is_started = False
        with SilencedErrors._lock:
            SilencedErrors._count -= 1
            if SilencedErrors._count == 0:
                _c_stderr().value = SilencedErrors._loud


def _swap() -> None:
    if SilencedErrors._null is None:
        open_file = ctypes.CDLL(None).fopen
        open_file.restype = ctypes.c_void_p
        SilencedErrors._null = open_file(os.devnull.encode(), b"w")
    if SilencedErrors._null is not None:
        variable = _c_stderr()
        SilencedErrors._loud = variable.value
        variable.value = SilencedErrors._null


def _c_stderr() -> ctypes.c_void_p:
    return ctypes.c_void_p.in_dll(ctypes.CDLL(None), "stderr")


def _is_glibc() -> bool:
    """Elsewhere the variable may lie where nothing can be written."""
    try:
        return (os.confstr("CS_GNU_LIBC_VERSION") or "").startswith("glibc")
    except (AttributeError, ValueError, OSError):
        return False
