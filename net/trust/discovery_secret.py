"""This installation's discovery secret, which lets known peers recognize it. Any thread.

Known peers receive the 32 random bytes in an accepted call. When this user forgets a peer, the
secret is replaced, and the others receive the new one in their next call. Blocks on disk I/O. The
file, `discovery_secret`, holds the 32 bytes; only its owner may read it.
"""

import logging
import secrets
from pathlib import Path

from net.trust import private_files

DISCOVERY_SECRET_FILE = "discovery_secret"
SECRET_BYTES = 32

_log = logging.getLogger(__name__)


def load_or_make_secret(folder: Path) -> bytes:
    """Return the secret; create it if there is none.

    Raises:
        OSError: the file cannot be read or written.
    """
    path = folder / DISCOVERY_SECRET_FILE
    private_files.make_folder(folder)
    with private_files.locked(path):
        content = private_files.read_bounded(path, SECRET_BYTES)
        if content is not None and len(content) == SECRET_BYTES:
            if private_files.tighten(path):
                _log.warning("Others could read %s; it is yours alone now", path)
            return content
        if content is not None:
            aside = private_files.move_aside(path)
            _log.warning(
                "The secret in %s is damaged. It was moved to %s and replaced. Until your next call"
                " with them, known peers find this computer only by its address",
                path,
                aside.name,
            )
        return _write(path)


def change_secret(folder: Path) -> None:
    """Replace the secret, so that holders of the old one no longer recognize this installation.

    Raises:
        OSError: the file cannot be written.
    """
    path = folder / DISCOVERY_SECRET_FILE
    private_files.make_folder(folder)
    with private_files.locked(path):
        _write(path)


def _write(path: Path) -> bytes:
    secret = secrets.token_bytes(SECRET_BYTES)
    private_files.replace(path, secret)
    return secret
