"""net/trust/known_peers.py: real files; what is fake says so."""

import json
import os
import stat
from pathlib import Path

import pytest

from net.trust import private_files
from net.trust.known_peers import FILE_NAME, MAX_PEERS, KnownPeers, News

ALICE, BOB, CAROL = (bytes([number]) * 32 for number in (1, 2, 3))
SECRET = b"s" * 32


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / FILE_NAME


@pytest.fixture
def peers(path: Path) -> KnownPeers:
    return KnownPeers(path)


def test_nothing_is_made_before_there_is_somebody_to_know(peers: KnownPeers) -> None:
    assert peers.all() == []
    assert peers.by_fingerprint(ALICE) is None
    assert peers.by_name("Alice") is None
    assert not peers.path.parent.exists()


def test_who_is_remembered_is_found_by_key_name_and_address(peers: KnownPeers) -> None:
    alice = peers.remember(
        ALICE, News("Alice", host="192.168.1.7", port=5001, discovery_secret=SECRET)
    )
    for known in (KnownPeers(peers.path), peers):
        assert known.by_fingerprint(ALICE) == alice
        assert known.by_name(" alice") == alice
        assert known.by_address("192.168.1.7", 5001) == alice
        assert known.by_address("192.168.1.7", 5000) is None
        assert known.by_fingerprint(BOB) is None
    assert alice.discovery_secret == SECRET


def test_what_is_not_said_again_stays(peers: KnownPeers) -> None:
    peers.remember(ALICE, News("Alice", host="192.168.1.7", port=5001, discovery_secret=SECRET))
    alice = peers.remember(ALICE, News("", host="10.0.0.7"))
    assert (alice.name, alice.host, alice.port) == ("Alice", "10.0.0.7", 5001)
    assert alice.discovery_secret == SECRET


def test_a_new_name_of_its_own_is_learnt(peers: KnownPeers) -> None:
    peers.remember(ALICE, News("Alice"))
    assert peers.remember(ALICE, News("Alice Liddell")).name == "Alice Liddell"


def test_a_name_that_this_user_gave_stays(peers: KnownPeers) -> None:
    peers.remember(ALICE, News("Alice"))
    peers.rename("alice", "Mum")
    alice = peers.remember(ALICE, News("Alice L."))
    assert (alice.name, alice.given, alice.label) == ("Mum", "Alice L.", "Mum (Alice L.)")


def test_two_of_one_name_are_told_apart(peers: KnownPeers) -> None:
    assert peers.remember(ALICE, News("Alice")).name == "Alice"
    assert peers.remember(BOB, News("alice")).name == "alice 2"
    assert peers.remember(CAROL, News("Alice")).name == "Alice 3"
    assert peers.remember(BOB, News("alice")).name == "alice 2"


def test_a_long_name_that_is_taken_stays_within_bounds(peers: KnownPeers) -> None:
    peers.remember(ALICE, News("x" * 64))
    assert len(peers.remember(BOB, News("x" * 64)).name) <= 64
    assert len(KnownPeers(peers.path).all()) == 2


def test_an_address_belongs_to_whoever_was_there_last(peers: KnownPeers) -> None:
    peers.remember(ALICE, News("Alice", host="192.168.1.7", port=5000))
    peers.remember(BOB, News("Bob", host="192.168.1.7", port=5000))
    found = peers.by_address("192.168.1.7", 5000)
    assert found is not None
    assert found.name == "Bob"


def test_who_is_forgotten_is_unknown(peers: KnownPeers) -> None:
    peers.remember(ALICE, News("Alice"))
    peers.remember(BOB, News("Bob"))
    assert peers.forget("ALICE").fingerprint == ALICE
    assert [peer.name for peer in KnownPeers(peers.path).all()] == ["Bob"]
    with pytest.raises(KeyError):
        peers.forget("Alice")


def test_a_name_is_not_given_twice(peers: KnownPeers) -> None:
    peers.remember(ALICE, News("Alice"))
    peers.remember(BOB, News("Bob"))
    with pytest.raises(ValueError, match="Bob is somebody else already"):
        peers.rename("Alice", "bob")
    assert peers.rename("Alice", "ALICE").name == "ALICE"


