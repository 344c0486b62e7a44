"""The checks of the networks that this computer is on, and of mDNS in them. Any thread."""

import ipaddress
import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.clock import Deadline
from doctor.finding import Finding, ok, warning, wrong
from doctor.firewall import open_udp_step
from doctor.firewalld import INTERNET
from doctor.holders import holders_of_port
from net.errors import DiscoveryFailed
from net.link.advertisement import Advertisement
from net.link.local_addresses import LocalAddress, addresses_to_show, route_to

if TYPE_CHECKING:
    from net.link.discovery import Search

MDNS_PORT = 5353
MDNS_LIMIT_S = 4.0
"""A second question is asked after 1 s, and a third after 3 s."""
NONCE_BYTES = 16
_VPN = (
    "tun", "tap", "wg", "utun", "tailscale", "zt", "ppp", "nordlynx", "proton", "mullvad", "ipsec",
    "wintun", "openvpn", "gpd",
)  # fmt: skip  # several prefixes a line
"""Prefixes of interfaces that VPN programs create."""


def is_vpn(interface: str) -> bool:
    """Return whether an interface is probably that of a VPN."""
    return interface.lower().startswith(_VPN)


def check_networks(addresses: Sequence[LocalAddress]) -> list[Finding]:
    """Check that this computer is on a network, on which one, and where its packets go.

    Args:
        addresses: the addresses of this computer, most useful first.
    """
    shown = addresses_to_show(addresses)
    usable = [local for local in shown if not _is_link_local(local)]
    if not addresses:
        step = "Connect it by cable or Wi-Fi to the network of the other computer"
        return [wrong("network", "This computer is on no network", step)]
    if not usable:
        return [
            warning(
                "network",
                f"No router has given this computer an address; it has only {shown[0].address}",
                "Disconnect it from the network and connect it again; if that does not help,"
                " restart the router",
            )
        ]
    route = route_to(INTERNET)
    if route is not None and is_vpn(route.interface):
        return [
            warning(
                "network",
                f"A VPN takes the route: connections leave through {route.interface}"
                f" ({route.address})",
                "If calls fail, pause the VPN, or let it leave the local network alone",
            )
        ]
    networks = _by_interface(usable)
    listed = ", ".join(f"{address} ({name})" for name, address in networks.items())
    if len(networks) > 1:
        return [
            warning(
                "network",
                f"This computer is on several networks: {listed}",
                "Callers must use the address of the network that they are on, too",
            )
        ]
    return [ok("network", f"This computer has the address {listed}")]


def _is_link_local(local: LocalAddress) -> bool:
    return ipaddress.ip_address(local.address).is_link_local


def _by_interface(addresses: Sequence[LocalAddress]) -> dict[str, str]:
    """Return the first address of each interface."""
    found: dict[str, str] = {}
    for local in addresses:
        found.setdefault(local.interface, local.address)
    return found


def check_mdns(addresses: Sequence[LocalAddress]) -> list[Finding]:
    """Check that a search finds what this computer announces: it asks itself through the network.

    Blocks for at most some seconds.
    """
    hosts = [local.address for local in addresses if "%" not in local.address][:6]
    if not hosts:
        step = "Connect this computer to a network"
        return [warning("mdns", "Not checked: there is no network to search", step)]
    # Imported here: it takes 0.1 s.
    from net.link.discovery import Advertising, Search

    nonce = secrets.token_bytes(NONCE_BYTES)
    try:
        # The port of discard: nobody takes this announcement for a listener's.
        advertising = Advertising(Advertisement(tuple(hosts), 9, None, nonce, b""))
        try:
            search = Search()
            try:
                is_found = _find(search, nonce)
            finally:
                search.close()
        finally:
            advertising.close()
    except DiscoveryFailed:
        return [_explain_no_start()]
    if is_found:
        return [ok("mdns", "Codes and names are found on this network")]
    return [
        wrong(
            "mdns",
            "This computer does not hear what it announces, so no code and no name is found",
            f"{open_udp_step(MDNS_PORT)}; or call by address: connect HOST --code CODE",
        )
    ]


def _find(search: "Search", nonce: bytes) -> bool:
    deadline = Deadline(MDNS_LIMIT_S)
    while not deadline.has_passed:
        found = search.next(deadline.left_s)
        if found is not None and found.nonce == nonce:
            return True
    return False


def _explain_no_start() -> Finding:
    holders = holders_of_port(MDNS_PORT, "udp")
    sentence = f"The search for codes and names cannot use UDP port {MDNS_PORT}"
    if holders:
        holder = holders[0]
        return wrong(
            "mdns",
            f"{sentence}: {holder} has it for itself",
            f"End that program: {holder.end_command}; or call by address: connect HOST --code CODE",
        )
    step = "Call by address: connect HOST --code CODE"
    return wrong("mdns", sentence, step)
