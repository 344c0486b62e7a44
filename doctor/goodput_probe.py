"""One measurement of goodput with a listener over a connection. Never rings.

Blocks for at most `net/link/goodput_run.py`'s limit in each direction.
"""

import selectors
import socket
from functools import partial

import msgspec

from call.local_peer import LocalPeer
from core.clock import now_us
from doctor.path_probe import leave
from net.errors import LinkLost, NoReply
from net.link.goodput_run import CALLER_LIMIT_US, GoodputRun
from net.link.pending_link import PendingLink
from net.link.pending_socket import PendingSocket
from net.link.tls import TlsStream, client_context
from net.protocol.control import Bye
from net.protocol.goodput import goodput_bps
from net.protocol.handshake import Handshake
from net.protocol.states import State
from net.trust.identity import fingerprint_of

FILLERS_AT_ONCE = 4
"""The most filler between two looks at what the listener says."""
WAIT_S = 0.1
"""The resolution of the time limits."""


class Goodput(msgspec.Struct, frozen=True):
    """A measurement that came to its end, or a refusal.

    Attributes:
        send_bps, receive_bps: of bytes that arrived; None if not measured, or if too few arrived.
        refusal: the reason of the listener, one of `Reason` or any other text; "" for none.
        wait_s: seconds after which another attempt makes sense; 0 if waiting does not help.
        is_supported: whether the listener's program can measure.
    """

    send_bps: int | None = None
    receive_bps: int | None = None
    refusal: str = ""
    wait_s: int = 0
    is_supported: bool = True


def measure_goodput(sock: socket.socket, local_peer: LocalPeer, expected: bytes) -> Goodput:
    """Measure over a connected socket, one direction after the other, and close the socket.

    Args:
        expected: the fingerprint of the listener.
    Raises:
        NotTrusted: another listener answers; it is told nothing.
        NotOurProtocol, ProtocolError, LinkLost: it breaks the protocol or the link.
        NoReply: a direction has taken too long.
    """
    stream = TlsStream(client_context(), server_side=False)
    link = PendingLink(
        stream, partial(_begin, local_peer=local_peer, expected=expected), opened_us=now_us()
    )
    connection = PendingSocket(sock, link)
    run = GoodputRun(link, now_us(), limit_us=CALLER_LIMIT_US)
    try:
        link.start()
        with selectors.DefaultSelector() as selector:
            selector.register(connection, selectors.EVENT_READ)
            while link.state not in (State.MEASURED, State.ENDED):
                _step(selector, connection, run)
        result = _result(link, run)
        if link.state is State.MEASURED or (link.handshake and link.handshake.bye_reason):
            link.send(Bye())
        leave(connection)
        return result
    finally:
        connection.close()


def _begin(tls: TlsStream, *, local_peer: LocalPeer, expected: bytes) -> Handshake:
    certificate = tls.peer_certificate_der()
    assert certificate is not None  # A TLS 1.3 server always shows one.
    return local_peer.as_caller(
        fingerprint_of(certificate), code=None, expected=expected, wants_goodput=True
    )


def _step(
    selector: selectors.BaseSelector, connection: PendingSocket[Handshake], run: GoodputRun
) -> None:
    """Send what the system accepts now, and wait for the link once."""
    link = connection.link
    if run.is_late(now_us()):
        raise NoReply("A second of data did not arrive within several")
    connection.flush()
    for _ in range(FILLERS_AT_ONCE):
        if not run.fill(now_us()):
            break
        connection.flush()
    wanted = selectors.EVENT_READ
    if link.outgoing or run.is_sending:
        wanted |= selectors.EVENT_WRITE
    selector.modify(connection, wanted)
    for _, events in selector.select(WAIT_S):
        if events & selectors.EVENT_READ and (data := connection.read()) is not None:
            link.receive_data(data, now_us())
            run.on_received(now_us())


def _result(link: PendingLink[Handshake], run: GoodputRun) -> Goodput:
    handshake = link.handshake
    assert handshake is not None  # The state has changed.
    if handshake.rejection is not None:
        return Goodput(refusal=handshake.rejection, wait_s=handshake.wait_s)
    hello = handshake.peer_hello
    if hello is not None and hello.measures_goodput is not True:
        return Goodput(is_supported=False)
    sent = handshake.goodput_report
    if link.state is State.MEASURED and sent is not None:
        return Goodput(send_bps=goodput_bps(sent), receive_bps=goodput_bps(run.received))
    if not handshake.bye_reason:
        raise LinkLost("The other side hung up")
    return Goodput(refusal=handshake.bye_reason)
