"""Claims about net/link/local_addresses.py, on invented computers and on this one."""

import random
import socket

import pytest

from net.link.address import parse_host
from net.link.local_addresses import (
    LocalAddress,
    address_to_type,
    addresses_to_show,
    local_addresses,
    route_to,
    sort_by_usefulness,
)


def own(address: str, interface: str) -> LocalAddress:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return LocalAddress(address, interface, family)


LAPTOP = (
    own("192.168.1.7", "wlan0"),
    own("10.8.0.2", "eth0"),
    own("169.254.3.4", "eth1"),
    own("fd00::7", "wlan0"),
    own("2001:db8:5::7", "eth0"),
    own("fe80::7%wlan0", "wlan0"),
    own("fe80::8%eth0", "eth0"),
    own("172.17.0.1", "docker0"),
    own("192.168.122.1", "virbr0"),
    own("fe80::9%docker0", "docker0"),
)
ELSEWHERE = ("192.168.1.7", "fd00::7")


def names(addresses: list[LocalAddress]) -> list[str]:
    return [address.address for address in addresses]


def test_address_of_the_default_route_comes_first() -> None:
    assert names(sort_by_usefulness(LAPTOP, ["10.8.0.2"]))[0] == "10.8.0.2"
    assert names(sort_by_usefulness(LAPTOP, ELSEWHERE))[0] == "192.168.1.7"


def test_ipv4_comes_before_ipv6_and_virtual_networks_last() -> None:
    ordered = names(sort_by_usefulness(random.Random(7).sample(LAPTOP, len(LAPTOP)), ELSEWHERE))
    assert ordered[:4] == ["192.168.1.7", "10.8.0.2", "fd00::7", "2001:db8:5::7"]
    assert ordered[4] == "169.254.3.4"
    assert ordered[5:7] == ["fe80::7%wlan0", "fe80::8%eth0"]
    assert set(ordered[7:9]) == {"172.17.0.1", "192.168.122.1"}
    assert ordered[9:] == ["fe80::9%docker0"]


def test_systems_order_holds_without_a_default_route() -> None:
    assert names(sort_by_usefulness(LAPTOP, []))[:2] == ["192.168.1.7", "10.8.0.2"]


def test_loopback_is_left_out() -> None:
    found = [own("127.0.0.1", "lo"), own("::1", "lo"), own("127.0.0.53", "lo")]
    assert sort_by_usefulness(found, []) == []


def test_link_local_address_has_its_zone() -> None:
    (address,) = sort_by_usefulness([own("fe80::7", "en0")], [])
    assert address.address == "fe80::7%en0"


def test_duplicate_addresses_are_dropped() -> None:
    assert len(sort_by_usefulness([*LAPTOP, *LAPTOP], [])) == len(LAPTOP)


def test_link_local_and_virtual_addresses_are_shown_only_if_there_is_no_other() -> None:
    shown = names(addresses_to_show(sort_by_usefulness(LAPTOP, ELSEWHERE)))
    assert shown == ["192.168.1.7", "10.8.0.2", "fd00::7", "2001:db8:5::7"]
    cable = [own("fe80::8%eth0", "eth0"), own("172.17.0.1", "docker0")]
    assert len(addresses_to_show(sort_by_usefulness(cable, []))) == 2
    assert addresses_to_show([]) == []


@pytest.mark.parametrize(
    ("bound", "expected"),
    [
        ("", "192.168.1.7"),
        ("0.0.0.0", "192.168.1.7"),
        ("::", "fd00::7"),
        ("10.8.0.2", "10.8.0.2"),
        ("127.0.0.1", "127.0.0.1"),
        ("fe80::8%eth0", "fe80::8%eth0"),
    ],
)
def test_caller_types_the_first_listening_address(bound: str, expected: str) -> None:
    assert address_to_type(sort_by_usefulness(LAPTOP, ELSEWHERE), bound) == expected


@pytest.mark.parametrize(
    ("bound", "expected"), [("", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("::", "::1")]
)
def test_caller_types_loopback_without_a_network(bound: str, expected: str) -> None:
    assert address_to_type([], bound) == expected


def test_addresses_of_this_computer_can_be_dialled_unchanged() -> None:
    for address in local_addresses():
        assert parse_host(address.address, 5000).host == address.address
        assert not address.address.startswith("127.")


def test_route_to_this_computer_has_its_address() -> None:
    route = route_to("127.0.0.1")
    assert route is not None
    assert route.address == "127.0.0.1"
    assert route.interface.startswith("lo")


def test_unroutable_address_has_no_route() -> None:
    assert route_to("not an address") is None
