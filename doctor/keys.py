"""The check of this installation's key and of the files beside it. Changes none. Any thread."""

import os
import ssl
import stat
from dataclasses import dataclass
from pathlib import Path

from doctor.finding import Finding, ok, wrong
from doctor.places import (
    can_write,
    is_read_only,
    move_command,
    nearest_existing,
    permit_step,
    protect_command,
    remount_command,
)
from net.link.tls import server_context
from net.trust.camera_pins import CAMERA_PINS_FILE
from net.trust.discovery_secret import DISCOVERY_SECRET_FILE
from net.trust.identity import IDENTITY_FILE
from net.trust.known_peers_file import KNOWN_PEERS_FILE
from net.trust.private_files import HAS_MODES

FILES = (IDENTITY_FILE, DISCOVERY_SECRET_FILE, KNOWN_PEERS_FILE, CAMERA_PINS_FILE)
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True, slots=True)
class _Pem:
    """The file of a key, as TLS loads it."""

    pem_path: Path


def check_keys(folder: Path) -> list[Finding]:
    """Check that the key is sound, that its owner can use it, and that nobody else can.

    Args:
        folder: the user's data folder.
    """
    nearest = nearest_existing(folder)
    if not nearest.is_dir():
        step = f"Move it away: {move_command(nearest, '.old')}"
        return [wrong("keys", f"Your key goes to {folder}, but {nearest} is not a folder", step)]
    if is_read_only(nearest):
        sentence = f"Your key goes to {folder}, on a disk that is read-only"
        return [wrong("keys", sentence, f"Enter {remount_command(nearest)}")]
    if not can_write(nearest):
        sentence = f"Your key goes to {folder}, where you may not write"
        return [wrong("keys", sentence, permit_step(folder, recursive=True))]
    if nearest != folder:
        return [ok("keys", f"There is no key yet; the first call makes one in {folder}")]
    if HAS_MODES and folder.stat().st_mode & _OTHERS_WRITE:
        step = f"Enter {protect_command(folder, '700')}"
        return [wrong("keys", f"Others can replace your key: they may write to {folder}", step)]
    for path in (folder / name for name in FILES):
        if path.exists() and (finding := _check_file(path)):
            return [finding]
    pem_path = folder / IDENTITY_FILE
    if not pem_path.exists():
        return [ok("keys", f"There is no key yet; the first call makes one in {folder}")]
    try:
        server_context(_Pem(pem_path))
    except (ssl.SSLError, OSError):
        return [
            wrong(
                "keys",
                f"Your key in {pem_path} is damaged",
                f"Restore it from a backup, or enter {move_command(pem_path, '.damaged')}: the"
                " next call makes a new one, and peers that know you need a code again",
            )
        ]
    return [ok("keys", f"Your key in {pem_path} is yours alone")]


def _check_file(path: Path) -> Finding | None:
    if not os.access(path, os.R_OK | os.W_OK):
        return wrong("keys", f"You may not read and write {path}", permit_step(path))
    if HAS_MODES and path.stat().st_mode & _OTHERS:
        return wrong("keys", f"Others can read {path}", f"Enter {protect_command(path, '600')}")
    return None
