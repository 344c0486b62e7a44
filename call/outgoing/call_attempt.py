"""One attempt to call one candidate: connect, shake hands, ring, until accept or refusal.

Dial thread; `cancel` from any thread.
"""

import contextlib
import math
import selectors
import socket
from collections.abc import Callable
from functools import partial

from call.inbox import DialInbox, Established, Reached, Refused
from call.outgoing.callee_verifier import CalleeVerifier
from call.outgoing.resolver import Candidate
from call.remote_peer import RemotePeer
from core.program import COMMAND
from core.safe_text import shown_name
from core.wake_up import WakeUp
from net.errors import HostUnknown, LinkLost, NetError, NoReply
from net.link.address import HostPort
from net.link.connector import Connector, StartThread
from net.link.pending_link import PendingLink
from net.link.pending_socket import PendingSocket
from net.link.tls import TlsStream, client_context
from net.protocol.control import Bye
from net.protocol.handshake import Handshake
from net.protocol.reasons import Reason
from net.protocol.states import Role, State

WAIT_S = 0.2
PING_US = 1_000_000
DRAIN_LIMIT_US = 500_000
"""The time to read what the other peer still sends, so that our bye reaches it."""
LIMIT_S = 9.0
"""Of the 10 s that a user waits, which include the program's own start and end."""
RING_LIMIT_US = 660_000_000
"""Longer than the longest ring timeout that our settings allow."""
CHECK_LISTENER = f"check that it is `{COMMAND} listen` that listens on that port"


