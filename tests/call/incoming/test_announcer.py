"""call/incoming/announcer.py: which addresses are said, and that a change is."""

import socket

import pytest

from call.incoming import announcer
from call.incoming.announcer import announced_hosts
from net.link.local_addresses import LocalAddress


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> list[LocalAddress]:
    """The addresses of this computer, to be filled."""
    addresses: list[LocalAddress] = []
    monkeypatch.setattr(announcer, "local_addresses", lambda: addresses)
    return addresses


def have(own: list[LocalAddress], *addresses: str) -> None:
    for address in addresses:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        own.append(LocalAddress(address, "eth0", family))


def test_all_addresses_that_mean_the_same_everywhere_are_said(own: list[LocalAddress]) -> None:
    have(own, "192.168.1.7", "fd00::7", "fe80::7%eth0")
    for bound in ("", "0.0.0.0", "::"):
        assert announced_hosts(bound) == ("192.168.1.7", "fd00::7")


def test_two_computers_on_a_cable_have_addresses_though_nobody_gave_them_any(
    own: list[LocalAddress],
) -> None:
    have(own, "169.254.3.3", "fe80::7%eth0")
    assert announced_hosts("") == ("169.254.3.3",)


def test_the_one_that_is_bound_is_said_alone(own: list[LocalAddress]) -> None:
    have(own, "192.168.1.7", "10.0.0.7")
    assert announced_hosts("10.0.0.7") == ("10.0.0.7",)
    assert announced_hosts("fe80::7%eth0") == ()


def test_without_a_network_this_computer_is_still_found_by_itself(own: list[LocalAddress]) -> None:
    assert announced_hosts("") == ("127.0.0.1",)


def test_a_computer_with_many_addresses_says_the_most_useful(own: list[LocalAddress]) -> None:
    have(own, *(f"10.0.0.{number}" for number in range(1, 30)))
    assert announced_hosts("") == tuple(f"10.0.0.{number}" for number in range(1, 7))
