"""Claims about net/trust/known_peers.py, with real files."""

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from net.trust import private_files
from net.trust.known_peers import MAX_PEERS, KnownPeer, KnownPeers, PeerDetails
from net.trust.known_peers_file import KNOWN_PEERS_FILE

ALICE, BOB, CAROL = (bytes([number]) * 32 for number in (1, 2, 3))
SECRET = b"s" * 32


def remember(peers: KnownPeers, fingerprint: bytes, details: PeerDetails) -> KnownPeer:
    """Remember a peer, and check that it was saved."""
    peer = peers.remember(fingerprint, details)
    assert peer is not None
    return peer


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / KNOWN_PEERS_FILE


@pytest.fixture
def peers(path: Path) -> KnownPeers:
    return KnownPeers(path)


def test_no_file_is_made_before_the_first_peer(peers: KnownPeers) -> None:
    assert peers.all() == []
    assert peers.by_fingerprint(ALICE) is None
    assert peers.by_name("Alice") is None
    assert not peers.path.parent.exists()


def test_remembered_peer_is_found_by_key_name_and_address(peers: KnownPeers) -> None:
    alice = remember(
        peers, ALICE, PeerDetails("Alice", host="192.168.1.7", port=5001, discovery_secret=SECRET)
    )
    for known in (KnownPeers(peers.path), peers):
        assert known.by_fingerprint(ALICE) == alice
        assert known.by_name(" alice") == alice
        assert known.by_address("192.168.1.7", 5001) == alice
        assert known.by_address("192.168.1.7", 5000) is None
        assert known.by_fingerprint(BOB) is None
    assert alice.discovery_secret == SECRET


def test_unknown_details_leave_the_old_values(peers: KnownPeers) -> None:
    remember(
        peers, ALICE, PeerDetails("Alice", host="192.168.1.7", port=5001, discovery_secret=SECRET)
    )
    alice = remember(peers, ALICE, PeerDetails("", host="10.0.0.7"))
    assert (alice.name, alice.host, alice.port) == ("Alice", "10.0.0.7", 5001)
    assert alice.discovery_secret == SECRET


def test_peer_cannot_rename_itself(peers: KnownPeers) -> None:
    """Otherwise a known peer could take the name of a computer, or of a forgotten peer."""
    remember(peers, ALICE, PeerDetails("Alice"))
    alice = remember(peers, ALICE, PeerDetails("printer.local"))
    assert (alice.name, alice.label) == ("Alice", "Alice (printer.local)")
    assert peers.by_name("printer.local") is None


def test_name_given_by_the_user_stays(peers: KnownPeers) -> None:
    remember(peers, ALICE, PeerDetails("Alice"))
    peers.rename("alice", "Mum")
    alice = remember(peers, ALICE, PeerDetails("Alice L."))
    assert (alice.name, alice.given, alice.label) == ("Mum", "Alice L.", "Mum (Alice L.)")


def test_peers_of_one_name_get_numbers(peers: KnownPeers) -> None:
    assert remember(peers, ALICE, PeerDetails("Alice")).name == "Alice"
    assert remember(peers, BOB, PeerDetails("alice")).name == "alice 2"
    assert remember(peers, CAROL, PeerDetails("Alice")).name == "Alice 3"
    assert remember(peers, BOB, PeerDetails("alice")).name == "alice 2"


def test_numbered_name_stays_within_the_maximum(peers: KnownPeers) -> None:
    remember(peers, ALICE, PeerDetails("x" * 64))
    assert len(remember(peers, BOB, PeerDetails("x" * 64)).name) <= 64
    assert len(KnownPeers(peers.path).all()) == 2


ADDRESS, SAME_HOST = ("192.168.1.7", 5000), "::ffff:192.168.1.7"


def test_address_belongs_to_the_peer_last_reached_there(peers: KnownPeers) -> None:
    remember(peers, ALICE, PeerDetails("Alice", *ADDRESS))
    remember(peers, BOB, PeerDetails("Bob", SAME_HOST, 5000, was_reached=True))
    found = peers.by_address(*ADDRESS)
    assert found is not None
    assert found.name == "Bob"


def test_claimed_address_never_replaces_another_peers(peers: KnownPeers) -> None:
    remember(peers, ALICE, PeerDetails("Alice", *ADDRESS))
    remember(peers, BOB, PeerDetails("Bob", "10.0.0.9", 5001))
    bob = remember(peers, BOB, PeerDetails("Bob", SAME_HOST, 5000, SECRET))
    assert (bob.host, bob.port, bob.discovery_secret) == ("10.0.0.9", 5001, SECRET)
    found = peers.by_address(*ADDRESS)
    assert found is not None
    assert found.name == "Alice"


