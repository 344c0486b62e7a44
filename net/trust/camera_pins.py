"""The pinned certificates of phone cameras, each trusted on first use. Any thread.

A phone signs its certificate itself, so no authority vouches for it, but it does not change. Blocks
on disk I/O. Several processes may use one file. The file, `camera_pins.json`:

    {"version": 1, "pins": {"phone:8080": "SHA-256 of the certificate, 64 hexadecimal digits"}}
"""

import logging
from pathlib import Path

import msgspec

from net.link.address import MAX_NAME_CHARACTERS, format_host
from net.trust.json_store import FileFormat, JsonStore

CAMERA_PINS_FILE = "camera_pins.json"
"""The file's name in the user's data folder."""
MAX_PINS = 500
"""More cameras than any user has. Beyond this number, the oldest pin is dropped."""

_FINGERPRINT_BYTES = 32
_MAX_HOST_CHARACTERS = MAX_NAME_CHARACTERS + 64
"""A name, or an address with its zone."""
_MAX_FILE_BYTES = 1024 * 1024
"""Enough for `MAX_PINS` entries with the longest names, in any script."""

_log = logging.getLogger(__name__)


class _File(msgspec.Struct, forbid_unknown_fields=True):
    version: int
    pins: dict[str, str]


class PinStore:
    """The camera pins of one user, in one file. Reads nothing before the first use."""

    def __init__(self, path: Path) -> None:
        self._file = JsonStore(path, _FORMAT)

    def check(self, host: str, port: int, fingerprint: bytes) -> bool:
        """Return whether a camera's certificate is the pinned one; pin the first one.

        If the file cannot be written, logs a warning, and keeps the pin as long as this object
        exists.

        Args:
            fingerprint: SHA-256 of the certificate in DER, 32 bytes.
        """
        if len(fingerprint) != _FINGERPRINT_BYTES:
            raise ValueError(f"a fingerprint has {_FINGERPRINT_BYTES} bytes")
        key = _key(host, port)
        seen = fingerprint.hex()

        def pin(pins: dict[str, str]) -> bool:
            if key in pins:
                return False
            pins[key] = seen
            _shrink(pins)
            return True

        return self._file.update_or_hold(pin).get(key) == seen

    def all(self) -> dict[str, str]:
        """Return the pinned fingerprints, hexadecimal, by HOST:PORT in order.

        Returns an empty dict if the file is unreadable.
        """
        return dict(sorted(self._file.read().items()))

    def forget(self, host: str, port: int) -> bool:
        """Drop a camera's pin, so that its next certificate is trusted; return whether it existed.

        Raises:
            OSError: the file cannot be written.
        """
        key = _key(host, port)
        dropped: list[str] = []

        def unpin(pins: dict[str, str]) -> bool:
            if key in pins:
                dropped.append(pins.pop(key))
            return bool(dropped)

        self._file.update(unpin)
        return bool(dropped)


def _key(host: str, port: int) -> str:
    if len(host) > _MAX_HOST_CHARACTERS:
        raise ValueError(f"a host of {len(host)} characters is too long")
    return format_host(host.lower().removesuffix("."), port)


def _encode(pins: dict[str, str]) -> bytes:
    return msgspec.json.format(msgspec.json.encode(_File(version=1, pins=pins)), indent=1)


def _decode(content: bytes) -> dict[str, str] | None:
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
        _log.warning(
            "The pinned certificate of camera %s was dropped: there are more than %d pins",
            oldest,
            MAX_PINS,
        )


_FORMAT = FileFormat(
    "The pinned camera certificates",
    "The next certificate of each camera will be trusted",
    _MAX_FILE_BYTES,
    _encode,
    _decode,
)
