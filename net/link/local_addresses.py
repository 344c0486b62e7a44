"""The addresses of this computer, beginning with the one for callers to type. Any thread.

Only `local_addresses` asks the system, and it sends nothing; the other functions are pure.
"""

import contextlib
import ipaddress
import socket
from collections.abc import Iterable, Mapping, Sequence

import msgspec
import psutil

LOOPBACK = "127.0.0.1"

# Reserved for documentation by RFC 5737 and RFC 3849, so never a real computer.
_REMOTE_ADDRESSES = (
    (socket.AF_INET, ("203.0.113.1", 9)),
    (socket.AF_INET6, ("2001:db8::1", 9, 0, 0)),
)
_VIRTUAL = (
    "br-", "cali", "cni", "docker", "flannel", "ifb", "kube", "lxcbr", "lxdbr", "podman", "vboxnet",
    "vethernet", "veth", "virbr", "vmnet", "vmware", "vnic",
)  # fmt: skip  # several prefixes a line
"""Interface prefixes of containers and virtual machines, whose networks have no other computers."""


class LocalAddress(msgspec.Struct, frozen=True):
    """One address of this computer."""

    address: str
    """As typed. A link-local IPv6 address has our zone, which a caller replaces with its own."""
    interface: str
    family: socket.AddressFamily
    """AF_INET or AF_INET6."""


def local_addresses() -> list[LocalAddress]:
    """Return the addresses of all interfaces that are up, without loopback, most useful first.

    Asks the system each time, which takes a few milliseconds. Sends no packet.
    """
    is_up = {name: state.isup for name, state in psutil.net_if_stats().items()}
    found = [
        LocalAddress(address.address, name, socket.AddressFamily(address.family))
        for name, addresses in psutil.net_if_addrs().items()
        if is_up.get(name, True)
        for address in addresses
        if address.family in (socket.AF_INET, socket.AF_INET6)
    ]
    return sort_by_usefulness(found, _default_route_addresses())


def sort_by_usefulness(
    found: Iterable[LocalAddress], default_route: Sequence[str]
) -> list[LocalAddress]:
    """Return the addresses that others can call, most useful first.

    Args:
        default_route: the addresses from which this computer reaches the Internet.
    """
    zoned = [_with_zone(local) for local in dict.fromkeys(found)]
    callable_addresses = [local for local in zoned if not _is_local_only(local)]
    interfaces = {local.interface for local in callable_addresses if local.address in default_route}

    def rank(local: LocalAddress) -> tuple[bool, int, bool, bool]:
        return (
            local.interface.lower().startswith(_VIRTUAL),
            _family_rank(local),
            local.address not in default_route,
            local.interface not in interfaces,
        )

    return sorted(callable_addresses, key=rank)


def addresses_to_show(addresses: Sequence[LocalAddress]) -> list[LocalAddress]:
    """Return the addresses that another computer probably reaches, or all if there is none.

    Link-local addresses need the caller's own zone, and virtual networks hold no other computers.
    """
    return [local for local in addresses if _is_reachable(local)] or list(addresses)


def address_to_type(addresses: Sequence[LocalAddress], bound_address: str) -> str:
    """Return the address for a caller to type.

    Args:
        addresses: the result of `local_addresses`.
        bound_address: the one address on which the listener listens; "" for all.
    """
    if not bound_address:
        return addresses[0].address if addresses else LOOPBACK
    families: Mapping[str, socket.AddressFamily] = {
        "0.0.0.0": socket.AF_INET,
        "::": socket.AF_INET6,
    }
    family = families.get(bound_address)
    if family is None:
        return bound_address
    loopback = LOOPBACK if family == socket.AF_INET else "::1"
    return next((local.address for local in addresses if local.family == family), loopback)


def route_to(address: str) -> LocalAddress | None:
    """Return our address and interface on the route to a numeric address, or None without one.

    Asks the system, which sends nothing.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        # Connecting a UDP socket sends nothing; it only consults the routing table.
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect(socket.getaddrinfo(address, 9, family, socket.SOCK_DGRAM)[0][4])
            own = str(probe.getsockname()[0])
    except OSError:
        return None
    for interface, addresses in psutil.net_if_addrs().items():
        if any(each.address.partition("%")[0] == own.partition("%")[0] for each in addresses):
            return LocalAddress(own, interface, family)
    return LocalAddress(own, "", family)


def _default_route_addresses() -> list[str]:
    """Return our addresses on the default routes, at most one for each family."""
    addresses = []
    for family, remote in _REMOTE_ADDRESSES:
        # Connecting a UDP socket sends nothing; it only consults the routing table.
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect(remote)
            addresses.append(str(probe.getsockname()[0]))
    return addresses


def _with_zone(local: LocalAddress) -> LocalAddress:
    address = local.address
    if local.family == socket.AF_INET6 and ipaddress.ip_address(address).is_link_local:
        address = f"{address.partition('%')[0]}%{local.interface}"
    return LocalAddress(address, local.interface, local.family)


def _is_local_only(local: LocalAddress) -> bool:
    address = ipaddress.ip_address(local.address)
    return address.is_loopback or address.is_unspecified or address.is_multicast


def _is_reachable(local: LocalAddress) -> bool:
    is_virtual = local.interface.lower().startswith(_VIRTUAL)
    return not (is_virtual or ipaddress.ip_address(local.address).is_link_local)


def _family_rank(local: LocalAddress) -> int:
    """Return the rank of an address: IPv4, then IPv6, then link-local addresses."""
    address = ipaddress.ip_address(local.address)
    if address.version == 4:
        # 169.254...: a network without a server that assigns addresses.
        return 2 if address.is_link_local else 0
    return 3 if address.is_link_local else 1
