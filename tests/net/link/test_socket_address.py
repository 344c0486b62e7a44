"""Claims about net/link/socket_address.py."""

import socket

import pytest

from net.link.socket_address import SocketAddress, lacks_zone, look_up, parse_numeric


def test_numeric_address_is_parsed() -> None:
    assert parse_numeric("192.168.1.7", 5) == SocketAddress(socket.AF_INET, ("192.168.1.7", 5))
    assert parse_numeric("::1", 5) == SocketAddress(socket.AF_INET6, ("::1", 5, 0, 0))


@pytest.mark.parametrize("name", ["localhost", "alice.local", "1.2.3", "", "[::1]"])
def test_name_is_not_a_numeric_address(name: str) -> None:
    assert parse_numeric(name, 5) is None


def test_zone_becomes_its_interface_number() -> None:
    number, name = socket.if_nameindex()[0]
    expected = SocketAddress(socket.AF_INET6, ("fe80::1", 5, 0, number))
    assert parse_numeric(f"fe80::1%{name}", 5) == expected
    assert parse_numeric(f"fe80::1%{number}", 5) == expected


def test_unknown_zone_is_an_os_error() -> None:
    with pytest.raises(OSError, match=r"interface|device|Errno"):
        parse_numeric("fe80::1%no-such-one", 5)


def test_only_link_local_ipv6_addresses_need_a_zone() -> None:
    assert lacks_zone("fe80::1")
    assert not lacks_zone("fe80::1%eth0")
    assert not lacks_zone("fd00::1")
    assert not lacks_zone("169.254.0.1")
    assert not lacks_zone("fe80.example")


def test_localhost_resolves_to_loopback() -> None:
    found = look_up("localhost", 5)
    assert {address.sockaddr[1] for address in found} == {5}
    assert {str(address) for address in found} <= {"127.0.0.1", "::1"}
