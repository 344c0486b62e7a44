"""Facts about the program: its name, version, folder and command. Checks its own folder once."""

import sys
from pathlib import Path

NAME = "Vis-à-vis"
VERSION = "0.2.0"

PACKAGES = ("call", "cli", "core", "doctor", "media", "net", "report", "ui")
"""The program's own packages; each module logs under its own name."""

ROOT = Path(__file__).resolve().parent.parent
"""The folder that holds peer.py, config.yaml and the packages."""

IS_INSTALLED = not (ROOT / "pyproject.toml").exists()
"""True if the program was installed with pip or pipx; False in a checkout."""

COMMAND = "visavis" if IS_INSTALLED else "peer.py"
"""The program's command line, as sentences name it."""

_HAS_MAKE = sys.platform != "win32"
_CHECKOUT_STEP = "Run make setup" if _HAS_MAKE else "Install the packages again, as README says"
SETUP_STEP = f"Install {COMMAND} again, as README says" if IS_INSTALLED else _CHECKOUT_STEP
"""The next step when a package is missing."""

SOUND_STEP = (
    f"Install {COMMAND} with its extra [sound], as README says" if IS_INSTALLED else SETUP_STEP
)
"""The next step when PyAudio is missing, which an install omits unless it is requested."""

REPORT_STEP = (
    f"Install {COMMAND} with its extra [report], as README says" if IS_INSTALLED else SETUP_STEP
)
"""The next step when a package of reports is missing, likewise."""
