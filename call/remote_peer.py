"""Who is at the other end, and how we know. Pure: values only."""

from dataclasses import dataclass
from enum import Enum

from core.safe_text import shown_name
from net.link.address import HostPort
from net.protocol.control import Hello
from net.protocol.handshake import Handshake
from net.trust.known_peers import KnownPeer
from net.trust.reading_words import reading_words


class Trust(Enum):
    """By what the other side has proven who it is."""

    CODE = "code"
    """It knows the call code."""
    KNOWN = "known"
    """It has the key of somebody whom this user knows."""
    NONE = "none"
    """By nothing, until people have compared the words."""


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
    def called(self) -> str:
        """Return how people know it: under the name that this user has for it, if any."""
        if self.known_as in ("", self.name):
            return self.name
        return f"{self.known_as} ({self.name})"

    @property
    def proof(self) -> str:
        """Return how we know who it is, as half a sentence."""
        match self.trust:
            case Trust.CODE | Trust.KNOWN if self.known_as == self.name:
                return "whom you know"
            case Trust.CODE if self.known_as:
                return f"whom you know as {self.known_as}"
            case Trust.CODE if self.namesake:
                return f"who knows the code, and is not the {self.namesake} you know"
            case Trust.CODE:
                return "who knows the code"
            case Trust.KNOWN if self.namesake:
                return f"whom you know as {self.known_as}, and not the {self.namesake} you know"
            case Trust.KNOWN:
                return f"whom you know as {self.known_as}"
            case _ if self.is_own:
                return "with the key of this computer"
            case _ if self.namesake:
                return f"not the {self.namesake} you know: nobody has proven who that is"
            case _:
                return "nobody has proven who that is"


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
    assert handshake.peer is not None
    if handshake.is_code_proven:
        trust = Trust.CODE
    elif known is not None:
        trust = Trust.KNOWN
    else:
        trust = Trust.NONE
    return RemotePeer(
        handshake.peer,
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
