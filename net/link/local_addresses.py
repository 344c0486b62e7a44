"""The addresses of this machine, the one that a caller would type first.

`local_addresses` asks the system and sends nothing; all else here works on what it said.
"""

import contextlib
import ipaddress
import socket
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import psutil

LOOPBACK = "127.0.0.1"

# Addresses kept for documentation, RFC 5737 and RFC 3849: never a real machine.
_ELSEWHERE = (
    (socket.AF_INET, ("203.0.113.1", 9)),
    (socket.AF_INET6, ("2001:db8::1", 9, 0, 0)),
)
_VIRTUAL = (
    "br-", "cali", "cni", "docker", "flannel", "ifb", "kube", "lxcbr", "lxdbr", "podman", "vboxnet",
    "vethernet", "veth", "virbr", "vmnet", "vmware", "vnic",
)  # fmt: skip
"""How networks of containers and virtual machines are called: other computers are not on them."""


@dataclass(frozen=True, slots=True)
class LocalAddress:
    """One address of this machine."""

    address: str
    """As a caller types it; a link-local IPv6 address has our zone, which is not the caller's."""
    interface: str
    family: socket.AddressFamily
    """AF_INET or AF_INET6."""


def local_addresses() -> list[LocalAddress]:
    """Return the addresses of interfaces that are up, the most useful first, without loopback.

    Asks the system each time; takes some milliseconds at most, and sends no packet.
    """
    is_up = {name: state.isup for name, state in psutil.net_if_stats().items()}
    found = [
        LocalAddress(address.address, name, socket.AddressFamily(address.family))
        for name, addresses in psutil.net_if_addrs().items()
        if is_up.get(name, True)
        for address in addresses
        if address.family in (socket.AF_INET, socket.AF_INET6)
    ]
    return by_usefulness(found, _addresses_to_elsewhere())


def by_usefulness(found: Iterable[LocalAddress], default: Sequence[str]) -> list[LocalAddress]:
    """Return `found` without what nobody can call, the most useful first.

    Args:
        default: the addresses from which this machine would reach the rest of the world.
    """
    zoned = [_with_zone(own) for own in dict.fromkeys(found)]
    callable_ones = [own for own in zoned if not _is_of_this_machine_alone(own)]
    interfaces = {own.interface for own in callable_ones if own.address in default}

    def rank(own: LocalAddress) -> tuple[bool, int, bool, bool]:
        return (
            own.interface.lower().startswith(_VIRTUAL),
            _kind(own),
            own.address not in default,
            own.interface not in interfaces,
        )

    return sorted(callable_ones, key=rank)


def address_to_type(addresses: Sequence[LocalAddress], bound_address: str) -> str:
    """Return the address that a caller would type.

    Args:
        addresses: as `local_addresses` returns them.
        bound_address: the one address that the listener is bound to; "" for all.
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
    return next((own.address for own in addresses if own.family == family), loopback)


def _addresses_to_elsewhere() -> list[str]:
    """Return from which of our addresses, one a family, the default route starts."""
    addresses = []
    for family, elsewhere in _ELSEWHERE:
        # To connect a UDP socket sends nothing; it only asks the table of routes.
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect(elsewhere)
            addresses.append(str(probe.getsockname()[0]))
    return addresses


def _with_zone(own: LocalAddress) -> LocalAddress:
    address = own.address
    if own.family == socket.AF_INET6 and ipaddress.ip_address(address).is_link_local:
        address = f"{address.partition('%')[0]}%{own.interface}"
    return LocalAddress(address, own.interface, own.family)


def _is_of_this_machine_alone(own: LocalAddress) -> bool:
    address = ipaddress.ip_address(own.address)
    return address.is_loopback or address.is_unspecified or address.is_multicast


def _kind(own: LocalAddress) -> int:
    """Return how easily the address is called: IPv4, IPv6, then those of one link alone."""
    address = ipaddress.ip_address(own.address)
    if address.version == 4:
        # 169.254...: there is a cable, but nobody gave out addresses.
        return 2 if address.is_link_local else 0
    return 3 if address.is_link_local else 1
