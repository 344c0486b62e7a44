"""Remembered settings: choices in the window, stored in the user's own settings file.

Any thread stores; a short-lived thread reads and writes the file, one after the other.
"""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock

from call.errors import SettingsError
from cli.settings import FILE_NAME
from cli.settings_file import MAX_FILE_BYTES
from cli.settings_text import with_setting
from core.safe_text import cut_controls
from net.trust import private_files

_log = logging.getLogger(__name__)

NEW_FILE = (
    "# Your own settings. The window stores here what you choose in it; README lists the others.\n"
)


class RememberedSettings:
    """The user's own settings file.

    Args:
        folder: of the user's configuration.
        start_thread: starts a thread with a name and a body.
    """

    def __init__(
        self, folder: Path, start_thread: Callable[[str, Callable[[], None]], object]
    ) -> None:
        self._path = folder / FILE_NAME
        self._start_thread = start_thread
        self._lock = Lock()
        self._waiting: dict[str, str] = {}
        self._is_writing = False

    def store(self, settings: Mapping[str, str]) -> None:
        """Store settings, by their keys, soon. If the file cannot take them, log why."""
        with self._lock:
            self._waiting |= settings
            if self._is_writing:
                return
            self._is_writing = True
        self._start_thread("remember choices", self._write_all)

    def _write_all(self) -> None:
        while True:
            with self._lock:
                waiting, self._waiting = self._waiting, {}
                if not waiting:
                    self._is_writing = False
                    return
            try:
                store_settings(self._path, waiting)
            except SettingsError as error:
                hint = f". {error.next_step}" if error.next_step else ""
                _log.warning(
                    "Your choice is not remembered: %s%s",
                    error.sentence,
                    hint,
                    extra={"key": "not_remembered"},
                )


def store_settings(path: Path, settings: Mapping[str, str]) -> None:
    """Change settings in a file, and leave all else in it as it is.

    Raises:
        SettingsError: the file cannot be read, changed or written; it is as before.
    """
    # A link, as to a folder of such files under version control, stays a link.
    path = path.resolve()
    shown = cut_controls(str(path))
    try:
        content = private_files.read_bounded(path, MAX_FILE_BYTES)
        text = NEW_FILE if content is None else content.decode("utf-8-sig")
        for name, value in settings.items():
            text = with_setting(text, name, value, shown)
        if content is None:
            private_files.make_folder(path.parent)
        private_files.replace(path, text.encode())
    except UnicodeDecodeError as error:
        raise SettingsError(f"{shown} is not UTF-8", "Save the file as UTF-8") from error
    except OSError as error:
        raise SettingsError(f"{shown} cannot be written: {error.strerror or error}") from error
