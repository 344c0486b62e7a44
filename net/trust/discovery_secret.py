"""Our own discovery secret: 32 random bytes by which those who know us recognize us.

Given to known peers inside an accepted call, and made anew when one of them is forgotten; the
others get the new one with their next call. Runs on any thread, blocks for the disk. The file,
`discovery_secret`, holds the 32 bytes and is its owner's alone.
"""

import logging
import secrets
from pathlib import Path

from net.trust import private_files

FILE_NAME = "discovery_secret"
SECRET_BYTES = 32

_log = logging.getLogger(__name__)


def load_or_make_secret(folder: Path) -> bytes:
    """Return the secret, made at the first call ever.

    Raises:
        OSError: it cannot be read, or not be made.
    """
    path = folder / FILE_NAME
    private_files.make_folder(folder)
    with private_files.locked(path):
        content = private_files.read_bounded(path, SECRET_BYTES)
        if content is not None and len(content) == SECRET_BYTES:
            if private_files.tighten(path):
                _log.warning("Others could read %s: no more", path)
            return content
        if content is not None:
            aside = private_files.move_aside(path)
            _log.warning(
                "The secret in %s is damaged: moved to %s, and a new one made. Known peers find"
                " this computer by its address until the next call",
                path,
                aside.name,
            )
        return _write(path)


def change_secret(folder: Path) -> None:
    """Make a new secret: whoever had the old one recognizes us no more.

    Raises:
        OSError: it cannot be written.
    """
    path = folder / FILE_NAME
    private_files.make_folder(folder)
    with private_files.locked(path):
        _write(path)


def _write(path: Path) -> bytes:
    secret = secrets.token_bytes(SECRET_BYTES)
    private_files.replace(path, secret)
    return secret
