"""net/trust/known_peers.py: real files; what is fake says so."""

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from net.trust import private_files
from net.trust.known_peers import FILE_NAME, MAX_PEERS, KnownPeer, KnownPeers, News

ALICE, BOB, CAROL = (bytes([number]) * 32 for number in (1, 2, 3))
SECRET = b"s" * 32


def remember(peers: KnownPeers, fingerprint: bytes, news: News) -> KnownPeer:
    """Remember somebody, and see that it was written."""
    peer = peers.remember(fingerprint, news)
    assert peer is not None
    return peer


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
    alice = remember(
        peers, ALICE, News("Alice", host="192.168.1.7", port=5001, discovery_secret=SECRET)
    )
    for known in (KnownPeers(peers.path), peers):
        assert known.by_fingerprint(ALICE) == alice
        assert known.by_name(" alice") == alice
        assert known.by_address("192.168.1.7", 5001) == alice
        assert known.by_address("192.168.1.7", 5000) is None
        assert known.by_fingerprint(BOB) is None
    assert alice.discovery_secret == SECRET


def test_what_is_not_said_again_stays(peers: KnownPeers) -> None:
    remember(peers, ALICE, News("Alice", host="192.168.1.7", port=5001, discovery_secret=SECRET))
    alice = remember(peers, ALICE, News("", host="10.0.0.7"))
    assert (alice.name, alice.host, alice.port) == ("Alice", "10.0.0.7", 5001)
    assert alice.discovery_secret == SECRET


def test_nobody_renames_itself(peers: KnownPeers) -> None:
    """Else whoever is known could take the name of a computer, or of somebody forgotten."""
    remember(peers, ALICE, News("Alice"))
    alice = remember(peers, ALICE, News("printer.local"))
    assert (alice.name, alice.label) == ("Alice", "Alice (printer.local)")
    assert peers.by_name("printer.local") is None


def test_a_name_that_this_user_gave_stays(peers: KnownPeers) -> None:
    remember(peers, ALICE, News("Alice"))
    peers.rename("alice", "Mum")
    alice = remember(peers, ALICE, News("Alice L."))
    assert (alice.name, alice.given, alice.label) == ("Mum", "Alice L.", "Mum (Alice L.)")


def test_two_of_one_name_are_told_apart(peers: KnownPeers) -> None:
    assert remember(peers, ALICE, News("Alice")).name == "Alice"
    assert remember(peers, BOB, News("alice")).name == "alice 2"
    assert remember(peers, CAROL, News("Alice")).name == "Alice 3"
    assert remember(peers, BOB, News("alice")).name == "alice 2"


def test_a_long_name_that_is_taken_stays_within_bounds(peers: KnownPeers) -> None:
    remember(peers, ALICE, News("x" * 64))
    assert len(remember(peers, BOB, News("x" * 64)).name) <= 64
    assert len(KnownPeers(peers.path).all()) == 2


PLACE, THERE_TOO = ("192.168.1.7", 5000), "::ffff:192.168.1.7"


def test_an_address_belongs_to_whoever_was_reached_there_last(peers: KnownPeers) -> None:
    remember(peers, ALICE, News("Alice", *PLACE))
    remember(peers, BOB, News("Bob", THERE_TOO, 5000, was_reached=True))
    found = peers.by_address(*PLACE)
    assert found is not None
    assert found.name == "Bob"


def test_who_only_says_to_listen_at_an_address_drives_nobody_from_it(peers: KnownPeers) -> None:
    remember(peers, ALICE, News("Alice", *PLACE))
    remember(peers, BOB, News("Bob", "10.0.0.9", 5001))
    bob = remember(peers, BOB, News("Bob", THERE_TOO, 5000, SECRET))
    assert (bob.host, bob.port, bob.discovery_secret) == ("10.0.0.9", 5001, SECRET)
    found = peers.by_address(*PLACE)
    assert found is not None
    assert found.name == "Alice"


def test_two_who_only_called_from_one_address_are_both_kept_there(peers: KnownPeers) -> None:
    """They have said no port yet, or never listen."""
    remember(peers, ALICE, News("Alice", PLACE[0]))
    assert remember(peers, BOB, News("Bob", PLACE[0])).host == PLACE[0]


def test_a_new_address_with_the_port_of_before_drives_nobody_away(peers: KnownPeers) -> None:
    remember(peers, ALICE, News("Alice", *PLACE))
    remember(peers, BOB, News("Bob", "10.0.0.9", 5000))
    assert remember(peers, BOB, News("Bob", PLACE[0])).host == "10.0.0.9"


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
def test_a_place_is_found_however_it_is_spelt(peers: KnownPeers, kept: str, typed: str) -> None:
    remember(peers, ALICE, News("Alice", kept, 5000))
    assert peers.by_address(typed, 5000) is not None
    assert peers.by_address(typed, 5001) is None


