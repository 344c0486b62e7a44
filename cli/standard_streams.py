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


def flush_streams() -> None:
    """Write what standard output and error still hold; what nobody reads goes nowhere.

    Otherwise Python would try once more as it leaves, and end with a status of its own.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            with contextlib.suppress(OSError, ValueError, AttributeError):
                null = os.open(os.devnull, os.O_WRONLY)
                os.dup2(null, stream.fileno())
                os.close(null)
