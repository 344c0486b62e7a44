"""Commands of the operating system that tell its state. Any thread; each blocks for some seconds.

They run in English, without standard input, and get no rights that the user does not have.
"""

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

LIMIT_S = 5.0
_ADMIN_FOLDERS = ("/usr/sbin", "/sbin", "/usr/local/sbin")
"""Not on the path of many users, though they may run some programs in them."""


@dataclass(frozen=True, slots=True)
class CommandResult:
    """The end of a command."""

    status: int
    output: str


def run_system_command(*words: str, limit_s: float = LIMIT_S) -> CommandResult | None:
    """Run a command; return None if it is not installed or does not end in time."""
    program = find_program(words[0])
    if program is None:
        return None
    try:
        done = subprocess.run(
            [program, *words[1:]],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=limit_s,
            env=os.environ | {"LC_ALL": "C", "LANGUAGE": "C"},
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return CommandResult(done.returncode, done.stdout.decode("utf-8", "replace"))


def find_program(name: str) -> str | None:
    """Return the path of a program, or None."""
    folders: Sequence[str] = (os.environ.get("PATH", os.defpath), *_ADMIN_FOLDERS)
    return shutil.which(name, path=os.pathsep.join(folders))
