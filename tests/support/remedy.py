"""The remedy of a finding, followed word for word: its first command is run by a shell."""

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from doctor.finding import Finding
from tests.support.deadline import DEADLINE_S

NOBODY = 65_534
"""The user that owns nothing, on every Linux."""


def commands_of(finding: Finding) -> list[str]:
    """Return the commands in a finding's next step, which stand in backticks."""
    return re.findall(r"`([^`]+)`", finding.next_step)


def follow(finding: Finding) -> None:
    """Run the first command of a finding's next step, as root needs no `sudo`."""
    command = commands_of(finding)[0].replace("sudo ", "")
    subprocess.run(command, shell=True, check=True, timeout=DEADLINE_S, env=dict(os.environ))


@contextmanager
def as_another_user() -> Iterator[None]:
    """Ask as a user without rights, what the system permits; files are still opened as root."""
    own = os.getuid()
    os.setreuid(NOBODY, -1)
    try:
        yield
    finally:
        os.setreuid(own, -1)
