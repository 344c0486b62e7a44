"""Announcer: advertises this listener by mDNS, until the program ends. Announce thread.

It has its own thread because zeroconf takes 0.1 s to import and half a second for a first
announcement, and neither the first ring nor the end of the program may wait for that. Every few
seconds it checks whether our addresses or our discovery secret have changed; another name is
announced at once.
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

CHECK_S = 5.0
"""Between two checks of the addresses and the secret."""
MAX_HOSTS = 6
"""The most addresses in one announcement."""


class Announcer:
    """The announcement of one listener.

    Args:
        bound_address: the one address that it listens on; "" for all.
        name: announced to everybody on the network; "" for none.
        folder: of this user's data, which holds the discovery secret.
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
        self._is_due = Event()
        """Set when there is something to do before the next check."""
        self._advertising: Advertising | None = None
        self._has_logged_failure = False
        self._stand_in = secrets.token_bytes(32)
        """Used if the secret cannot be stored: no peer knows it, so none recognizes us."""

    def close(self) -> None:
        """End `run`, soon. Any thread."""
        self._is_closed.set()
        self._is_due.set()

    def rename(self, name: str) -> None:
        """Announce another name from now on; "" for none. Any thread."""
        self._name = name
        self._is_due.set()

    def run(self) -> None:
        """Announce until `close`. The body of the announce thread."""
        announced: tuple[tuple[str, ...], bytes, str] | None = None
        try:
            while not self._is_closed.is_set():
                self._is_due.clear()
                present = announced_hosts(self._bound_address), self._secret(), self._name
                if present[0] and present != announced and self._announce(*present):
                    announced = present
                self._is_due.wait(CHECK_S)
        finally:
            self._withdraw()

    def _announce(self, hosts: tuple[str, ...], secret: bytes, name: str) -> bool:
        # Imported here: zeroconf takes 0.1 s.
        from net.link.advertisement import Advertisement
        from net.link.discovery import Advertising

        self._withdraw()
        nonce = secrets.token_bytes(NONCE_BYTES)
        tags = b"".join(discovery_tag(secret, nonce, host, self._port) for host in hosts)
        try:
            # A new one, because it uses only the networks that were up when it was created.
            self._advertising = Advertising(
                Advertisement(hosts, self._port, self._code.number, nonce, tags, name)
            )
        except NetError as error:
            if not self._has_logged_failure:
                self._has_logged_failure = True
                _log.info("This computer is not found by its code: %s", error.sentence)
            return False
        return True

    def _withdraw(self) -> None:
        advertising, self._advertising = self._advertising, None
        if advertising is not None:
            advertising.close()

    def _secret(self) -> bytes:
        try:
            return load_or_make_secret(self._folder)
        except OSError as error:
            if not self._has_logged_failure:
                self._has_logged_failure = True
                where = error.filename or self._folder
                _log.warning(
                    "Those who know you do not find you by name: %s: %s", where, error.strerror
                )
            return self._stand_in


def announced_hosts(bound_address: str) -> tuple[str, ...]:
    """Return the addresses to announce, the most useful first.

    Args:
        bound_address: the one that we listen on; "" for all.
    """
    if bound_address not in ("", "0.0.0.0", "::"):
        return (bound_address,) if _is_same_everywhere(bound_address) else ()
    found = [own.address for own in local_addresses() if _is_same_everywhere(own.address)]
    return tuple(found[:MAX_HOSTS]) or (LOOPBACK,)


def _is_same_everywhere(address: str) -> bool:
    """Return whether an address means the same on every computer of the network."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:  # A host name.
        return False
    return found.version == 4 or not (found.is_link_local or "%" in address)
