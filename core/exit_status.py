"""The program's exit statuses. Pure: values only.

Imports only the standard library, so that it works even when packages are missing.
"""

from enum import IntEnum


class ExitStatus(IntEnum):
    """The exit status of the program, for the shell that started it."""

    OK = 0
    """A call ended by either side's bye, its duration, or the user."""
    FAULT = 1
    """The program has a bug."""
    USAGE = 2
    """Wrong usage or settings, port taken, packages missing, or a file that fails to open."""
    NO_CALL = 3
    """Nothing that speaks our protocol answered, or the peer vanished before accept."""
    REFUSED = 4
    """Busy, declined, no answer, nobody to ask, wrong or missing code, other key or version."""
    LOST = 5
    """After accept, the call was lost or the peer broke the protocol."""
    INTERRUPTED = 130
    """The user ended the program outside a call."""
