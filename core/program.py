"""Facts about the program: its name, version, folder and command. Looks at its own folder."""

from pathlib import Path

NAME = "Vis-à-vis"
VERSION = "0.2.0"

PACKAGES = ("call", "cli", "core", "media", "net", "ui")
"""The program's own packages; each module logs under its own name."""

ROOT = Path(__file__).resolve().parent.parent
"""The folder that holds peer.py, config.yaml and the packages."""

IS_INSTALLED = not (ROOT / "pyproject.toml").exists()
"""Whether the program was installed with pip or pipx, and does not run from a checkout."""

COMMAND = "visavis" if IS_INSTALLED else "peer.py"
"""How sentences name the program's command line."""
