"""The folder for files of other peers. Any thread."""

from pathlib import Path

import platformdirs


def downloads_folder(setting: str) -> Path:
    """Return the folder of the setting, or the user's downloads folder if it is empty.

    On Linux that is what `xdg-user-dir DOWNLOAD` names, which follows the user's language.

    Raises:
        RuntimeError: the setting names the home of a user that does not exist.
    """
    if setting:
        return Path(setting).expanduser().absolute()
    return platformdirs.user_downloads_path()
