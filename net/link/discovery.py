"""Discovery of listeners on this network by mDNS, RFC 6762 and 6763: service `_visavis._tcp`.

A listener advertises under a random name, which reveals nothing about it. `advertisement.py`
defines and checks the record. The library answers queries on a thread that it starts at the first
use and ends at `close`. Each method says whether it blocks.
"""

import contextlib
import errno
import ipaddress
import logging
import os
import queue
import secrets
import socket

from zeroconf import (
    BadTypeInNameException,
    DNSQuestionType,
    InterfaceChoice,
    IPVersion,
    ServiceBrowser,
    ServiceInfo,
    ServiceStateChange,
    Zeroconf,
)
from zeroconf import Error as ZeroconfError

from net.errors import DiscoveryFailed
from net.link.advertisement import (
    Advertisement,
    SeenAdvertisements,
    properties_of,
    read_advertisement,
)
from net.link.local_addresses import LOOPBACK, local_addresses

_log = logging.getLogger(__name__)

SERVICE = "_visavis._tcp.local."
MAX_QUEUED_NAMES = 4096
"""Names heard and not yet examined; more are dropped."""

_LOOP_FILES = 3
"""The file descriptors of zeroconf's event loop: a selector, and a pair of sockets to wake it."""
_SPARE_FILES = 8
"""For what other threads open meanwhile."""


class Search:
    """A search for advertisements, from construction to `close`.

    It queries in two ways. Multicast answers pass most firewalls, but a listener multicasts an
    answer at most once a second, RFC 6762 section 6. Unicast answers come at once, but only one of
    the programs that share mDNS's port would receive them, so that query has a separate port.

    Raises:
        DiscoveryFailed: there is no network to search.
    """

    def __init__(self) -> None:
        self._names: queue.Queue[tuple[Zeroconf, str] | None] = queue.Queue(MAX_QUEUED_NAMES)
        self._seen = SeenAdvertisements()
        self._cleanup = contextlib.ExitStack()
        try:
            self._query(_open_zeroconf(), DNSQuestionType.QM)
            self._query(_open_zeroconf(has_own_port=True), DNSQuestionType.QU)
        except DiscoveryFailed:
            self._cleanup.close()
            raise

    def _query(self, zeroconf: Zeroconf, question_type: DNSQuestionType) -> None:
        self._cleanup.callback(_close_zeroconf, zeroconf)
        browser = ServiceBrowser(
            zeroconf, SERVICE, handlers=[self._on_change], question_type=question_type
        )
        self._cleanup.callback(_cancel_browser, browser)

    def next(self, timeout_s: float) -> Advertisement | None:
        """Wait for a name; return its advertisement if it is new or has changed, else None.

        Blocks for at most `timeout_s`. `cancel` ends the wait at once.
        """
        try:
            queued = self._names.get(timeout=max(0.0, timeout_s))
        except queue.Empty:
            return None
        if queued is None:
            return None
        zeroconf, name = queued
        try:
            info = ServiceInfo(SERVICE, name)
        except BadTypeInNameException:
            return None
        if not info.load_from_cache(zeroconf):
            return None  # The name is queued again once its other records arrive.
        hosts = info.parsed_scoped_addresses(IPVersion.All)
        found = read_advertisement(info.properties, hosts, info.port)
        if found is None or not self._seen.note(name, found):
            return None
        return found

    def cancel(self) -> None:
        """End the present or next wait in `next`. Any thread; never blocks."""
        with contextlib.suppress(queue.Full):  # Then `next` does not wait.
            self._names.put_nowait(None)

    def close(self) -> None:
        """End the search."""
        self._cleanup.close()

    def _on_change(
        self,
        zeroconf: Zeroconf,
        service_type: str,
        name: str,
        state_change: ServiceStateChange,
    ) -> None:
        if state_change is not ServiceStateChange.Removed:
            with contextlib.suppress(queue.Full):
                self._names.put_nowait((zeroconf, name))


class Advertising:
    """The announcement of this listener, from construction to `close`.

    Construction blocks for half a second.

    Raises:
        DiscoveryFailed: there is no network to announce it on.
    """

    def __init__(self, advertisement: Advertisement) -> None:
        # Loopback addresses are announced on this computer only.
        is_local = all(ipaddress.ip_address(host).is_loopback for host in advertisement.hosts)
        self._zeroconf = _open_zeroconf([LOOPBACK] if is_local else InterfaceChoice.All)
        name = secrets.token_hex(8)
        info = ServiceInfo(
            SERVICE,
            f"{name}.{SERVICE}",
            advertisement.port,
            properties=properties_of(advertisement),
            server=f"{name}.local.",
            parsed_addresses=list(advertisement.hosts),
        )
        try:
            # No probing: the name is random, and for 1.2 s the listener would answer no query.
            self._zeroconf.register_service(info, cooperating_responders=True)
        except (ZeroconfError, OSError, RuntimeError) as error:
            self.close()
            raise DiscoveryFailed(
                f"This computer could not be announced on this network: {error}"
            ) from error

    def close(self) -> None:
        """Withdraw the announcement. Blocks for half a second."""
        _close_zeroconf(self._zeroconf)


def _open_zeroconf(
    interfaces: list[str] | InterfaceChoice = InterfaceChoice.All, *, has_own_port: bool = False
) -> Zeroconf:
    # Its warnings concern other programs' packets and missing networks.
    logging.getLogger("zeroconf").setLevel(logging.CRITICAL)
    own = local_addresses()
    families = {local.family for local in own}
    # Both families would double the packets, and IPv4 suffices on any network that has it.
    has_only_ipv6 = families == {socket.AF_INET6} and interfaces is InterfaceChoice.All
    version = IPVersion.V6Only if has_only_ipv6 else IPVersion.V4Only
    try:
        # A socket for each address, and one that listens.
        _check_files(len(own) + 1 + _LOOP_FILES + _SPARE_FILES)
        return Zeroconf(interfaces=interfaces, ip_version=version, unicast=has_own_port)
    except (ZeroconfError, OSError, RuntimeError) as error:
        _log.debug("mDNS failed to start: %s", error)
        if isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE):
            raise DiscoveryFailed(
                "mDNS needs more open files than this program may have",
                "raise the limit, as with `ulimit -n 1024`, and start it again",
            ) from error
        raise DiscoveryFailed(
            "This computer is on no network that can be searched",
            "connect it to one, or call by address: `connect HOST --code CODE`",
        ) from error


def _check_files(count: int) -> None:
    """Check that so many files can be opened. Raises OSError if they cannot.

    Where zeroconf's thread cannot open its event loop, the constructor never returns.
    """
    with contextlib.ExitStack() as opened:
        for _ in range(count):
            opened.callback(os.close, os.open(os.devnull, os.O_RDONLY))


def _cancel_browser(browser: ServiceBrowser) -> None:
    with contextlib.suppress(ZeroconfError, OSError, RuntimeError):
        browser.cancel()


def _close_zeroconf(zeroconf: Zeroconf) -> None:
    with contextlib.suppress(ZeroconfError, OSError, RuntimeError):
        zeroconf.close()