@pytest.mark.parametrize("name", ["", "  ", "x" * 65, "a\nb", "\x1b[31m"])
def test_what_is_no_name_is_refused(peers: KnownPeers, name: str) -> None:
    peers.remember(ALICE, News("Alice"))
    with pytest.raises(ValueError, match="a name has"):
        peers.rename("Alice", name)


@pytest.mark.parametrize("name", ["10.0.0.7", "bob:5000", "7-otter-lamp", "::1"])
def test_nobody_is_renamed_to_what_means_a_place(peers: KnownPeers, name: str) -> None:
    peers.remember(ALICE, News("Alice"))
    with pytest.raises(ValueError, match="taken for an address or a code"):
        peers.rename("Alice", name)


def test_nobody_cannot_be_renamed(peers: KnownPeers) -> None:
    with pytest.raises(KeyError):
        peers.rename("Alice", "Bob")


@pytest.mark.skipif(os.name != "posix", reason="there are no mode bits")
def test_only_the_owner_can_use_the_file(peers: KnownPeers) -> None:
    peers.remember(ALICE, News("Alice"))
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
def test_a_damaged_file_is_moved_aside_and_said_so(
    peers: KnownPeers, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    peers.path.parent.mkdir()
    peers.path.write_bytes(content)
    assert peers.all() == []
    assert peers.path.read_bytes() == content, "reading alone changes nothing"
    peers.remember(BOB, News("Bob"))
    assert peers.path.with_name(f"{FILE_NAME}.damaged-1").read_bytes() == content
    assert [peer.name for peer in peers.all()] == ["Bob"]
    assert "They need a code again" in caplog.text


def test_where_nothing_can_be_written_a_peer_is_known_while_the_program_runs(
    peers: KnownPeers, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(path: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(private_files, "make_folder", refuse)
    peers.remember(ALICE, News("Alice"))
    assert peers.by_fingerprint(ALICE) is not None
    assert "cannot be kept" in caplog.text
    with pytest.raises(PermissionError):
        peers.forget("Alice")


def test_of_too_many_the_one_that_called_longest_ago_goes(
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
    peers.remember(bytes(32), News("first again"))
    peers.remember(b"z" * 32, News("new"))
    assert len(peers.all()) == MAX_PEERS
    assert peers.by_fingerprint(first.fingerprint) is not None
    assert peers.by_fingerprint((1).to_bytes(32, "big")) is None
    assert "is known no more: there are too many" in caplog.text


@pytest.mark.parametrize(
    "given", ["192.168.1.20", "fe80::1", "192.168.1.20:5000", "host:5000", "7-a-b", "7-A-b"]
)
def test_nobody_is_called_what_stands_for_a_computer_or_a_code(
    peers: KnownPeers, given: str
) -> None:
    assert peers.remember(ALICE, News(given)).name == f"peer {given}"
    assert peers.by_name(given) is None


@pytest.mark.parametrize("given", ["J.Smith", "bob.local", "Dr. Who", "anna on laptop", "R2-D2"])
def test_a_name_stays_a_name(peers: KnownPeers, given: str) -> None:
    assert peers.remember(ALICE, News(given)).name == given


def test_only_who_is_known_is_updated(peers: KnownPeers) -> None:
    assert peers.update(ALICE, News("Alice")) is None
    assert peers.all() == []
    peers.remember(ALICE, News("Alice"))
    updated = peers.update(ALICE, News("Alice", host="10.0.0.7"))
    assert updated is not None
    assert updated.host == "10.0.0.7"


def test_a_namesake_is_somebody_else_by_either_name(peers: KnownPeers) -> None:
    peers.remember(ALICE, News("Alice"))
    peers.rename("Alice", "Mum")
    for name in ("mum", "ALICE", "\uff21lice"):
        found = peers.namesake(name, BOB)
        assert found is not None
        assert found.fingerprint == ALICE
        assert peers.namesake(name, ALICE) is None
    assert peers.namesake("Bob", BOB) is None


def test_a_damaged_file_is_mended_before_anybody_relies_on_it(
    peers: KnownPeers, caplog: pytest.LogCaptureFixture
) -> None:
    peers.mend()
    assert not peers.path.parent.exists(), "there was nothing to mend"
    peers.remember(ALICE, News("Alice"))
    peers.path.write_bytes(b"{")
    peers.mend()
    assert "They need a code again" in caplog.text
