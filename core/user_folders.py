"""This user's folders, in the system's usual places. They may not exist yet."""

from pathlib import Path

import platformdirs

_NAME = "vis-a-vis"


def data_folder() -> Path:
    """Return the folder of keys and known peers, `~/.local/share/vis-a-vis` on Linux."""
    return platformdirs.user_data_path(_NAME, appauthor=False)


def config_folder() -> Path:
    """Return the folder of the user's settings, `~/.config/vis-a-vis` on Linux."""
    return platformdirs.user_config_path(_NAME, appauthor=False)
