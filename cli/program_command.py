"""The program's own command: how it is started, for lines that a user copies."""

import os
import shutil
import sys
from pathlib import Path
from shlex import quote

from core.program import COMMAND, IS_INSTALLED, ROOT

_LAUNCHER = ROOT / "visavis"


def program_command() -> str:
    """Return the words before a command on any computer, such as `./visavis` or `visavis`."""
    if IS_INSTALLED:
        return COMMAND
    if not _is_own_python():
        return "python peer.py"
    return r".venv\Scripts\python peer.py" if sys.platform == "win32" else "./visavis"


def command_from_here(current: str = os.curdir) -> str:
    """Return the words before a command on this computer, for a shell in the current folder."""
    if sys.platform == "win32":
        return program_command()
    if IS_INSTALLED:
        script = Path(sys.prefix, "bin", COMMAND)
        return COMMAND if shutil.which(COMMAND) or not script.exists() else quote(str(script))
    if not _is_own_python():
        return f"{quote(sys.executable)} {quote(str(ROOT / 'peer.py'))}"
    try:
        is_here = Path(current).resolve() == ROOT
    except OSError:  # The folder is gone.
        is_here = False
    return program_command() if is_here else quote(str(_LAUNCHER))


def _is_own_python() -> bool:
    return Path(sys.prefix).resolve() == (ROOT / ".venv").resolve()
