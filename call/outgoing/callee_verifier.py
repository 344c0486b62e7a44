"""Callee verifier: the caller's side of trust. Dial thread.

It opens a handshake with our credentials, turns away a callee with the wrong key before anything is
sent to it, and describes the callee that rings.
"""

from call.local_peer import LocalPeer
from call.outgoing.resolver import Candidate
from call.remote_peer import RemotePeer, remote_peer_of
from core.program import COMMAND
from core.safe_text import shown_name
from net.errors import NotTrusted
from net.link.address import HostPort
from net.link.tls import TlsStream
from net.protocol.handshake import Handshake
from net.trust.identity import fingerprint_of
from net.trust.known_peers import KnownPeer, KnownPeers


class CalleeVerifier:
    """Verifies the callees of one run.

    Args:
        known: the peers that this user knows.
    """

    def __init__(self, local_peer: LocalPeer, known: KnownPeers) -> None:
        self._local_peer = local_peer
        self._known = known

    def begin_handshake(self, candidate: Candidate, tls: TlsStream) -> Handshake:
        """Return a new handshake with the candidate at the other end of a TLS stream.

        Raises:
            NotTrusted: its key is not the expected one.
        """
        certificate = tls.peer_certificate_der()
        assert certificate is not None  # A TLS 1.3 server always shows one.
        fingerprint = fingerprint_of(certificate)
        expected = candidate.expected
        try:
            return self._local_peer.as_caller(
                fingerprint,
                code=candidate.code,
                expected=expected.fingerprint if expected is not None else None,
            )
        except NotTrusted as error:
            assert expected is not None
            raise self._explain_wrong_key(candidate.target, expected, fingerprint) from error

    def _explain_wrong_key(
        self, target: HostPort, expected: KnownPeer, fingerprint: bytes
    ) -> NotTrusted:
        other = self._known.by_fingerprint(fingerprint)
        if other is not None:
            return NotTrusted(
                f"{other.name} answers at {target} now, not {expected.name}",
                f"call {other.name} by name, or ask {expected.name} for the present address",
            )
        return NotTrusted(
            f"The program at {target} is not the {expected.name} you know: it has another key",
            f"if {expected.name} has set up this program again, ask for a code and call with it,"
            f" after `{COMMAND} known forget {expected.name}`; else somebody pretends to be them",
        )

    def remote_peer(self, candidate: Candidate, handshake: Handshake, address: str) -> RemotePeer:
        """Return the callee of a handshake that has come to its ring.

        Args:
            address: the callee's IP address.
        """
        return remote_peer_of(
            handshake,
            address,
            self._known.by_fingerprint(handshake.peer_fingerprint),
            self._known.namesake(shown_name(handshake.peer_name), handshake.peer_fingerprint),
            own_fingerprint=self._local_peer.identity.fingerprint,
            dialled=HostPort(address, candidate.target.port)
            if candidate.is_advertised
            else candidate.target,
        )
