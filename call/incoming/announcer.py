"""The announce thread: says on the network that we listen, until the program ends.

A thread of its own, since zeroconf takes 0.1 s to import and half a second to say anything, and
neither the first ring nor the end of the program may wait for that. It looks every few seconds
whether our addresses or our discovery secret have changed.
"""

import ipaddress
import logging
import secrets
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from net.errors import NetError
from net.link.local_addresses import LOOPBACK, local_addresses
from net.trust.call_code import CallCode
from net.trust.discovery_secret import load_or_make_secret
from net.trust.discovery_tag import NONCE_BYTES, discovery_tag

if TYPE_CHECKING:
    from net.link.discovery import Advertising

_log = logging.getLogger(__name__)

LOOK_S = 5.0
MAX_HOSTS = 6


class Announcer:
    """What one listener says of itself.

    Args:
        bound_address: the one address that it listens on; "" for all.
        name: to be said to everybody; "" for none.
        folder: of this user's data.
    """

    def __init__(
        self, code: CallCode, port: int, bound_address: str, *, name: str, folder: Path
    ) -> None:
        self._code = code
        self._port = port
        self._bound_address = bound_address
        self._name = name
        self._folder = folder
        self._is_closed = Event()
        self._advertising: Advertising | None = None
        self._has_said_why = False
        self._stand_in = secrets.token_bytes(32)
        """For a secret that cannot be kept: nobody knows it, so nobody recognizes us."""

    def close(self) -> None:
        """Let `run` end. Any thread."""
        self._is_closed.set()

    def run(self) -> None:
        """Say it until `close`. The body of the announce thread."""
        said: tuple[tuple[str, ...], bytes] | None = None
        try:
            while not self._is_closed.is_set():
                now = announced_hosts(self._bound_address), self._secret()
                if now[0] and now != said and self._say(*now):
                    said = now
                self._is_closed.wait(LOOK_S)
        finally:
            self._take_back()

    def _say(self, hosts: tuple[str, ...], secret: bytes) -> bool:
        # Only here: most of what it takes to start is not needed by who calls an address.
        from net.link.advertisement import Advertisement
        from net.link.discovery import Advertising

        self._take_back()
        nonce = secrets.token_bytes(NONCE_BYTES)
        tags = b"".join(discovery_tag(secret, nonce, host, self._port) for host in hosts)
        try:
            # Anew, since it keeps to the networks that were there when it was made.
            self._advertising = Advertising(
                Advertisement(hosts, self._port, self._code.number, nonce, tags, self._name)
            )
        except NetError as error:
            if not self._has_said_why:
                self._has_said_why = True
                _log.info("This computer is not found by its code: %s", error.sentence)
            return False
        return True

    def _take_back(self) -> None:
        advertising, self._advertising = self._advertising, None
        if advertising is not None:
            advertising.close()

    def _secret(self) -> bytes:
        try:
            return load_or_make_secret(self._folder)
        except OSError as error:
            if not self._has_said_why:
                self._has_said_why = True
                where = error.filename or self._folder
                _log.warning(
                    "Those who know you do not find you by name: %s: %s", where, error.strerror
                )
            return self._stand_in


def announced_hosts(bound_address: str) -> tuple[str, ...]:
    """Return the addresses at which we are to be called, the most useful first.

    Args:
        bound_address: the one that we listen on; "" for all.
    """
    if bound_address not in ("", "0.0.0.0", "::"):
        return (bound_address,) if _is_of_many(bound_address) else ()
    found = [own.address for own in local_addresses() if _is_of_many(own.address)]
    return tuple(found[:MAX_HOSTS]) or (LOOPBACK,)


def _is_of_many(address: str) -> bool:
    """Whether an address means the same on every computer of the network."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:  # A name.
        return False
    return found.version == 4 or not (found.is_link_local or "%" in address)
