"""Claims about net/link/listening_sockets.py, on loopback or in a network namespace."""

import contextlib
import errno
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from net.errors import AddressUnusable, ListenError, PortTaken
from net.link import listening_sockets
from net.link.listening_sockets import open_listening_sockets

Opener = Callable[[str, int], list[socket.socket]]
RunInNetwork = Callable[[Sequence[str], str], str]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[Opener]:
    """Return a function that opens sockets until the test ends; "all addresses" means loopback."""
    monkeypatch.setattr(listening_sockets, "ALL_ADDRESSES", ("127.0.0.1", "::1"))
    with contextlib.ExitStack() as open_sockets:

        def open_them(address: str, port: int) -> list[socket.socket]:
            sockets = open_listening_sockets(address, port)
            for listening in sockets:
                open_sockets.enter_context(listening)
            return sockets

        yield open_them


def ports(sockets: list[socket.socket]) -> set[int]:
    return {listening.getsockname()[1] for listening in sockets}


def port_of(listening: socket.socket) -> int:
    return int(listening.getsockname()[1])


def without(monkeypatch: pytest.MonkeyPatch, *families: int) -> None:
    """Make sockets of these families fail, as on a computer that lacks them."""

    class Limited(socket.socket):
        def __init__(self, family: int = -1, kind: int = -1) -> None:
            if family in families:
                raise OSError(errno.EAFNOSUPPORT, "not supported")
            super().__init__(family, kind)

    monkeypatch.setattr(socket, "socket", Limited)


def take_ports(monkeypatch: pytest.MonkeyPatch, family: int, *, times: int) -> list[int]:
    """Make the first binds of a family fail, and return the list of failures."""
    failures: list[int] = []

    class Taken(socket.socket):
        def bind(self, address: Any) -> None:
            if self.family == family and len(failures) < times:
                failures.append(family)
                raise OSError(errno.EADDRINUSE, "Address already in use")
            super().bind(address)

    monkeypatch.setattr(socket, "socket", Taken)
    return failures


def test_both_families_listen_on_the_same_free_port(opened: Opener) -> None:
    sockets = opened("", 0)
    assert [s.family for s in sockets] == [socket.AF_INET, socket.AF_INET6]
    assert len(ports(sockets)) == 1
    assert not any(s.getblocking() for s in sockets)
    for listening in sockets:
        with socket.create_connection(listening.getsockname()[:2], timeout=10):
            listening.setblocking(True)
            listening.accept()[0].close()


def test_one_address_gets_one_socket(opened: Opener) -> None:
    (listening,) = opened("127.0.0.1", 0)
    assert listening.getsockname()[0] == "127.0.0.1"


@pytest.mark.parametrize("first", ["", "127.0.0.1", "::1"])
@pytest.mark.parametrize("second", ["", "same"])
def test_second_listener_on_a_port_fails(opened: Opener, first: str, second: str) -> None:
    port = port_of(opened(first, 0)[0])
    with pytest.raises(PortTaken) as caught:
        opened(first if second else "", port)
    assert str(port) in caught.value.sentence
    assert "--port 0" in caught.value.next_step


def test_port_taken_in_one_family_leaves_the_other_family_free(opened: Opener) -> None:
    port = port_of(opened("::1", 0)[0])
    with pytest.raises(PortTaken):
        opened("", port)
    opened("127.0.0.1", port)  # The socket opened before the failure was closed.


