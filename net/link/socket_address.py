"""An address as a socket takes it, and where it comes from: a text of digits, or a look-up."""

import ipaddress
import socket
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SocketAddress:
    """What `socket.connect` and `socket.bind` take, with its family."""

    family: socket.AddressFamily
    sockaddr: tuple[str, int] | tuple[str, int, int, int]
    """IPv4: address, port; IPv6: address without its zone, port, flow, number of the interface."""

    def __str__(self) -> str:
        return self.sockaddr[0]


def numeric_address(host: str, port: int) -> SocketAddress | None:
    """Return the socket address of an IPv4 or IPv6 address; None if `host` is a name.

    Raises OSError if its zone, as in `fe80::1%eth0`, is no interface of this machine.
    """
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv4Address):
        return SocketAddress(socket.AF_INET, (str(address), port))
    # The zone is resolved here: getaddrinfo knows no interfaces by name on Windows, and elsewhere
    # calls a wrong one an unknown host.
    zone = address.scope_id or "0"
    number = int(zone) if zone.isdecimal() else socket.if_nametoindex(zone)
    return SocketAddress(socket.AF_INET6, (str(address).partition("%")[0], port, 0, number))


def looked_up(name: str, port: int) -> list[SocketAddress]:
    """Return the addresses of a name, the one that the system prefers first.

    Blocks for as long as the name servers like, and cannot be interrupted.

    Raises:
        OSError: as socket.gaierror; there is none, or no name server answered.
        ValueError: no name can be like that.
    """
    addresses = []
    for family, _, _, _, sockaddr in socket.getaddrinfo(name, port, type=socket.SOCK_STREAM):
        host, *rest = sockaddr
        if isinstance(host, str):  # else Python was built without IPv6
            flow, zone = (int(number) for number in (rest[1:] or (0, 0)))
            is_ipv6 = family == socket.AF_INET6
            addresses.append(
                SocketAddress(family, (host, port, flow, zone) if is_ipv6 else (host, port))
            )
    return addresses


def lacks_zone(host: str) -> bool:
    """Return whether `host` is a link-local IPv6 address that does not say on which network."""
    try:
        address = ipaddress.IPv6Address(host)
    except ValueError:
        return False
    return address.is_link_local and address.scope_id is None
