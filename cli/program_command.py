"""How this program is started, for lines that a person copies."""

import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent


def program_command() -> str:
    """Return what stands before the command: in README's own environment that one's Python."""
    environment = _ROOT / ".venv"
    if Path(sys.prefix).resolve() != environment.resolve():
        return "python peer.py"
    return (
        r".venv\Scripts\python peer.py" if sys.platform == "win32" else ".venv/bin/python peer.py"
    )