class CallAttempt:
    """One attempt. Use it once.

    Args:
        start_thread: starts the look-up's thread.
        wake_up: ends a wait when the attempt is cancelled; the caller closes it.
        on_ring: called when the candidate rings.
        silence_timeout_us: how long a ringing callee may be silent.

    Attributes:
        is_proven: True once the candidate has proven that it knows the code.
    """

    def __init__(
        self,
        candidate: Candidate,
        verifier: CalleeVerifier,
        start_thread: StartThread,
        inbox: DialInbox,
        now_us: Callable[[], int],
        wake_up: WakeUp,
        *,
        on_ring: Callable[[], None],
        silence_timeout_us: int,
    ) -> None:
        self.is_proven = False
        self._candidate = candidate
        self._verifier = verifier
        self._inbox = inbox
        self._now_us = now_us
        self._wake_up = wake_up
        self._on_ring = on_ring
        self._silence_timeout_us = silence_timeout_us
        self._connector = Connector(
            candidate.target,
            start_thread=start_thread,
            limit_s=LIMIT_S if candidate.limit_s is None else candidate.limit_s,
            others=candidate.others,
        )
        self._socket: socket.socket | None = None
        self._address = ""
        self._port = 0
        self._pinged_us = 0
        self._rang_us = 0
        self._is_cancelled = False

    def cancel(self) -> None:
        """End the attempt, with a bye if it rings. Any thread; use the wake-up after this."""
        self._is_cancelled = True
        self._connector.cancel()

    def connect(self) -> None:
        """Connect, which tells the candidate nothing. `run` or `close` follows.

        Raises:
            DialError: nothing was reached.
        """
        try:
            self._socket = self._connector.dial()
        except HostUnknown as error:
            if not self._candidate.meant:
                raise
            hint = f"did you mean {self._candidate.meant}, whom you know?"
            raise HostUnknown(error.sentence, hint) from error

    def close(self) -> None:
        """Close the connection instead of `run`."""
        if self._socket is not None:
            self._socket.close()

    def run(self) -> Refused | None:
        """Shake hands and ring; return the refusal.

        Returns None after an accept, which is posted, and after `cancel`.

        Raises:
            NotOurProtocol, ProtocolError, NotTrusted, LinkLost: the attempt failed.
        """
        sock = self._socket
        assert sock is not None, "not connected"
        if self._is_cancelled:
            sock.close()
            return None
        return self._shake_hands(sock)

    def _shake_hands(self, sock: socket.socket) -> Refused | None:
        try:
            self._address, self._port, *_ = sock.getpeername()
        except OSError as error:  # Reset since it connected.
            sock.close()
            raise self._closed_at_once() from error
        link = PendingLink(
            TlsStream(client_context(), server_side=False),
            partial(self._verifier.begin_handshake, self._candidate),
            opened_us=self._now_us(),
        )
        connection = PendingSocket(sock, link)
        refused: Refused | None = None
        try:
            link.start()
            connection.flush()
            with selectors.DefaultSelector() as selector:
                selector.register(self._wake_up, selectors.EVENT_READ)
                selector.register(connection, selectors.EVENT_READ)
                while not self._is_cancelled and link.state is not State.CALL:
                    refused = self._step(selector, connection)
                    if refused is not None:
                        break
        except LinkLost as error:
            connection.close()
            if link.handshake is not None:
                raise
            raise self._closed_at_once() from error
        except BaseException:
            if link.state in (State.RINGING, State.CALL):
                self._say_bye(link)
                self._finish(connection)
            connection.close()
            raise
        if link.state is State.CALL and not self._is_cancelled:
            self._establish(connection)
        else:
            if self._is_cancelled:
                self._say_bye(link)
            self._finish(connection)
            connection.close()
        return refused

    def _say_bye(self, link: PendingLink[Handshake]) -> None:
        """Queue a bye, if the handshake has begun."""
        with contextlib.suppress(NetError, ValueError):
            if link.handshake is not None:
                link.send(Bye())

    def _finish(self, connection: PendingSocket[Handshake]) -> None:
        """Send the queued bytes, then drain until the peer ends the stream or a limit passes."""
        connection.end_sending()
        ends_us = self._now_us() + DRAIN_LIMIT_US
        with selectors.DefaultSelector() as selector:
            selector.register(connection, selectors.EVENT_READ)
            while (left_us := ends_us - self._now_us()) > 0:
                if selector.select(left_us / 1e6) and connection.drain():
                    return

    def _step(
        self, selector: selectors.BaseSelector, connection: PendingSocket[Handshake]
    ) -> Refused | None:
        """Wait for the link and handle what arrives; return the refusal if there is one."""
        link = connection.link
        before = link.state
        wanted = selectors.EVENT_READ
        if link.outgoing:
            wanted |= selectors.EVENT_WRITE
        selector.modify(connection, wanted)
        for key, events in selector.select(WAIT_S):
            if key.fileobj is connection:
                if events & selectors.EVENT_READ:
                    self._read(connection)
                connection.flush()
        state, handshake = link.state, link.handshake
        if state is State.ENDED:
            assert handshake is not None
            name = shown_name(handshake.peer_name) if handshake.peer_name else ""
            self.is_proven = handshake.is_code_proven
            if handshake.rejection is None:
                self._say_bye(link)
                connection.end_sending()
                raise LinkLost(f"{name or 'The other side'} hung up before the call was accepted")
            return Refused(handshake.rejection, name, handshake.wait_s)
        if state in (State.RINGING, State.CALL) and before not in (State.RINGING, State.CALL):
            # An accept may come with the ring in one read.
            self._on_ring()
            self._rang_us = self._now_us()
            self._inbox.post(Reached(self._remote_peer(link)))
        if state is State.RINGING and self._now_us() - self._rang_us > RING_LIMIT_US:
            assert handshake is not None
            return Refused(Reason.NO_ANSWER, shown_name(handshake.peer_name))
        self._check_limits(link)
        if state is State.RINGING and self._now_us() - self._pinged_us >= PING_US:
            self._pinged_us = self._now_us()
            link.ping(self._pinged_us)
            connection.flush()
        return None

    def _read(self, connection: PendingSocket[Handshake]) -> None:
        data = connection.read()
        if data is None:
            return
        try:
            connection.link.receive_data(data, self._now_us())
        except NetError:
            with contextlib.suppress(LinkLost):
                connection.flush()  # It may be an alert of TLS.
            raise

    def _check_limits(self, link: PendingLink[Handshake]) -> None:
        """Check the time limits.

        Raises:
            NoReply: the handshake takes too long.
            LinkLost: the ringing callee is silent.
        """
        now_us = self._now_us()
        limit_s = self._candidate.limit_s
        limit_us = limit_s * 1e6 if limit_s is not None else math.inf
        is_slow = link.is_opening and now_us - link.opened_us > limit_us
        if link.is_late(now_us) or is_slow:
            raise NoReply(
                f"{self._candidate.target} accepted the connection and then sent nothing",
                CHECK_LISTENER,
            )
        if link.state is State.RINGING and now_us - link.heard_us > self._silence_timeout_us:
            raise LinkLost("The other side fell silent before the call was accepted")

    def _remote_peer(self, link: PendingLink[Handshake]) -> RemotePeer:
        assert link.handshake is not None
        return self._verifier.remote_peer(self._candidate, link.handshake, self._address)

    def _establish(self, connection: PendingSocket[Handshake]) -> None:
        remote_peer, clock = self._remote_peer(connection.link), connection.link.clock
        assert connection.link.handshake is not None
        session_digest = connection.link.handshake.session_digest
        link = connection.detach()
        established = Established(
            link,
            Role.CALLER,
            remote_peer,
            clock,
            self._now_us(),
            session_digest,
            self._redial_addresses(),
        )
        if not self._inbox.post(established):
            link.hang_up()

    def _redial_addresses(self) -> tuple[HostPort, ...]:
        """Return where the callee can be dialled again: where it answered, then its others."""
        dialled = HostPort(self._address, self._port)
        return tuple(dict.fromkeys((dialled, self._candidate.target, *self._candidate.others)))

    def _closed_at_once(self) -> LinkLost:
        return LinkLost(
            f"The program at {self._candidate.target} closed the connection at once",
            CHECK_LISTENER,
        )
