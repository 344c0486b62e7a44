"""Standard input, output and error, made fit for use before anything else is opened."""

import contextlib
import os
import sys
from pathlib import Path


def prepare_streams() -> None:
    """Open what is closed, and let nothing that is printed raise for its letters.

    A descriptor 0, 1 or 2 that is closed would go to the first socket or device, and what a library
    prints would be sent over it.
    """
    with contextlib.suppress(OSError):  # no null device: then nothing is better than what is there
        while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
            os.set_inheritable(descriptor, True)
        os.close(descriptor)
    if sys.stdout is None:
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - to the end
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def flush_output() -> bool:
    """Write what standard output still holds; False where its reader has gone away."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        drop_output()
        return False
    return True


def drop_output() -> None:
    """Send what is still printed nowhere, so that leaving the program does not fail at it."""
    with contextlib.suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)
