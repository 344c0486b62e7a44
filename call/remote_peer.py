"""The remote peer: who is at the other end, and how we know. Pure: values only."""

from dataclasses import dataclass

from core.safe_text import shown_name
from net.link.address import HostPort
from net.protocol.control import Hello
from net.protocol.handshake import Handshake
from net.trust.known_peers import KnownPeer
from net.trust.reading_words import reading_words
from ui.view import PeerView, Trust


@dataclass(frozen=True, slots=True)
class RemotePeer:
    """The other side of a link that has come to its ring.

    Attributes:
        hello: what it said first.
        name: as it gives it, cleaned; never empty.
        address: where it is.
        words: what both sides' people can read to each other.
        known_as: what this user calls it, where it is known.
        namesake: whom this user knows by the same name and another key, or nothing.
    """

    hello: Hello
    name: str
    fingerprint: bytes
    address: str
    trust: Trust
    words: str
    known_as: str = ""
    namesake: str = ""
    is_own: bool = False
    """It has our own key, as both ends of a demo do."""
    dialled: HostPort | None = None
    """Where it listens, if we called it: what the person typed, or what was found."""

    @property
    def needs_words(self) -> bool:
        """Whether people have to compare words to know who it is."""
        return self.trust is Trust.NONE and not self.is_own

    @property
    def view(self) -> PeerView:
        """What a person sees of it."""
        return PeerView(
            self.name,
            self.address,
            self.trust,
            self.known_as,
            self.namesake,
            self.is_own,
            self.words,
        )

    @property
    def display_name(self) -> str:
        """How this user knows it."""
        return self.view.display_name


def remote_peer_of(
    handshake: Handshake,
    address: str,
    known: KnownPeer | None,
    namesake: KnownPeer | None,
    *,
    own_fingerprint: bytes,
    dialled: HostPort | None = None,
) -> RemotePeer:
    """Return the other side of a handshake that has come to its ring.

    Args:
        known: the peer with that key.
        namesake: somebody else whom this user knows by that name.
    """
    assert handshake.peer_hello is not None
    if handshake.is_code_proven:
        trust = Trust.CODE
    elif known is not None:
        trust = Trust.KNOWN
    else:
        trust = Trust.NONE
    return RemotePeer(
        handshake.peer_hello,
        shown_name(handshake.peer_name),
        handshake.peer_fingerprint,
        address,
        trust,
        reading_words(handshake.session_digest),
        known.name if known is not None else "",
        namesake.name if namesake is not None else "",
        handshake.peer_fingerprint == own_fingerprint,
        dialled,
    )
