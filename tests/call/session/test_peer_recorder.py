"""call/session/peer_recorder.py: the peers that are stored, and the peers that get our details."""

from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest

from call.remote_peer import RemotePeer
from call.session.peer_recorder import MAX_UPDATES, PeerRecorder
from core.events import Event
from net.link.address import HostPort
from net.protocol.control import Control, Discovery, Hello
from net.trust.known_peers import KnownPeers, PeerDetails
from net.trust.known_peers_file import KNOWN_PEERS_FILE
from ui.view import Trust

OWN, THEIRS = Discovery(b"o" * 32, 5000), Discovery(b"t" * 32, 5002)
KEY = b"k" * 32


class Call:
    """One call's recorder, with what it sent and started."""

    def __init__(self, folder: Path, trust: Trust, *, dialled: bool = False) -> None:
        self.known = KnownPeers(folder / KNOWN_PEERS_FILE)
        self.sent: list[Control] = []
        self.writes = 0
        self.is_slow = False
        """Leave what is to be written to the test."""
        self.waiting: list[Callable[[], None]] = []
        peer = RemotePeer(
            Hello(1, "Bob", bytes(32)),
            "Bob",
            KEY,
            "10.0.0.2",
            trust,
            "four words to read",
            dialled=HostPort("bob.local", 5001) if dialled else None,
        )
        self.reported: list[Event] = []
        self.recorder = PeerRecorder(
            peer, self.known, self._start, self.sent.append, self.reported.append, own=lambda: OWN
        )

    def _start(self, name: str, body: Callable[[], None]) -> None:
        self.writes += 1
        if self.is_slow:
            self.waiting.append(body)
        else:
            body()


@pytest.mark.parametrize("trust", [Trust.CODE, Trust.KNOWN])
def test_proven_peer_is_stored_and_gets_our_details(tmp_path: Path, trust: Trust) -> None:
    call = Call(tmp_path, trust)
    if trust is Trust.KNOWN:
        call.known.remember(KEY, PeerDetails("Bob", host="10.0.0.9"))
    call.recorder.begin()
    assert call.sent == [OWN]
    bob = call.known.by_fingerprint(KEY)
    assert bob is not None
    assert (bob.name, bob.host, bob.port) == ("Bob", "10.0.0.2", 0)
    assert call.recorder.kept_name == "Bob"


def test_details_are_sent_again_after_a_lost_link_and_repetitions_are_not_stored(
    tmp_path: Path,
) -> None:
    call = Call(tmp_path, Trust.CODE)
    call.recorder.introduce_again()
    assert call.sent == []
    call.recorder.begin()
    call.recorder.introduce_again()
    assert call.sent == [OWN, OWN]
    call.recorder.update(THEIRS)
    writes = call.writes
    for _ in range(MAX_UPDATES):
        call.recorder.update(THEIRS)
    assert call.writes == writes
    call.recorder.update(Discovery(b"u" * 32, 5002))
    assert call.writes == writes + 1


def test_called_peer_is_stored_under_the_typed_address(tmp_path: Path) -> None:
    call = Call(tmp_path, Trust.CODE, dialled=True)
    call.recorder.begin()
    assert call.known.by_address("bob.local", 5001) is not None


def test_details_of_the_peer_are_stored(tmp_path: Path) -> None:
    call = Call(tmp_path, Trust.CODE)
    call.recorder.begin()
    call.recorder.update(THEIRS)
    bob = call.known.by_fingerprint(KEY)
    assert bob is not None
    assert (bob.port, bob.discovery_secret) == (5002, THEIRS.secret)


def test_details_that_arrive_before_the_first_write_are_stored(tmp_path: Path) -> None:
    """Threads may begin in any order."""
    call = Call(tmp_path, Trust.CODE)
    call.is_slow = True
    call.recorder.begin()
    call.recorder.update(THEIRS)
    threads = [Thread(target=body, daemon=True) for body in reversed(call.waiting)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    bob = call.known.by_fingerprint(KEY)
    assert bob is not None
    assert bob.discovery_secret == THEIRS.secret


def test_unproven_peer_is_not_stored_and_gets_no_details(tmp_path: Path) -> None:
    call = Call(tmp_path, Trust.NONE)
    call.recorder.begin()
    call.recorder.update(THEIRS)
    assert call.sent == []
    assert call.writes == 0
    assert call.known.all() == []


def test_confirmed_words_store_the_peer(tmp_path: Path) -> None:
    call = Call(tmp_path, Trust.NONE)
    call.recorder.begin()
    call.recorder.update(THEIRS)
    assert call.recorder.confirm()
    assert call.sent == [OWN]
    bob = call.known.by_fingerprint(KEY)
    assert bob is not None
    assert bob.discovery_secret == THEIRS.secret
    assert not call.recorder.confirm(), "once is enough"


def test_repeated_details_write_to_disk_a_few_times_only(tmp_path: Path) -> None:
    call = Call(tmp_path, Trust.CODE)
    call.recorder.begin()
    for _ in range(1000):
        call.recorder.update(THEIRS)
    assert call.writes <= 1 + MAX_UPDATES


def test_peer_forgotten_during_a_call_stays_forgotten(tmp_path: Path) -> None:
    call = Call(tmp_path, Trust.CODE)
    call.recorder.begin()
    call.known.forget("Bob")
    call.recorder.update(THEIRS)
    assert call.known.all() == []


def test_peer_forgotten_before_the_call_stays_forgotten(tmp_path: Path) -> None:
    call = Call(tmp_path, Trust.KNOWN)
    call.recorder.begin()
    assert call.known.all() == []
    assert call.sent == []
