"""call/incoming/announcer.py: the addresses of this computer that are announced."""

import socket
from pathlib import Path
from threading import Thread
from typing import ClassVar

import pytest

from call.incoming import announcer
from call.incoming.announcer import Announcer, announced_hosts
from net.link.advertisement import Advertisement
from net.link.local_addresses import LocalAddress
from net.trust.call_code import draw_code
from tests.support.deadline import DEADLINE_S
from tests.support.peer_process import wait_until


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> list[LocalAddress]:
    """Return the list of this computer's addresses, for a test to fill."""
    addresses: list[LocalAddress] = []
    monkeypatch.setattr(announcer, "local_addresses", lambda: addresses)
    return addresses


def set_addresses(own: list[LocalAddress], *addresses: str) -> None:
    for address in addresses:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        own.append(LocalAddress(address, "eth0", family))


def test_every_address_but_link_local_ipv6_is_announced(own: list[LocalAddress]) -> None:
    set_addresses(own, "192.168.1.7", "fd00::7", "fe80::7%eth0")
    for bound in ("", "0.0.0.0", "::"):
        assert announced_hosts(bound) == ("192.168.1.7", "fd00::7")


def test_link_local_ipv4_of_a_direct_cable_is_announced(
    own: list[LocalAddress],
) -> None:
    set_addresses(own, "169.254.3.3", "fe80::7%eth0")
    assert announced_hosts("") == ("169.254.3.3",)


def test_bound_address_is_announced_alone(own: list[LocalAddress]) -> None:
    set_addresses(own, "192.168.1.7", "10.0.0.7")
    assert announced_hosts("10.0.0.7") == ("10.0.0.7",)
    assert announced_hosts("fe80::7%eth0") == ()


def test_loopback_is_announced_without_a_network(own: list[LocalAddress]) -> None:
    assert announced_hosts("") == ("127.0.0.1",)


def test_first_six_of_many_addresses_are_announced(own: list[LocalAddress]) -> None:
    set_addresses(own, *(f"10.0.0.{number}" for number in range(1, 30)))
    assert announced_hosts("") == tuple(f"10.0.0.{number}" for number in range(1, 7))


class FakeAdvertising:
    """The network, as far as it is told."""

    told: ClassVar[list[str]] = []
    withdrawn: ClassVar[list[str]] = []

    def __init__(self, advertisement: Advertisement) -> None:
        self.name = advertisement.name
        self.told.append(self.name)

    def close(self) -> None:
        self.withdrawn.append(self.name)


def test_another_name_is_announced_before_the_next_check(
    own: list[LocalAddress], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(announcer, "CHECK_S", 10 * DEADLINE_S)
    for journal in ("told", "withdrawn"):
        monkeypatch.setattr(FakeAdvertising, journal, [])
    monkeypatch.setattr("net.link.discovery.Advertising", FakeAdvertising)
    set_addresses(own, "192.168.1.7")
    made = Announcer(draw_code(), 5000, "", name="Ann", folder=tmp_path)
    thread = Thread(target=made.run)
    thread.start()
    try:
        wait_until(lambda: FakeAdvertising.told == ["Ann"], "the first name is announced")
        made.rename("Ada")
        wait_until(lambda: FakeAdvertising.told == ["Ann", "Ada"], "the new name is announced")
        assert FakeAdvertising.withdrawn == ["Ann"]
    finally:
        made.close()
        thread.join(DEADLINE_S)
    assert not thread.is_alive()
    assert FakeAdvertising.withdrawn == ["Ann", "Ada"]
