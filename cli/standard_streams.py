"""Standard input, output and error, prepared before anything else is opened."""

import codecs
import contextlib
import os
import sys
from pathlib import Path

_IN_ASCII = {"…": "...", "–": "-", "—": "-", "·": "|", "±": "+/-", "à": "a"}
"""The letters beyond ASCII in this program's own sentences."""
_REPLACE = "vis-a-vis"


def prepare_streams() -> None:
    """Open closed streams, and replace letters that a stream cannot encode.

    Our own sentences stay readable; other letters, as of a name, are escaped.

    The first socket or device would get a closed descriptor 0, 1 or 2, and a library's messages
    would be sent over it.
    """
    with contextlib.suppress(OSError):  # No null device: leave the streams as they are.
        while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
            os.set_inheritable(descriptor, True)
        os.close(descriptor)
    if sys.stdout is None:
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - stays open
    codecs.register_error(_REPLACE, _replace)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=_REPLACE)


def _replace(error: UnicodeError) -> tuple[str | bytes, int]:
    """Return what a stream prints instead of letters that it cannot encode."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letters = error.object[error.start : error.end]
    replaced = (_IN_ASCII.get(x) or x.encode("ascii", "backslashreplace").decode() for x in letters)
    return "".join(replaced), error.end


def flush_streams() -> None:
    """Flush standard output and error; drop output that nobody reads.

    Otherwise Python would flush again while it leaves, and change the exit status.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            with contextlib.suppress(OSError, ValueError, AttributeError):
                null = os.open(os.devnull, os.O_WRONLY)
                os.dup2(null, stream.fileno())
                os.close(null)
