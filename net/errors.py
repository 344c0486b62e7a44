"""The errors of this package. Pure: values only.

    NetError
     +-- DialError                no peer was reached
     |    +-- HostUnknown         the name has no address
     |    +-- NobodyListens       the computer refused: no program listens on the port
     |    +-- NoReply             nothing answered within the time limit
     |    +-- NotFound            no listener with this code or name on this network
     |    +-- DiscoveryFailed     this network cannot be searched
     |    +-- DialCancelled       this side gave up
     +-- ListenError              this computer cannot listen
     |    +-- PortTaken           another program or peer has the port
     |    +-- AddressUnusable     the address to listen on is not one of this computer's
     +-- NotOurProtocol           the other program does not speak `visavis/1` over TLS 1.3
     +-- ProtocolError            the peer broke the protocol
     |    +-- ProofWrong          the peer's signature does not match this link
     +-- NotTrusted               the peer is not the one that the user meant to call
     +-- LinkLost                 the link ended without a bye
     +-- IdentityError            this installation's key cannot be read or created

Each error carries a sentence for the user and, where there is one, the next step. The log has the
details.
"""

from collections.abc import Mapping, Sequence

from core.errors import ReportedError

_SAME_VERSION = "make sure that both sides run the same version of this program"


class NetError(ReportedError):
    """The base class of this package's errors."""


class DialError(NetError):
    """No peer was reached."""


class HostUnknown(DialError):
    """The name has no address."""


class NobodyListens(DialError):
    """The computer refused the connection: no program listens on that port."""


class NoReply(DialError):
    """Nothing answered within the time limit."""


class NotFound(DialError):
    """No listener with that code or name was found on this network.

    Args:
        unknown_words: the words of the code that are on no list, each with similar words.
    """

    def __init__(
        self,
        sentence: str,
        next_step: str = "",
        *,
        unknown_words: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        super().__init__(sentence, next_step)
        self.unknown_words = unknown_words or {}


class DiscoveryFailed(DialError):
    """This network cannot be searched, or this peer cannot be announced on it."""


class DialCancelled(DialError):
    """This side gave up before an answer came."""


class ListenError(NetError):
    """This computer cannot listen for calls."""


class PortTaken(ListenError):
    """Another program or peer uses the port."""


class AddressUnusable(ListenError):
    """The address to listen on is not one of this computer's."""


class NotOurProtocol(NetError):
    """The other program does not speak our protocol."""


class ProtocolError(NetError):
    """The peer broke the protocol; the sentence says how."""

    def __init__(self, sentence: str, next_step: str = _SAME_VERSION) -> None:
        super().__init__(sentence, next_step)


class ProofWrong(ProtocolError):
    """The caller's signature does not match this link."""


class NotTrusted(NetError):
    """The peer did not prove that it is the one that the user meant to call."""


class LinkLost(NetError):
    """The link ended without a bye."""


class IdentityError(NetError):
    """This installation's key cannot be read or created."""
