"""call/outgoing/callee_verifier.py: the callee's key must be the expected one."""

from pathlib import Path
from unittest.mock import MagicMock

import pytest

from call.local_peer import LocalPeer
from call.outgoing.callee_verifier import CalleeVerifier
from call.outgoing.resolver import Candidate
from net.errors import NotTrusted
from net.link.address import HostPort
from net.link.tls import TlsStream
from net.trust.identity import Identity, load_or_make_identity
from net.trust.known_peers import KnownPeers, PeerDetails
from net.trust.known_peers_file import KNOWN_PEERS_FILE

TARGET = HostPort("10.0.0.2", 5000)


class Caller:
    """A caller that knows Bob."""

    def __init__(self, folder: Path) -> None:
        self.bob, self.eve = (
            load_or_make_identity(folder / "bob"),
            load_or_make_identity(folder / "eve"),
        )
        self.known = KnownPeers(folder / KNOWN_PEERS_FILE)
        self.known.remember(self.bob.fingerprint, PeerDetails("Bob"))
        self._verifier = CalleeVerifier(
            LocalPeer(load_or_make_identity(folder / "ann"), "Ann", [], []), self.known
        )

    def meet(self, callee: Identity, *, is_bob_expected: bool = True) -> None:
        """Begin a handshake with a callee."""
        tls = MagicMock(spec=TlsStream)
        tls.peer_certificate_der.return_value = callee.certificate_der
        expected = self.known.by_fingerprint(self.bob.fingerprint) if is_bob_expected else None
        self._verifier.begin_handshake(Candidate(TARGET, expected=expected), tls)


def test_expected_peer_is_greeted(tmp_path: Path) -> None:
    caller = Caller(tmp_path)
    caller.meet(caller.bob)


def test_any_key_is_greeted_if_none_is_expected(tmp_path: Path) -> None:
    caller = Caller(tmp_path)
    caller.meet(caller.eve, is_bob_expected=False)


def test_unknown_key_is_not_the_expected_peer(tmp_path: Path) -> None:
    caller = Caller(tmp_path)
    with pytest.raises(NotTrusted, match="is not the Bob you know"):
        caller.meet(caller.eve)


def test_another_known_peer_is_named(tmp_path: Path) -> None:
    caller = Caller(tmp_path)
    caller.known.remember(caller.eve.fingerprint, PeerDetails("Eve"))
    with pytest.raises(NotTrusted, match=r"Eve answers at 10\.0\.0\.2:5000 now, not Bob"):
        caller.meet(caller.eve)
