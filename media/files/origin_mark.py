"""The mark that a stored file came from another computer, where the system has one. Any thread.

Windows asks before it opens such a program, macOS checks it, and desktops of Linux show the origin.
"""

import ctypes
import logging
import os
import sys
from pathlib import Path
from urllib.parse import quote

_log = logging.getLogger(__name__)

ZONE_OF_THE_INTERNET = b"[ZoneTransfer]\r\nZoneId=3\r\n"
"""In a stream of the file beside its data.
Source: learn.microsoft.com/openspecs/windows_protocols/ms-fscc, section 5.6.1."""
ORIGIN_ATTRIBUTE = "user.xdg.origin.url"
"""Source: freedesktop.org, "Guidelines for extended attributes"."""
QUARANTINE_ATTRIBUTE = "com.apple.quarantine"
QUARANTINE = b"0081;00000000;Vis-a-vis;"
"""The flags of a download, its time (unknown), and the program that stored it."""


def mark_origin(path: Path, peer_name: str) -> None:
    """Mark a file as received from a peer; where the disk has no marks, do nothing."""
    try:
        if sys.platform == "win32":
            # Not `Path`, whose names have no streams.
            with open(f"{path}:Zone.Identifier", "wb") as stream:  # noqa: PTH123 - see above
                stream.write(ZONE_OF_THE_INTERNET)
        elif sys.platform == "darwin":
            _set_on_macos(path, QUARANTINE_ATTRIBUTE, QUARANTINE)
        else:
            os.setxattr(path, ORIGIN_ATTRIBUTE, f"visavis:{quote(peer_name)}".encode())
    except OSError as error:
        _log.debug("no mark of origin on the stored file: %s", error.strerror)


def _set_on_macos(path: Path, name: str, value: bytes) -> None:
    """Set an extended attribute, for which Python has no function on macOS."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setxattr(os.fsencode(path), name.encode(), value, len(value), 0, 0):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
