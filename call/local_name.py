"""Local name: the name by which the other peer sees us."""

import getpass
import socket

import msgspec

from core.safe_text import compose_name


class LocalName(msgspec.Struct):
    """The name of this run, which a lobby may change. Replaced as a whole; any thread."""

    text: str


def local_name(setting: str | None = None) -> str:
    """Return our name, 1 to 64 characters.

    Args:
        setting: `name` of the settings; None for login name and host, such as "alice on laptop".
    """
    return setting if setting is not None else compose_name(_find_login(), _find_host())


def _find_login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a user without a line in passwd, as in containers
        return ""


def _find_host() -> str:
    try:
        return socket.gethostname()
    except OSError:
        return ""
