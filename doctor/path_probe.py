"""One probe of a listener over a connection: TLS, a padded hello, its answer. Never rings.

Blocks for at most its time limit. `net/protocol/probe.py` says what is sent.
"""

import contextlib
import secrets
import selectors
import socket
from dataclasses import dataclass

from core.clock import Deadline, now_us
from net.errors import LinkLost, NoReply
from net.link.address import HostPort
from net.link.connector import connection_error, start_connection
from net.link.pending_link import H, PendingLink
from net.link.pending_socket import PendingSocket
from net.link.socket_address import SocketAddress
from net.link.tcp_info import read_round_trip
from net.link.tls import TlsStream, client_context
from net.protocol.probe import Probe
from net.trust.identity import fingerprint_of

LIMIT_S = 4.0
"""A lost segment is sent again after 0.2, 0.6, 1.4 and 3 s."""
CONNECT_S = 6.0
DRAIN_S = 0.5
NO_MORE = "It takes no other connection"
_IP_MTU = {socket.AF_INET: (socket.IPPROTO_IP, 14), socket.AF_INET6: (socket.IPPROTO_IPV6, 24)}
"""IP_MTU and IPV6_MTU of Linux, which Python does not name."""


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """The findings of one probe.

    Attributes:
        fingerprint: of the listener's certificate; b"" if TLS did not complete.
        version: of its protocol; None if no hello came.
        name: its name for itself, unproven; often "".
        round_trip_us: of TCP, where the system tells; else of the hello.
        mtu_bytes: the largest packet of the path, as far as the system knows; None elsewhere.
    """

    fingerprint: bytes
    version: int | None
    name: str
    round_trip_us: int | None
    mtu_bytes: int | None


def probe_path(
    sock: socket.socket, target: HostPort, *, padding_bytes: int, limit_s: float = LIMIT_S
) -> ProbeResult:
    """Probe a listener over a connected socket, and close that.

    Raises:
        NotOurProtocol, ProtocolError, LinkLost: it is no listener of ours.
        NoReply: it did not even answer TLS.
    """
    certificates: list[bytes] = []

    def begin(tls: TlsStream) -> Probe:
        certificate = tls.peer_certificate_der()
        assert certificate is not None  # A TLS 1.3 server always shows one.
        certificates.append(certificate)
        return Probe(name="", nonce=secrets.token_bytes(32), padding_bytes=padding_bytes)

    stream = TlsStream(client_context(), server_side=False)
    link: PendingLink[Probe] = PendingLink(stream, begin, opened_us=now_us())
    connection = PendingSocket(sock, link)
    try:
        link.start()
        sent_us = now_us()
        _exchange(connection, limit_s)
        answer = link.handshake.answer if link.handshake is not None else None
        if not certificates:
            raise NoReply(f"{target} accepted the connection and then sent nothing")
        round_trip = read_round_trip(sock)
        return ProbeResult(
            fingerprint_of(certificates[0]),
            answer.version if answer is not None else None,
            answer.name if answer is not None else "",
            round_trip.shortest_us if round_trip is not None else (now_us() - sent_us) // 2,
            _read_mtu(sock),
        )
    finally:
        connection.close()


def _exchange(connection: PendingSocket[Probe], limit_s: float) -> None:
    """Send and receive until the listener has answered, or the time is over."""
    link = connection.link
    deadline = Deadline(limit_s)
    with selectors.DefaultSelector() as selector:
        selector.register(connection, selectors.EVENT_READ)
        while not deadline.has_passed and not (link.handshake and link.handshake.answer):
            connection.flush()
            wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if link.outgoing else 0)
            selector.modify(connection, wanted)
            for _, events in selector.select(deadline.left_s):
                if events & selectors.EVENT_READ and (data := connection.read()) is not None:
                    _receive(link, data)
    leave(connection)


def leave(connection: PendingSocket[H]) -> None:
    """Send the last bytes, and read until the listener closes or `DRAIN_S` has passed."""
    connection.end_sending()
    drained = Deadline(DRAIN_S)
    with selectors.DefaultSelector() as selector:
        selector.register(connection, selectors.EVENT_READ)
        while not drained.has_passed and selector.select(drained.left_s):
            if connection.drain():
                return


def connect_again(address: SocketAddress, *, has_small_segments: bool) -> socket.socket:
    """Return another connection to a listener that has just taken one.

    Raises:
        LinkLost: it takes none within `CONNECT_S`.
    """
    try:
        sock = start_connection(address, has_small_segments=has_small_segments)
    except OSError as error:
        raise LinkLost(NO_MORE) from error
    with selectors.DefaultSelector() as selector:
        selector.register(sock, selectors.EVENT_WRITE)
        selector.select(CONNECT_S)
    if connection_error(sock):
        sock.close()
        raise LinkLost(NO_MORE)
    return sock


def _receive(link: PendingLink[Probe], data: bytes) -> None:
    try:
        link.receive_data(data, now_us())
    except LinkLost:
        if link.handshake is None or link.handshake.answer is None:
            raise


def _read_mtu(sock: socket.socket) -> int | None:
    level_and_option = _IP_MTU.get(socket.AddressFamily(sock.family))
    if level_and_option is None or not hasattr(socket, "SO_BINDTODEVICE"):  # Linux alone.
        return None
    with contextlib.suppress(OSError):
        return sock.getsockopt(*level_and_option)
    return None
