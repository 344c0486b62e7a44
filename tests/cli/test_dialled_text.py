"""`split_dialled` of cli/lobby.py: whom a typed or pasted text calls."""

from pathlib import Path

import pytest

from call.errors import SettingsError
from cli.lobby import split_dialled
from net.trust.known_peers import KnownPeers, PeerDetails
from net.trust.known_peers_file import KNOWN_PEERS_FILE

NAMES = ("Bob", "connect 10.0.0.9", "7 rabbit lamp", "10.0.0.9 7-rabbit-lamp")


@pytest.fixture
def known(tmp_path: Path) -> KnownPeers:
    peers = KnownPeers(tmp_path / KNOWN_PEERS_FILE)
    for number, name in enumerate(NAMES):
        peers.remember(bytes([number]) * 32, PeerDetails(name))
    return peers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("63-glide-lamp", ("63-glide-lamp", None)),
        ("63 glide lamp", ("63-glide-lamp", None)),
        ("  Bob ", ("Bob", None)),
        ("Bob of the shop", ("Bob of the shop", None)),
        ("10.0.0.2:5001", ("10.0.0.2:5001", None)),
        ("10.0.0.2 63-Glide-Lamp", ("10.0.0.2", "63-glide-lamp")),
        ("10.0.0.2:5001 --code 63-glide-lamp", ("10.0.0.2:5001", "63-glide-lamp")),
        ("./visavis connect 63-glide-lamp", ("63-glide-lamp", None)),
        ("python peer.py connect 10.0.0.2 --code 63-glide-lamp", ("10.0.0.2", "63-glide-lamp")),
        ("connect Bob", ("Bob", None)),
        ("connect", ("connect", None)),
    ],
)
def test_code_name_address_and_shown_command_are_understood(
    known: KnownPeers, text: str, expected: tuple[str, str | None]
) -> None:
    assert split_dialled(text, known) == expected


@pytest.mark.parametrize("name", NAMES)
def test_name_of_a_known_peer_is_never_taken_for_somebody_else(
    known: KnownPeers, name: str
) -> None:
    assert split_dialled(name, known) == (name, None)


@pytest.mark.parametrize("text", ["", "  ", "--code"])
def test_nobody_is_not_called(known: KnownPeers, text: str) -> None:
    with pytest.raises(SettingsError, match="Nobody to call"):
        split_dialled(text, known)
