"""The certificates of phone cameras, each remembered when it was first seen.

A phone's certificate is its own, and no authority knows it; but it does not change. Runs on any
thread, blocks for the disk; several processes may use one file. The file, `camera_pins.json`:

    {"version": 1, "pins": {"phone:8080": "SHA-256 of the certificate, 64 hexadecimal digits"}}
"""

import logging
from pathlib import Path

import msgspec

from net.link.address import MAX_NAME_CHARACTERS, format_host
from net.trust.json_store import FileFormat, JsonStore

FILE_NAME = "camera_pins.json"
MAX_PINS = 500
"""More cameras than anybody has; the one that was seen first is forgotten for another."""

_FINGERPRINT_BYTES = 32
_MAX_HOST_CHARACTERS = MAX_NAME_CHARACTERS + 64
"""A name, or an address with its zone."""
_MAX_FILE_BYTES = 1024 * 1024
"""Holds as many entries with the longest names, in any script."""

_log = logging.getLogger(__name__)


class _File(msgspec.Struct, forbid_unknown_fields=True):
    version: int
    pins: dict[str, str]


class PinStore:
    """The pins of one user, in one file. Nothing is read before the first use."""

    def __init__(self, path: Path) -> None:
        self._file = JsonStore(path, _FORM)

    def check(self, host: str, port: int, fingerprint: bytes) -> bool:
        """Return whether that camera may have that certificate; remember it at first sight.

        A file that cannot be written is said so in the log; what should be in it then holds for
        as long as this object does.

        Args:
            fingerprint: SHA-256 of the certificate in DER, 32 bytes.
        """
        if len(fingerprint) != _FINGERPRINT_BYTES:
            raise ValueError(f"a fingerprint has {_FINGERPRINT_BYTES} bytes")
        key = _key(host, port)
        seen = fingerprint.hex()

        def remember(pins: dict[str, str]) -> bool:
            if key in pins:
                return False
            pins[key] = seen
            _shrink(pins)
            return True

        return self._file.change_or_hold(remember).get(key) == seen

    def all(self) -> dict[str, str]:
        """Return the fingerprint of each camera, hexadecimal, by its HOST:PORT."""
        return dict(sorted(self._file.readable().items()))

    def forget(self, host: str, port: int) -> bool:
        """Accept the next certificate of that camera as its first; return whether it had one."""
        key = _key(host, port)
        had_one = key in self._file.readable()
        self._file.drop_unsaved(key)
        self._file.change_or_hold(lambda pins: pins.pop(key, None) is not None)
        return had_one


def _key(host: str, port: int) -> str:
    if len(host) > _MAX_HOST_CHARACTERS:
        raise ValueError(f"a host of {len(host)} characters is too long")
    return format_host(host.lower().removesuffix("."), port)


def _encoded(pins: dict[str, str]) -> bytes:
    return msgspec.json.format(msgspec.json.encode(_File(version=1, pins=pins)), indent=1)


def _decoded(content: bytes) -> dict[str, str] | None:
    try:
        file = msgspec.json.decode(content, type=_File)
        sizes = {len(bytes.fromhex(pin)) for pin in file.pins.values()}
    except (msgspec.MsgspecError, ValueError):
        return None
    if file.version != 1 or not sizes <= {_FINGERPRINT_BYTES}:
        return None
    return file.pins


def _shrink(pins: dict[str, str]) -> None:
    while len(pins) > MAX_PINS:
        oldest = next(iter(pins))
        del pins[oldest]
        _log.warning("The certificate of the camera %s is forgotten: there are too many", oldest)


_FORM = FileFormat(
    "The certificates of cameras",
    "Each camera's next one is taken as its own",
    _MAX_FILE_BYTES,
    _encoded,
    _decoded,
)
