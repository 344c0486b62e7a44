"""call/remote_peer.py: the trust and the names of the other peer."""

from pathlib import Path

import pytest

from call.remote_peer import RemotePeer, remote_peer_of
from net.protocol.control import Hello, decode_control
from net.protocol.handshake import Handshake
from net.protocol.states import Role
from net.trust.identity import Identity, load_or_make_identity
from net.trust.known_peers import KnownPeer
from tests.support.local_ends import local_end
from ui.view import PeerView, Trust

HELLO = Hello(1, "Alice", bytes(32))


def other(
    trust: Trust, *, known_as: str = "", namesake: str = "", is_own: bool = False
) -> RemotePeer:
    return RemotePeer(
        HELLO, "Alice", b"a" * 32, "10.0.0.2", trust, "w o r d", known_as, namesake, is_own
    )


def test_view_has_the_values_of_the_peer() -> None:
    assert other(Trust.CODE, known_as="Mum", namesake="Alice").view == PeerView(
        "Alice", "10.0.0.2", Trust.CODE, "Mum", "Alice", words="w o r d"
    )


def test_only_an_unproven_peer_needs_words() -> None:
    assert other(Trust.NONE).needs_words
    assert not other(Trust.NONE, is_own=True).needs_words
    assert not other(Trust.CODE).needs_words
    assert not other(Trust.KNOWN, known_as="Alice").needs_words


@pytest.fixture(scope="module")
def identities(tmp_path_factory: pytest.TempPathFactory) -> tuple[Identity, Identity]:
    """Return the caller's and the callee's identity."""
    return (
        load_or_make_identity(tmp_path_factory.mktemp("caller")),
        load_or_make_identity(tmp_path_factory.mktemp("callee")),
    )


def rung(caller: Identity, callee: Identity, name: str) -> tuple[Handshake, Handshake]:
    """Return both ends of a handshake by signature that has come to where it may ring."""
    ends = {
        role: Handshake(
            role,
            local_end(own, name if role is Role.CALLER else "Bob"),
            nonce=role.value.encode().ljust(32, b"."),
            callee_fingerprint=callee.fingerprint,
        )
        for role, own in ((Role.CALLER, caller), (Role.CALLEE, callee))
    }
    waiting = [(Role.CALLEE, raw) for raw in ends[Role.CALLER].start()]
    while waiting:
        to, raw = waiting.pop(0)
        control = decode_control(raw)
        assert control is not None
        back = Role.CALLER if to is Role.CALLEE else Role.CALLEE
        waiting += [(back, answer) for answer in ends[to].receive(control, raw)]
    return ends[Role.CALLER], ends[Role.CALLEE]


def test_both_ends_of_a_link_have_the_same_words(
    identities: tuple[Identity, Identity], tmp_path: Path
) -> None:
    caller, callee = identities
    ours, theirs = rung(caller, callee, "Alice")
    seen = [
        remote_peer_of(end, "10.0.0.2", None, None, own_fingerprint=own.fingerprint)
        for end, own in ((ours, caller), (theirs, callee))
    ]
    assert seen[0].words == seen[1].words
    assert len(seen[0].words.split()) == 4
    assert [one.trust for one in seen] == [Trust.NONE, Trust.NONE]
    assert [one.name for one in seen] == ["Bob", "Alice"]


def test_known_key_is_known_under_any_name(
    identities: tuple[Identity, Identity],
) -> None:
    caller, callee = identities
    _, end = rung(caller, callee, "\x1b[2JMallory\u202e")
    known = KnownPeer(caller.fingerprint, "Alice", "Alice", "", 0, b"")
    seen = remote_peer_of(end, "10.0.0.2", known, None, own_fingerprint=callee.fingerprint)
    assert (seen.trust, seen.known_as, seen.name) == (Trust.KNOWN, "Alice", "[2JMallory")


def test_own_key_is_marked_as_own(identities: tuple[Identity, Identity]) -> None:
    caller, _ = identities
    _, end = rung(caller, caller, "me")
    seen = remote_peer_of(end, "127.0.0.1", None, None, own_fingerprint=caller.fingerprint)
    assert seen.is_own
    assert not seen.needs_words


def test_invisible_name_becomes_somebody(identities: tuple[Identity, Identity]) -> None:
    caller, callee = identities
    _, end = rung(caller, callee, "\u200b \x07")
    seen = remote_peer_of(end, "10.0.0.2", None, None, own_fingerprint=callee.fingerprint)
    assert seen.name == "Somebody"
