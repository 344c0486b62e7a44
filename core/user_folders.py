"""The folders of this user, where the system wants them. They need not exist."""

from pathlib import Path

import platformdirs

_NAME = "vis-a-vis"


def data_folder() -> Path:
    """Return the folder of keys and known peers, `~/.local/share/vis-a-vis` on Linux."""
    return platformdirs.user_data_path(_NAME, appauthor=False)


def config_folder() -> Path:
    """Return the folder of the user's settings, `~/.config/vis-a-vis` on Linux."""
    return platformdirs.user_config_path(_NAME, appauthor=False)
