"""net/link/local_addresses.py: the order on invented machines; the rest on this one."""

import random
import socket

import pytest

from net.link.address import parse_host
from net.link.local_addresses import LocalAddress, address_to_type, by_usefulness, local_addresses


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


def test_the_address_of_the_default_route_comes_first() -> None:
    assert names(by_usefulness(LAPTOP, ["10.8.0.2"]))[0] == "10.8.0.2"
    assert names(by_usefulness(LAPTOP, ELSEWHERE))[0] == "192.168.1.7"


def test_ipv4_comes_before_ipv6_and_virtual_networks_last() -> None:
    ordered = names(by_usefulness(random.Random(7).sample(LAPTOP, len(LAPTOP)), ELSEWHERE))
    assert ordered[:4] == ["192.168.1.7", "10.8.0.2", "fd00::7", "2001:db8:5::7"]
    assert ordered[4] == "169.254.3.4"
    assert ordered[5:7] == ["fe80::7%wlan0", "fe80::8%eth0"]
    assert set(ordered[7:9]) == {"172.17.0.1", "192.168.122.1"}
    assert ordered[9:] == ["fe80::9%docker0"]


def test_without_a_default_route_the_order_is_the_systems() -> None:
    assert names(by_usefulness(LAPTOP, []))[:2] == ["192.168.1.7", "10.8.0.2"]


def test_loopback_is_left_out() -> None:
    found = [own("127.0.0.1", "lo"), own("::1", "lo"), own("127.0.0.53", "lo")]
    assert by_usefulness(found, []) == []


def test_a_link_local_address_has_its_zone() -> None:
    (address,) = by_usefulness([own("fe80::7", "en0")], [])
    assert address.address == "fe80::7%en0"


def test_an_address_that_two_sources_name_comes_once() -> None:
    assert len(by_usefulness([*LAPTOP, *LAPTOP], [])) == len(LAPTOP)


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
def test_a_caller_types_the_first_address_that_is_listened_on(bound: str, expected: str) -> None:
    assert address_to_type(by_usefulness(LAPTOP, ELSEWHERE), bound) == expected


@pytest.mark.parametrize(
    ("bound", "expected"), [("", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("::", "::1")]
)
def test_without_a_network_a_caller_types_loopback(bound: str, expected: str) -> None:
    assert address_to_type([], bound) == expected


def test_the_addresses_of_this_machine_can_be_dialled_as_they_are() -> None:
    for address in local_addresses():
        assert parse_host(address.address, 5000).host == address.address
        assert not address.address.startswith("127.")
