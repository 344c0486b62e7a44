"""Socket addresses, from numeric addresses or by look-up. Any thread; only `look_up` blocks."""

import ipaddress
import socket

import msgspec


class SocketAddress(msgspec.Struct, frozen=True):
    """An address for `socket.connect` and `socket.bind`, and its family."""

    family: socket.AddressFamily
    sockaddr: tuple[str, int] | tuple[str, int, int, int]
    """IPv4: address, port. IPv6: address without zone, port, flow label, interface number."""

    def __str__(self) -> str:
        return self.sockaddr[0]


def parse_numeric(host: str, port: int) -> SocketAddress | None:
    """Return the socket address of an IPv4 or IPv6 address, or None if `host` is a name.

    Raises:
        OSError: the zone, as in `fe80::1%eth0`, is not an interface of this computer.
    """
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv4Address):
        return SocketAddress(socket.AF_INET, (str(address), port))
    # The zone is resolved here, since getaddrinfo does not know interface names on Windows, and
    # elsewhere reports an unknown interface as an unknown host.
    zone = address.scope_id or "0"
    number = int(zone) if zone.isdecimal() else socket.if_nametoindex(zone)
    return SocketAddress(socket.AF_INET6, (str(address).partition("%")[0], port, 0, number))


def look_up(name: str, port: int) -> list[SocketAddress]:
    """Look up a name, and return its addresses in the system's order of preference.

    Blocks for as long as the name servers take, and cannot be interrupted.

    Raises:
        OSError: a socket.gaierror; the name has no address, or no name server answered.
        ValueError: the name cannot be encoded.
    """
    addresses = []
    for family, _, _, _, sockaddr in socket.getaddrinfo(name, port, type=socket.SOCK_STREAM):
        host, *rest = sockaddr
        if isinstance(host, str):  # Otherwise Python was built without IPv6.
            flow, zone = (int(number) for number in (rest[1:] or (0, 0)))
            is_ipv6 = family == socket.AF_INET6
            addresses.append(
                SocketAddress(family, (host, port, flow, zone) if is_ipv6 else (host, port))
            )
    return addresses


def lacks_zone(host: str) -> bool:
    """Return whether `host` is a link-local IPv6 address without a zone."""
    try:
        address = ipaddress.IPv6Address(host)
    except ValueError:
        return False
    return address.is_link_local and address.scope_id is None
