"""What can go wrong between two peers.

    NetError
     +-- DialError                nothing was reached
     |    +-- HostUnknown         the name has no address
     |    +-- NobodyListens       the machine is there and refuses
     |    +-- NoReply             nothing came back within the limit
     |    +-- NotFound            nobody of that code or name listens on this network
     |    +-- DiscoveryFailed     this network cannot be searched
     |    +-- DialCancelled       we gave up ourselves
     +-- ListenError              we cannot listen
     |    +-- PortTaken           another program, or another peer, has the port
     |    +-- AddressUnusable     the address to listen on is not one of this machine
     +-- NotOurProtocol           what answered speaks no `visavis/1` over TLS 1.3
     +-- ProtocolError            the other side broke the protocol
     |    +-- ProofWrong          it did not prove to have its key on this link
     +-- NotTrusted               it did not prove to be who was meant
     +-- LinkLost                 the link ended without a bye
     +-- IdentityError            our own key cannot be read or made

Each carries a sentence for the person and the next step; the log has the rest.
"""

from core.errors import ReportedError


class NetError(ReportedError):
    """Any failure in this package."""


class DialError(NetError):
    """The other side was not reached."""


class HostUnknown(DialError):
    """The name has no address."""


class NobodyListens(DialError):
    """The machine answered, and refused: no program listens on that port."""


class NoReply(DialError):
    """Nothing came back within the limit."""


class NotFound(DialError):
    """Nobody with that code or of that name listens on this network."""


class DiscoveryFailed(DialError):
    """This network cannot be searched, or nothing can be said on it."""


class DialCancelled(DialError):
    """We gave up ourselves, before there was an answer."""


class ListenError(NetError):
    """We cannot take calls."""


class PortTaken(ListenError):
    """The port is in use."""


class AddressUnusable(ListenError):
    """The address to listen on is not one of this machine's."""


class NotOurProtocol(NetError):
    """Something answered that does not speak our protocol."""


class ProtocolError(NetError):
    """The other side broke the protocol; the sentence says how."""


class ProofWrong(ProtocolError):
    """The caller's proof is not one for this link."""


class NotTrusted(NetError):
    """The other side did not prove to be whom our person meant."""


class LinkLost(NetError):
    """The link ended without a bye."""


class IdentityError(NetError):
    """Our own key cannot be read or made."""
