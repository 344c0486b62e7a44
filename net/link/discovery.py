"""Who listens on this network, by mDNS (RFC 6762, 6763): the service `_visavis._tcp`.

A listener advertises under a random name, which says nothing of who it is:

    n      the number of its call code, if it takes one
    nonce  16 random bytes; tags, of its addresses (`net/trust/discovery_tag.py`)
    name   only where the settings say so

Everything that comes from the network is a claim by anybody, bounded and checked here; what is
listed is no more than an address to try. The library answers on a thread of its own, from the first
use to `close`; what blocks is said below.
"""

import contextlib
import ipaddress
import logging
import queue
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass

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
from net.link.local_addresses import LOOPBACK, local_addresses

_log = logging.getLogger(__name__)

SERVICE = "_visavis._tcp.local."
MAX_SERVICES = 256
"""Remembered in one search, the newest: others are new again when they are heard again."""
MAX_WAITING = 4096
"""Names that were heard and not looked at yet; more are not taken."""
MAX_HOSTS = 6
"""Taken of one advertisement."""
MAX_NAME_CHARACTERS = 256
MAX_TAGS_BYTES = 16 * MAX_HOSTS


@dataclass(frozen=True, slots=True)
class Advertisement:
    """What a listener says of itself, as it was heard or as it is to be said.

    Attributes:
        hosts: addresses, IPv4 and IPv6, all of which mean the same without a zone.
        number: of its call code, if it takes one.
        nonce, tags: by which known peers recognize it.
        name: unproven, and to be cleaned before it is shown; often nothing.
    """

    hosts: tuple[str, ...]
    port: int
    number: int | None
    nonce: bytes
    tags: bytes
    name: str = ""


def properties_of(advertisement: Advertisement) -> dict[bytes, bytes]:
    """Return the TXT record. Pure."""
    properties = {b"nonce": advertisement.nonce, b"tags": advertisement.tags}
    if advertisement.number is not None:
        properties[b"n"] = str(advertisement.number).encode()
    if advertisement.name:
        properties[b"name"] = advertisement.name.encode()[:200]
    return properties


def read_advertisement(
    properties: Mapping[bytes, bytes | None], hosts: list[str], port: int | None
) -> Advertisement | None:
    """Return what a TXT record and its addresses say; None where that is nothing of use. Pure."""
    hosts = [host for host in hosts if _is_callable(host)][:MAX_HOSTS]
    if not hosts or not port:
        return None
    number = (properties.get(b"n") or b"").decode("ascii", "replace")
    name = (properties.get(b"name") or b"").decode("utf-8", "replace")
    return Advertisement(
        tuple(hosts),
        port,
        int(number) if number.isdecimal() and number.isascii() and len(number) < 10 else None,
        (properties.get(b"nonce") or b"")[:64],
        (properties.get(b"tags") or b"")[:MAX_TAGS_BYTES],
        name[:MAX_NAME_CHARACTERS],
    )


