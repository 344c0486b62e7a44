"""Both ends of a TLS session in memory."""

import ssl

from net.link.tls import TlsStream

Contexts = tuple[ssl.SSLContext, ssl.SSLContext]
Ends = tuple[TlsStream, TlsStream]


def ends_of(contexts: Contexts) -> Ends:
    """Return a caller and a listener before their handshake."""
    caller, listener = contexts
    return TlsStream(caller, server_side=False), TlsStream(listener, server_side=True)


def carry(sender: TlsStream, receiver: TlsStream) -> None:
    """Feed the sender's outgoing bytes to the receiver."""
    receiver.feed(sender.take_outgoing())


def shake_hands(ends: Ends) -> Ends:
    """Complete the handshake, and return the ends."""
    caller, listener = ends
    for _ in range(5):
        is_complete = caller.handshake()
        carry(caller, listener)
        is_complete &= listener.handshake()
        carry(listener, caller)
        if is_complete:
            return ends
    raise AssertionError("the handshake has no end")
