"""Addresses at which a listener is reached from its own computer."""

import pytest

from tests.support.peer_process import Peer, StartPeer


@pytest.fixture(scope="module")
def listener(start_shared: StartPeer) -> Peer:
    """Start one listener for all addresses."""
    return start_shared("listen", "--accept")


@pytest.mark.parametrize(
    "host",
    [
        ("127.0.0.1:{port}",),
        ("127.0.0.1", "--port", "{port}"),
        ("localhost:{port}",),
        ("[::1]:{port}",),
        ("::1", "--port={port}"),
    ],
    ids=" ".join,
)
def test_listener_is_reached_from_its_own_computer(
    host: tuple[str, ...], listener: Peer, start: StartPeer
) -> None:
    words = [word.format(port=listener.port) for word in host]
    assert start("connect", *words, "--duration=0.2").wait() == 0


def test_listener_is_reached_at_its_printed_address(start: StartPeer) -> None:
    listener = start("listen", "--accept", "--once")
    assert listener.port
    address = listener.out.removeprefix("Listening on ").strip()
    assert start("connect", address, "--duration=0.2").wait() == 0
    assert listener.wait() == 0


def test_listener_on_one_address_is_reached_only_there(start: StartPeer) -> None:
    listener = start("listen", "--accept", "--once", "--set=listen.address=::1")
    port = listener.port
    assert listener.out == f"Listening on [::1]:{port}\n"
    assert start("connect", f"127.0.0.1:{port}").wait() == 3
    assert start("connect", f"[::1]:{port}", "--duration=0.2").wait() == 0
    assert listener.wait() == 0