def _is_callable(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    if address.is_multicast or address.is_unspecified or str(address) == "255.255.255.255":
        return False
    return address.version == 4 or not (address.is_link_local or "%" in host)  # Which network's?


class Search:
    """Asks and listens for advertisements, from its making to `close`.

    It asks in two ways. Answers to all come through most firewalls, but a listener says nothing
    twice to all within a second (RFC 6762 section 6). Answers to us alone come at once, at a port
    of our own, since of several programs that share mDNS's only one would get them.

    Raises:
        DiscoveryFailed: there is no network that could be searched.
    """

    def __init__(self) -> None:
        self._heard: queue.Queue[tuple[Zeroconf, str] | None] = queue.Queue(MAX_WAITING)
        self._seen: dict[str, Advertisement] = {}
        self._ends = contextlib.ExitStack()
        try:
            self._ask(_open(), DNSQuestionType.QM)
            self._ask(_open(has_own_port=True), DNSQuestionType.QU)
        except DiscoveryFailed:
            self._ends.close()
            raise

    def _ask(self, zeroconf: Zeroconf, question_type: DNSQuestionType) -> None:
        self._ends.callback(_close, zeroconf)
        browser = ServiceBrowser(
            zeroconf, SERVICE, handlers=[self._on_change], question_type=question_type
        )
        self._ends.callback(_cancel, browser)

    def next(self, timeout_s: float) -> Advertisement | None:
        """Return the next listener that is new, or has changed; None once `timeout_s` is over.

        Blocks so long at most; a `cancel` ends it at once.
        """
        try:
            heard = self._heard.get(timeout=max(0.0, timeout_s))
        except queue.Empty:
            return None
        if heard is None:
            return None
        zeroconf, name = heard
        try:
            info = ServiceInfo(SERVICE, name)
        except BadTypeInNameException:
            return None
        if not info.load_from_cache(zeroconf):
            return None  # Comes again when the rest has come.
        hosts = info.parsed_scoped_addresses(IPVersion.All)
        found = read_advertisement(info.properties, hosts, info.port)
        if found is None or self._seen.get(name) == found:
            return None
        self._seen[name] = found
        if len(self._seen) > MAX_SERVICES:
            del self._seen[next(iter(self._seen))]
        return found

    def cancel(self) -> None:
        """Have `next` return. Any thread."""
        with contextlib.suppress(queue.Full):  # Then it does not wait.
            self._heard.put_nowait(None)

    def close(self) -> None:
        """Stop asking."""
        self._ends.close()

    def _on_change(
        self,
        zeroconf: Zeroconf,
        service_type: str,
        name: str,
        state_change: ServiceStateChange,
    ) -> None:
        if state_change is not ServiceStateChange.Removed:
            with contextlib.suppress(queue.Full):
                self._heard.put_nowait((zeroconf, name))


class Advertising:
    """Says that we listen, from its making to `close`. Making it blocks for half a second.

    Raises:
        DiscoveryFailed: it cannot be said on any network.
    """

    def __init__(self, advertisement: Advertisement) -> None:
        # What only this computer can call is said to this computer only.
        is_local = all(ipaddress.ip_address(host).is_loopback for host in advertisement.hosts)
        self._zeroconf = _open([LOOPBACK] if is_local else InterfaceChoice.All)
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
            # The name is random: asking first whether somebody has it would take 1.2 s, in which
            # nobody is answered.
            self._zeroconf.register_service(info, cooperating_responders=True)
        except (ZeroconfError, OSError, RuntimeError) as error:
            self.close()
            raise DiscoveryFailed(f"Nothing can be said on this network: {error}") from error

    def close(self) -> None:
        """Take it back. Blocks for half a second."""
        _close(self._zeroconf)


def _open(
    interfaces: list[str] | InterfaceChoice = InterfaceChoice.All, *, has_own_port: bool = False
) -> Zeroconf:
    # What it warns of are other programs' packets, and networks that are not there.
    logging.getLogger("zeroconf").setLevel(logging.CRITICAL)
    families = {own.family for own in local_addresses()}
    # Both take twice the packets, and every network that has IPv4 lets it be said there.
    has_6_alone = families == {socket.AF_INET6} and interfaces is InterfaceChoice.All
    version = IPVersion.V6Only if has_6_alone else IPVersion.V4Only
    try:
        return Zeroconf(interfaces=interfaces, ip_version=version, unicast=has_own_port)
    except (ZeroconfError, OSError, RuntimeError) as error:
        _log.debug("mDNS: %s", error)
        raise DiscoveryFailed(
            "This computer is on no network that could be searched",
            "connect it, or call by the address, as in connect HOST --code CODE",
        ) from error


def _cancel(browser: ServiceBrowser) -> None:
    with contextlib.suppress(ZeroconfError, OSError, RuntimeError):
        browser.cancel()


def _close(zeroconf: Zeroconf) -> None:
    with contextlib.suppress(ZeroconfError, OSError, RuntimeError):
        zeroconf.close()
