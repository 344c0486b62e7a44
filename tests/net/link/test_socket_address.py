"""net/link/socket_address.py: texts of digits become what sockets take."""

import socket

import pytest

from net.link.socket_address import SocketAddress, lacks_zone, looked_up, numeric_address


def test_an_address_is_taken_as_it_is() -> None:
    assert numeric_address("192.168.1.7", 5) == SocketAddress(socket.AF_INET, ("192.168.1.7", 5))
    assert numeric_address("::1", 5) == SocketAddress(socket.AF_INET6, ("::1", 5, 0, 0))


@pytest.mark.parametrize("name", ["localhost", "alice.local", "1.2.3", "", "[::1]"])
def test_a_name_is_no_address(name: str) -> None:
    assert numeric_address(name, 5) is None


def test_a_zone_becomes_the_number_of_its_interface() -> None:
    number, name = socket.if_nameindex()[0]
    expected = SocketAddress(socket.AF_INET6, ("fe80::1", 5, 0, number))
    assert numeric_address(f"fe80::1%{name}", 5) == expected
    assert numeric_address(f"fe80::1%{number}", 5) == expected


def test_a_zone_that_is_no_interface_is_an_os_error() -> None:
    with pytest.raises(OSError, match=r"interface|device|Errno"):
        numeric_address("fe80::1%no-such-one", 5)


def test_only_a_link_local_address_needs_a_zone() -> None:
    assert lacks_zone("fe80::1")
    assert not lacks_zone("fe80::1%eth0")
    assert not lacks_zone("fd00::1")
    assert not lacks_zone("169.254.0.1")
    assert not lacks_zone("fe80.example")


def test_localhost_is_found_on_loopback() -> None:
    found = looked_up("localhost", 5)
    assert {address.sockaddr[1] for address in found} == {5}
    assert {str(address) for address in found} <= {"127.0.0.1", "::1"}
