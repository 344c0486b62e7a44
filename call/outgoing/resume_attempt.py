"""Resume attempt: one connection that is to continue a call. Never blocks; redial thread.

connecting -> TLS, and the callee's key is compared -> resume, as in net/protocol/resume.py
"""

import selectors
import ssl
from collections.abc import Callable
from functools import partial

from net.errors import NotTrusted
from net.link.address import HostPort
from net.link.connector import connection_error, start_connection
from net.link.link import Link
from net.link.pending_link import PendingLink
from net.link.pending_socket import PendingSocket
from net.link.socket_address import parse_numeric
from net.link.tls import TlsStream
from net.protocol.control import Bye
from net.protocol.resume import CallIdentity, ResumeRequest
from net.protocol.states import State
from net.trust.identity import fingerprint_of

CONNECT_LIMIT_US = 2_000_000
"""Longer than any usual round trip; by then, younger attempts are under way."""


class ResumeAttempt:
    """One attempt.

    Args:
        host_port: a numeric address.
        fingerprint: of the callee's key.
        generation: of the link that this may become.
    Raises:
        OSError: the connection failed at once, or there is no such interface now.
    """

    def __init__(
        self,
        host_port: HostPort,
        context: ssl.SSLContext,
        fingerprint: bytes,
        identity: CallIdentity,
        generation: int,
        now_us: Callable[[], int],
    ) -> None:
        self.host_port = host_port
        self.generation = generation
        self._context = context
        # Not a method of this object: a circle would keep the link's memory after the attempt.
        self._make_request = partial(_make_request, identity, fingerprint, generation)
        self._now_us = now_us
        self._started_us = now_us()
        self._connection: PendingSocket[ResumeRequest] | None = None
        self._own_bye: str | None = None
        self._has_said_bye = False
        self._is_bye_heard = False
        address = parse_numeric(host_port.host, host_port.port)
        if address is None:
            raise OSError(f"{host_port} is not numeric")
        # The link may have been lost because the path loses large packets.
        self._socket = start_connection(address, has_small_segments=True)

    def fileno(self) -> int:
        """Return the descriptor, for a selector."""
        return self._socket.fileno()

    @property
    def awaited_events(self) -> int:
        """The events of the socket that this attempt waits for."""
        if self._connection is None:
            return selectors.EVENT_WRITE
        wants_to_send = selectors.EVENT_WRITE if self._connection.link.outgoing else 0
        return selectors.EVENT_READ | wants_to_send

    @property
    def is_connected(self) -> bool:
        """True once TCP is connected."""
        return self._connection is not None

    @property
    def _state(self) -> State:
        return State.AWAITS_HELLO if self._connection is None else self._connection.link.state

    @property
    def has_proven(self) -> bool:
        """True once our proof is sent, so that the callee may move or end the call."""
        is_awaiting = self._state in (State.AWAITS_RESUME_ANSWER, State.AWAITS_RESUME)
        return self._has_said_bye or is_awaiting

    @property
    def is_accepted(self) -> bool:
        """True once the callee has moved the call to this link."""
        return self._state is State.CALL

    @property
    def bye_reason(self) -> str | None:
        """The reason of the callee's bye, if it has hung up; "" once it has heard our bye."""
        if self._is_bye_heard:
            return ""
        if self._connection is None or self._connection.link.handshake is None:
            return None
        return self._connection.link.handshake.bye_reason

    @property
    def rejection(self) -> str | None:
        """The callee's reason to refuse; "" if it said bye; None while it has not ended.

        A callee that refused before our bye came has not heard it.
        """
        if self._connection is None or self._state is not State.ENDED:
            return None
        handshake = self._connection.link.handshake
        reason = None if handshake is None else handshake.rejection
        return reason if self._has_said_bye else reason or ""

    def is_late(self, now_us: int) -> bool:
        """Return whether the attempt has taken too long."""
        if self._connection is None:
            return now_us - self._started_us > CONNECT_LIMIT_US
        return self._connection.link.is_late(now_us)

    def hang_up(self, reason: str) -> None:
        """Say bye as soon as our proof is sent and all is read, instead of continuing the call.

        Raises:
            NetError: the link was lost.
        """
        self._own_bye = reason
        self._say_bye()

    def _say_bye(self) -> None:
        if self._own_bye is None or self._connection is None or not self.has_proven:
            return
        # An end of the stream from before our bye would count as its answer.
        if self._connection.has_unread:
            return
        self._has_said_bye = True
        self._connection.link.send(Bye(self._own_bye))
        self._connection.flush()

    def advance(self, events: int) -> None:
        """Handle events of the socket.

        Raises:
            OSError: TCP did not connect.
            NetError: the link was lost, or the other end is not the callee.
        """
        connection = self._connection
        if connection is not None and self._has_said_bye:
            self._read_answer(connection)
        elif connection is None:
            connection = self._begin()
        elif events & selectors.EVENT_READ:
            data = connection.read()
            if data is not None:
                connection.link.receive_data(data, self._now_us())
                self._say_bye()
        connection.flush()

    def _read_answer(self, connection: PendingSocket[ResumeRequest]) -> None:
        """Read whether the callee has refused; otherwise the end of the stream answers our bye.

        If our bye is not read, the callee's end is an error.
        """
        data = connection.read()
        if data == b"":
            self._is_bye_heard = self.rejection is None
        elif data is not None and self._state is State.LEAVING:
            connection.link.receive_data(data, self._now_us())

    def _begin(self) -> PendingSocket[ResumeRequest]:
        number = connection_error(self._socket)
        if number:
            raise OSError(number, "the connection failed")
        link = PendingLink(
            TlsStream(self._context, server_side=False),
            self._make_request,
            opened_us=self._now_us(),
        )
        self._connection = PendingSocket(self._socket, link)
        link.start()
        return self._connection

    def detach(self) -> Link:
        """Return the link of an accepted attempt, which owns the socket from now on."""
        assert self._connection is not None
        return self._connection.detach()

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()


def _make_request(
    identity: CallIdentity, fingerprint: bytes, generation: int, tls: TlsStream
) -> ResumeRequest:
    certificate = tls.peer_certificate_der()
    assert certificate is not None  # A TLS 1.3 server always shows one.
    if fingerprint_of(certificate) != fingerprint:
        raise NotTrusted("The program that answered has another key than the call's")
    return ResumeRequest(
        identity,
        generation,
        channel_binding=tls.channel_binding(),
        callee_fingerprint=fingerprint,
    )