def test_another_free_port_is_tried_if_the_other_family_has_it(
    opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = take_ports(monkeypatch, socket.AF_INET6, times=2)
    assert len(opened("", 0)) == 2
    assert failures == [socket.AF_INET6] * 2


def test_search_for_a_free_port_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    failures = take_ports(monkeypatch, socket.AF_INET, times=1_000)
    with pytest.raises(PortTaken):
        open_listening_sockets("", 0)
    assert 1 < len(failures) < 100


@pytest.mark.parametrize(
    ("missing", "left"),
    [(socket.AF_INET6, socket.AF_INET), (socket.AF_INET, socket.AF_INET6)],
)
def test_missing_family_is_left_out(
    opened: Opener, monkeypatch: pytest.MonkeyPatch, missing: int, left: int
) -> None:
    without(monkeypatch, missing)
    assert [s.family for s in opened("", 0)] == [left]


def test_computer_without_any_family_is_an_error(
    opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    without(monkeypatch, socket.AF_INET, socket.AF_INET6)
    with pytest.raises(AddressUnusable, match="neither IPv4 nor IPv6"):
        opened("", 0)


@pytest.mark.parametrize(
    "address", ["203.0.113.77", "2001:db8::77", "alice.local", "fe80::1", "fe80::1%nope0", "[::1]"]
)
def test_address_of_another_computer_is_unusable(opened: Opener, address: str) -> None:
    with pytest.raises(AddressUnusable) as caught:
        opened(address, 0)
    assert address in caught.value.sentence
    assert caught.value.next_step


def test_port_can_be_reused_while_old_connections_linger(opened: Opener) -> None:
    (listening,) = opened("127.0.0.1", 0)
    port = port_of(listening)
    with socket.create_connection(("127.0.0.1", port), timeout=10) as caller:
        listening.setblocking(True)
        listening.accept()[0].close()  # The side that closes first enters TIME_WAIT.
        assert caller.recv(1) == b""
    listening.close()
    assert ports(opened("127.0.0.1", port)) == {port}


def forbid(monkeypatch: pytest.MonkeyPatch) -> None:
    class Forbidden(socket.socket):
        def bind(self, address: object) -> None:
            raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(socket, "socket", Forbidden)


def test_privileged_port_is_not_reported_as_taken(
    opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbid(monkeypatch)
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(ListenError, match="administrator") as caught:
        opened("127.0.0.1", 80)
    assert not isinstance(caught.value, PortTaken)


def test_forbidden_port_on_windows_is_reported_as_taken(
    opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbid(monkeypatch)
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(socket, "SO_EXCLUSIVEADDRUSE", socket.SO_REUSEADDR, raising=False)
    with pytest.raises(PortTaken):
        opened("127.0.0.1", 5000)


def test_airplay_is_named_for_port_5000_on_a_mac(
    opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Taken(socket.socket):
        def bind(self, address: object) -> None:
            raise OSError(errno.EADDRINUSE, "Address already in use")

    monkeypatch.setattr(socket, "socket", Taken)
    monkeypatch.setattr(sys, "platform", "darwin")
    for port, is_named in ((5000, True), (5001, False)):
        with pytest.raises(PortTaken) as caught:
            opened("127.0.0.1", port)
        assert ("AirPlay" in caught.value.next_step) == is_named


if sys.platform == "linux":

    def test_all_addresses_of_a_computer_accept_connections(run_in_network: RunInNetwork) -> None:
        code = """
            import socket
            from net.link.listening_sockets import open_listening_sockets
            sockets = open_listening_sockets("", 5000)
            for address in ("127.0.0.1", "10.77.0.1", "::1", "fd77::1"):
                socket.create_connection((address, 5000), timeout=10).close()
            print(len(sockets))
        """
        commands = [
            "link set lo up",
            "address add 10.77.0.1/24 dev lo",
            "address add fd77::1/64 dev lo nodad",
        ]
        assert run_in_network(commands, code) == "2\n"

    @pytest.mark.parametrize(
        ("family", "address", "only_ipv6"),
        [
            ("AF_INET", "0.0.0.0", None),
            ("AF_INET", "127.0.0.1", None),
            ("AF_INET6", "::", 1),
            ("AF_INET6", "::", 0),
            ("AF_INET6", "::1", 1),
        ],
    )
    def test_port_held_on_some_addresses_is_taken(
        run_in_network: RunInNetwork, family: str, address: str, only_ipv6: int | None
    ) -> None:
        code = f"""
            import socket
            from net.errors import PortTaken
            from net.link.listening_sockets import open_listening_sockets
            holder = socket.socket(socket.{family})
            holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if {only_ipv6} is not None:
                holder.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, {only_ipv6})
            holder.bind(({address!r}, 5000))
            holder.listen()
            try:
                open_listening_sockets("", 5000)
            except PortTaken:
                print("taken")
        """
        assert run_in_network(["link set lo up"], code) == "taken\n"