def test_two_peers_may_share_a_host_without_a_port(peers: KnownPeers) -> None:
    """They have not sent a port yet, or never listen."""
    remember(peers, ALICE, PeerDetails("Alice", ADDRESS[0]))
    assert remember(peers, BOB, PeerDetails("Bob", ADDRESS[0])).host == ADDRESS[0]


def test_new_host_with_the_old_port_never_replaces_another_peers_address(peers: KnownPeers) -> None:
    remember(peers, ALICE, PeerDetails("Alice", *ADDRESS))
    remember(peers, BOB, PeerDetails("Bob", "10.0.0.9", 5000))
    assert remember(peers, BOB, PeerDetails("Bob", ADDRESS[0])).host == "10.0.0.9"


@pytest.mark.parametrize(
    ("kept", "typed"),
    [
        ("::1", "0::1"),
        ("::1", "::0001"),
        ("::1", "::1%lo"),
        ("fe80::1%eth0", "fe80::1"),
        ("192.168.1.7", "::ffff:192.168.1.7"),
        ("bob.local", "Bob.local."),
    ],
)
def test_address_is_found_in_every_spelling(peers: KnownPeers, kept: str, typed: str) -> None:
    remember(peers, ALICE, PeerDetails("Alice", kept, 5000))
    assert peers.by_address(typed, 5000) is not None
    assert peers.by_address(typed, 5001) is None


def test_forgotten_peer_is_unknown(peers: KnownPeers) -> None:
    remember(peers, ALICE, PeerDetails("Alice"))
    remember(peers, BOB, PeerDetails("Bob"))
    assert peers.forget("ALICE").fingerprint == ALICE
    assert [peer.name for peer in KnownPeers(peers.path).all()] == ["Bob"]
    with pytest.raises(KeyError):
        peers.forget("Alice")


def test_rename_refuses_a_taken_name(peers: KnownPeers) -> None:
    remember(peers, ALICE, PeerDetails("Alice"))
    remember(peers, BOB, PeerDetails("Bob"))
    with pytest.raises(ValueError, match="already know a Bob"):
        peers.rename("Alice", "bob")
    assert peers.rename("Alice", "ALICE").name == "ALICE"


@pytest.mark.parametrize("name", ["", "  ", "x" * 65, "a\nb", "\x1b[31m"])
def test_rename_refuses_an_invalid_name(peers: KnownPeers, name: str) -> None:
    remember(peers, ALICE, PeerDetails("Alice"))
    with pytest.raises(ValueError, match="A name has"):
        peers.rename("Alice", name)


@pytest.mark.parametrize("name", ["10.0.0.7", "bob:5000", "7-otter-lamp", "::1"])
def test_rename_refuses_a_name_like_an_address_or_a_code(peers: KnownPeers, name: str) -> None:
    remember(peers, ALICE, PeerDetails("Alice"))
    with pytest.raises(ValueError, match="looks like an address or a call code"):
        peers.rename("Alice", name)


def test_rename_of_an_unknown_peer_is_a_key_error(peers: KnownPeers) -> None:
    with pytest.raises(KeyError):
        peers.rename("Alice", "Bob")