def test_who_is_forgotten_is_unknown(peers: KnownPeers) -> None:
    remember(peers, ALICE, News("Alice"))
    remember(peers, BOB, News("Bob"))
    assert peers.forget("ALICE").fingerprint == ALICE
    assert [peer.name for peer in KnownPeers(peers.path).all()] == ["Bob"]
    with pytest.raises(KeyError):
        peers.forget("Alice")


def test_a_name_is_not_given_twice(peers: KnownPeers) -> None:
    remember(peers, ALICE, News("Alice"))
    remember(peers, BOB, News("Bob"))
    with pytest.raises(ValueError, match="Bob is somebody else already"):
        peers.rename("Alice", "bob")
    assert peers.rename("Alice", "ALICE").name == "ALICE"


@pytest.mark.parametrize("name", ["", "  ", "x" * 65, "a\nb", "\x1b[31m"])
def test_what_is_no_name_is_refused(peers: KnownPeers, name: str) -> None:
    remember(peers, ALICE, News("Alice"))
    with pytest.raises(ValueError, match="a name has"):
        peers.rename("Alice", name)


@pytest.mark.parametrize("name", ["10.0.0.7", "bob:5000", "7-otter-lamp", "::1"])
def test_nobody_is_renamed_to_what_means_a_place(peers: KnownPeers, name: str) -> None:
    remember(peers, ALICE, News("Alice"))
    with pytest.raises(ValueError, match="taken for an address or a code"):
        peers.rename("Alice", name)


def test_nobody_cannot_be_renamed(peers: KnownPeers) -> None:
    with pytest.raises(KeyError):
        peers.rename("Alice", "Bob")


@pytest.mark.skipif(os.name != "posix", reason="there are no mode bits")
def test_only_the_owner_can_use_the_file(peers: KnownPeers) -> None:
    remember(peers, ALICE, News("Alice"))
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
    remember(peers, BOB, News("Bob"))
    assert peers.path.with_name(f"{FILE_NAME}.damaged-1").read_bytes() == content
    assert [peer.name for peer in peers.all()] == ["Bob"]
    assert "They need a code again" in caplog.text


def test_where_nothing_can_be_written_nobody_is_known(
    peers: KnownPeers, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(path: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(private_files, "make_folder", refuse)
    assert peers.remember(ALICE, News("Alice")) is None
    assert peers.by_fingerprint(ALICE) is None, "or it could not be forgotten"
    assert "cannot be kept" in caplog.text


@pytest.mark.skipif(os.name != "posix", reason="there are no pipes among files")
@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["folder", "pipe"])
def test_what_is_no_file_is_said_and_waited_for_by_nobody(
    peers: KnownPeers, make: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    peers.path.parent.mkdir()
    make(peers.path)
    assert peers.all() == []
    with pytest.raises(OSError, match=r"directory|no file"):
        peers.check()
    peers.mend()
    assert "cannot be kept" in caplog.text


@pytest.mark.skipif(os.name != "posix", reason="there are no mode bits")
def test_a_folder_that_may_not_be_looked_into_is_no_fault(
    peers: KnownPeers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **options: object) -> os.stat_result:
        raise PermissionError(13, "Permission denied")

    remember(peers, ALICE, News("Alice"))
    monkeypatch.setattr(os, "stat", refuse)
    peers.mend()


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
    remember(peers, bytes(32), News("first again"))
    remember(peers, b"z" * 32, News("new"))
    assert len(peers.all()) == MAX_PEERS
    assert peers.by_fingerprint(first.fingerprint) is not None
    assert peers.by_fingerprint((1).to_bytes(32, "big")) is None
    assert "is known no more: there are too many" in caplog.text


@pytest.mark.parametrize(
    "given",
    [
        *("192.168.1.20", "fe80::1", "192.168.1.20:5000", "host:5000", "7-a-b", "7-A-b"),
        *("\uff11\uff19\uff12.0.0.1", "host\uff1a5000", "localhost", "LOCALHOST.localdomain"),
    ],
)
def test_nobody_is_called_what_stands_for_a_computer_or_a_code(
    peers: KnownPeers, given: str
) -> None:
    assert remember(peers, ALICE, News(given)).name == f"peer {given}"
    assert peers.by_name(given) is None


@pytest.mark.parametrize("given", ["J.Smith", "bob.local", "Dr. Who", "anna on laptop", "R2-D2"])
def test_a_name_stays_a_name(peers: KnownPeers, given: str) -> None:
    assert remember(peers, ALICE, News(given)).name == given


def test_only_who_is_known_is_updated(peers: KnownPeers) -> None:
    assert peers.update(ALICE, News("Alice")) is None
    assert peers.all() == []
    remember(peers, ALICE, News("Alice"))
    updated = peers.update(ALICE, News("Alice", host="10.0.0.7"))
    assert updated is not None
    assert updated.host == "10.0.0.7"


def test_a_namesake_is_somebody_else_by_either_name(peers: KnownPeers) -> None:
    remember(peers, ALICE, News("Alice"))
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
    remember(peers, ALICE, News("Alice"))
    peers.path.write_bytes(b"{")
    peers.mend()
    assert "They need a code again" in caplog.text
