"""Remote peer: the identity of the other peer, and the proof of it. Pure: values only."""

import msgspec

from core.safe_text import shown_name
from net.link.address import HostPort
from net.protocol.control import Hello
from net.protocol.handshake import Handshake
from net.trust.known_peers import KnownPeer
from net.trust.reading_words import reading_words
from ui.view import PeerView, Trust


class RemotePeer(msgspec.Struct, frozen=True):
    """The other peer of a link that has come to its ring.

    Attributes:
        hello: its first message.
        name: its name for itself, cleaned; never empty.
        words: the words that both users can compare.
        known_as: this user's name for it; "" if it is not known.
        namesake: the known peer that has the same name and another key, or "".
        is_own: whether it has our own key, as both ends of a demo do.
        dialled: the address that the user called, or that discovery found; None for a caller.
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
    dialled: HostPort | None = None

    @property
    def needs_words(self) -> bool:
        """True if only a comparison of the words can prove its identity."""
        return self.trust is Trust.NONE and not self.is_own

    @property
    def view(self) -> PeerView:
        """The values that the user sees."""
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
        """This user's name for it if it is known, otherwise its own."""
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
    """Return the other peer of a handshake that has come to its ring.

    Args:
        known: the known peer with its key.
        namesake: the known peer with its name and another key.
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
