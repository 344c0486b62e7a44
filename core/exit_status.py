"""The exit status of the program. Pure: values only.

Imports nothing but the standard library, so that it can be used before packages are found.
"""

from enum import IntEnum


class ExitStatus(IntEnum):
    """What the program tells its caller when it ends."""

    OK = 0
    """A call ended by either side's bye, its duration, or the user."""
    FAULT = 1
    """A fault of ours."""
    USAGE = 2
    """Usage, settings, port taken, packages missing, a file that cannot be read or written."""
    NO_CALL = 3
    """Nothing that speaks our protocol answered, or it vanished before accept."""
    REFUSED = 4
    """Busy, declined, no answer, nobody to ask, wrong or missing code, another key or version."""
    LOST = 5
    """The call was lost, or the other side broke the protocol, after accept."""
    INTERRUPTED = 130
    """The user ended it while no call was up."""
