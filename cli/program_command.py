"""The program's own command: how it is started, for lines that a user copies."""

import sys
from pathlib import Path

from core.program import COMMAND, IS_INSTALLED, ROOT


def program_command() -> str:
    """Return the words before a command, such as `./visavis` or `visavis`."""
    if IS_INSTALLED:
        return COMMAND
    if Path(sys.prefix).resolve() != (ROOT / ".venv").resolve():
        return "python peer.py"
    return r".venv\Scripts\python peer.py" if sys.platform == "win32" else "./visavis"