@pytest.mark.skipif(os.name != "posix", reason="there are no mode bits")
def test_only_the_owner_can_use_the_file(peers: KnownPeers) -> None:
    remember(peers, ALICE, PeerDetails("Alice"))
    assert stat.S_IMODE(peers.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(peers.path.parent.stat().st_mode) == 0o700


KEY = ALICE.hex()
DAMAGED = (
    b"",
    b"{",
    b'{"version": 2, "peers": {}}',
    b'{"version": 1, "peers": {"00": {"name": "A", "given": "A"}}}',
    b'{"version": 1, "peers": {"%s": {"name": "", "given": "A"}}}' % KEY.encode(),
    b'{"version": 1, "peers": {"%s": {"name": "A"}}}' % KEY.encode(),
    b'{"version": 1, "peers": {"%s": {"name": "A", "given": "A", "port": 70000}}}' % KEY.encode(),
    b'{"version": 1, "peers": {"%s": {"name": "A", "given": "A", "discovery_secret": "00"}}}'
    % KEY.encode(),
)


@pytest.mark.parametrize("content", DAMAGED, ids=range(len(DAMAGED)))
def test_damaged_file_is_moved_aside_with_a_warning(
    peers: KnownPeers, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    peers.path.parent.mkdir()
    peers.path.write_bytes(content)
    assert peers.all() == []
    assert peers.path.read_bytes() == content, "reading must change nothing"
    remember(peers, BOB, PeerDetails("Bob"))
    assert peers.path.with_name(f"{KNOWN_PEERS_FILE}.damaged-1").read_bytes() == content
    assert [peer.name for peer in peers.all()] == ["Bob"]
    assert "They need a call code again" in caplog.text


def test_peer_that_cannot_be_saved_is_not_known(
    peers: KnownPeers, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(path: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(private_files, "make_folder", refuse)
    assert peers.remember(ALICE, PeerDetails("Alice")) is None
    assert peers.by_fingerprint(ALICE) is None, "it could never be forgotten"
    assert "cannot be saved" in caplog.text


@pytest.mark.skipif(os.name != "posix", reason="there are no pipes among files")
@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["folder", "pipe"])
def test_folder_or_pipe_instead_of_the_file_is_reported_without_waiting(
    peers: KnownPeers, make: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    peers.path.parent.mkdir()
    make(peers.path)
    assert peers.all() == []
    with pytest.raises(OSError, match=r"directory|not a regular file"):
        peers.check()
    peers.move_aside_if_damaged()
    assert "cannot be saved" in caplog.text


@pytest.mark.skipif(os.name != "posix", reason="there are no mode bits")
def test_damage_check_tolerates_an_inaccessible_folder(
    peers: KnownPeers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **options: object) -> os.stat_result:
        raise PermissionError(13, "Permission denied")

    remember(peers, ALICE, PeerDetails("Alice"))
    monkeypatch.setattr(os, "stat", refuse)
    peers.move_aside_if_damaged()


def test_peer_with_the_oldest_call_is_dropped_beyond_the_maximum(
    peers: KnownPeers, caplog: pytest.LogCaptureFixture
) -> None:
    entries = {
        number.to_bytes(32, "big").hex(): {"name": f"{number}{'例' * 60}", "given": "例" * 64}
        | {"host": "例" * 300, "port": 65_535, "discovery_secret": SECRET.hex()}
        for number in range(MAX_PEERS)
    }
    peers.path.parent.mkdir()
    peers.path.write_text(json.dumps({"version": 1, "peers": entries}, ensure_ascii=False))
    first = peers.all()[0]
    remember(peers, bytes(32), PeerDetails("first again"))
    remember(peers, b"z" * 32, PeerDetails("new"))
    assert len(peers.all()) == MAX_PEERS
    assert peers.by_fingerprint(first.fingerprint) is not None
    assert peers.by_fingerprint((1).to_bytes(32, "big")) is None
    assert "was forgotten: you know more than 500 peers" in caplog.text


@pytest.mark.parametrize(
    "given",
    [
        *("192.168.1.20", "fe80::1", "192.168.1.20:5000", "host:5000", "7-a-b", "7-A-b"),
        *("\uff11\uff19\uff12.0.0.1", "host\uff1a5000", "localhost", "LOCALHOST.localdomain"),
    ],
)
def test_first_name_never_looks_like_an_address_or_a_code(peers: KnownPeers, given: str) -> None:
    assert remember(peers, ALICE, PeerDetails(given)).name == f"peer {given}"
    assert peers.by_name(given) is None


@pytest.mark.parametrize("given", ["J.Smith", "bob.local", "Dr. Who", "anna on laptop", "R2-D2"])
def test_ordinary_name_is_kept_unchanged(peers: KnownPeers, given: str) -> None:
    assert remember(peers, ALICE, PeerDetails(given)).name == given


def test_update_changes_only_known_peers(peers: KnownPeers) -> None:
    assert peers.update(ALICE, PeerDetails("Alice")) is None
    assert peers.all() == []
    remember(peers, ALICE, PeerDetails("Alice"))
    updated = peers.update(ALICE, PeerDetails("Alice", host="10.0.0.7"))
    assert updated is not None
    assert updated.host == "10.0.0.7"


def test_namesake_matches_either_name_of_another_peer(peers: KnownPeers) -> None:
    remember(peers, ALICE, PeerDetails("Alice"))
    peers.rename("Alice", "Mum")
    for name in ("mum", "ALICE", "\uff21lice"):
        found = peers.namesake(name, BOB)
        assert found is not None
        assert found.fingerprint == ALICE
        assert peers.namesake(name, ALICE) is None
    assert peers.namesake("Bob", BOB) is None


def test_damaged_file_is_moved_aside_on_request(
    peers: KnownPeers, caplog: pytest.LogCaptureFixture
) -> None:
    peers.move_aside_if_damaged()
    assert not peers.path.parent.exists(), "there was nothing to move aside"
    remember(peers, ALICE, PeerDetails("Alice"))
    peers.path.write_bytes(b"{")
    peers.move_aside_if_damaged()
    assert "They need a call code again" in caplog.text
