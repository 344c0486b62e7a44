"""One attempt at one candidate: connect, shake hands, ring, until an accepted call or a refusal.

The dial thread's.
"""

import math
import selectors
import socket
from collections.abc import Callable

from call.inbox import Established, Inbox, Reached, Refused
from call.local_peer import LocalPeer
from call.outgoing.resolver import Candidate
from call.remote_peer import RemotePeer, remote_peer_of
from core.program import COMMAND
from core.safe_text import shown_name
from core.wake_up import WakeUp
from net.errors import LinkLost, NoReply, NotTrusted
from net.link.address import HostPort
from net.link.connector import Connector, StartThread
from net.link.pending_link import PendingLink
from net.link.tls import TlsStream, client_context
from net.protocol.clock_sync import ClockSync
from net.protocol.control import Bye, Ping
from net.protocol.handshake import Handshake
from net.protocol.reasons import Reason
from net.protocol.states import Role, State
from net.trust.identity import fingerprint_of
from net.trust.known_peers import KnownPeer, KnownPeers

WAIT_S = 0.2
PING_US = 1_000_000
LAST_WORD_US = 500_000
"""To read what the other side still sends, so that our last word reaches it."""
LIMIT_S = 9.0
"""Of the 10 s that a person waits, the program's own start and end included."""
RING_LIMIT_US = 660_000_000
"""A listener that keeps to our settings has said no by then."""
CHECK_LISTENER = f"check that it is `{COMMAND} listen` that listens on that port"


class CallAttempt:
    """For one use.

    Args:
        start_thread: for a look-up, which cannot be interrupted.
        known: whom this user knows.
        wake_up: ends a wait when the attempt is cancelled; stays the caller's.
        on_ring: called when it rings.
        silence_timeout_us: after which a callee counts as gone.
    """

    def __init__(
        self,
        candidate: Candidate,
        start_thread: StartThread,
        local_peer: LocalPeer,
        known: KnownPeers,
        inbox: Inbox,
        now_us: Callable[[], int],
        wake_up: WakeUp,
        *,
        on_ring: Callable[[], None],
        silence_timeout_us: int,
    ) -> None:
        self._candidate = candidate
        self._local_peer = local_peer
        self._known = known
        self._inbox = inbox
        self._now_us = now_us
        self._wake_up = wake_up
        self._on_ring = on_ring
        self._silence_timeout_us = silence_timeout_us
        self._dialler = Connector(
            candidate.target,
            start_thread=start_thread,
            limit_s=LIMIT_S if candidate.limit_s is None else candidate.limit_s,
            others=candidate.others,
        )
        self._clock = ClockSync()
        self._pinged_us = 0
        self._rang_us = 0
        self._is_cancelled = False
        self.is_proven = False
        """Whether the candidate that refused us knew the code."""

    def cancel(self) -> None:
        """End it at once, with a word to the other side. Any thread; wake it up after that."""
        self._is_cancelled = True
        self._dialler.cancel()

    def run(self) -> Refused | None:
        """Return the refusal, or None where it came to a call, which is posted, or was cancelled.

        Raises:
            DialError, NotOurProtocol, ProtocolError, NotTrusted, LinkLost: why it came to neither.
        """
        return self._shake_hands(self._dialler.dial())

    def _shake_hands(self, sock: socket.socket) -> Refused | None:
        try:
            address = sock.getpeername()[0]
        except OSError as error:  # Reset since it connected.
            sock.close()
            raise self._closed_at_once() from error
        pending = PendingLink(
            sock,
            TlsStream(client_context(), server_side=False),
            self._make_handshake,
            address=address,
            opened_us=self._now_us(),
        )
        refused: Refused | None = None
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(self._wake_up, selectors.EVENT_READ)
                selector.register(pending, selectors.EVENT_READ)
                pending.start()
                while not self._is_cancelled and pending.state is not State.CALL:
                    refused = self._step(selector, pending)
                    if refused is not None:
                        break
        except LinkLost as error:
            pending.close()
            if pending.handshake is not None:
                raise
            raise self._closed_at_once() from error
        except BaseException:
            if pending.state in (State.RINGING, State.CALL):
                pending.say_last(Bye())
                self._hear_out(pending)
            pending.close()
            raise
        if pending.state is State.CALL and not self._is_cancelled:
            self._establish(pending)
        else:
            pending.say_last(Bye() if self._is_cancelled else None)
            self._hear_out(pending)
            pending.close()
        return refused

    def _hear_out(self, pending: PendingLink) -> None:
        """Read what still comes, such as an accept: unread, it would undo our last word."""
        ends_us = self._now_us() + LAST_WORD_US
        with selectors.DefaultSelector() as selector:
            selector.register(pending, selectors.EVENT_READ)
            while (left_us := ends_us - self._now_us()) > 0:
                if selector.select(left_us / 1e6) and pending.drain():
                    return

    def _make_handshake(self, tls: TlsStream) -> Handshake:
        certificate = tls.peer_certificate_der()
        assert certificate is not None  # A TLS 1.3 server always shows one.
        fingerprint = fingerprint_of(certificate)
        expected = self._candidate.expected
        try:
            return self._local_peer.as_caller(
                fingerprint,
                code=self._candidate.code,
                expected=expected.fingerprint if expected is not None else None,
            )
        except NotTrusted as error:
            assert expected is not None
            raise self._another(expected, fingerprint) from error

    def _another(self, expected: KnownPeer, fingerprint: bytes) -> NotTrusted:
        other = self._known.by_fingerprint(fingerprint)
        if other is not None:
            return NotTrusted(
                f"At {self._candidate.target} is {other.name} now, and not {expected.name}",
                f"call {other.name} by name, or ask {expected.name} for the present address",
            )
        return NotTrusted(
            f"What answers at {self._candidate.target} is not the {expected.name} you know:"
            " it has another key",
            f"if {expected.name} has set up this program anew, ask for a code and call with it,"
            f" after `{COMMAND} known forget {expected.name}`; else somebody pretends to be them",
        )

    def _step(self, selector: selectors.BaseSelector, pending: PendingLink) -> Refused | None:
        """Wait and go on a little; return the refusal when there is one."""
        was = pending.state
        wanted = selectors.EVENT_READ
        if pending.wants_to_write:
            wanted |= selectors.EVENT_WRITE
        selector.modify(pending, wanted)
        for key, events in selector.select(WAIT_S):
            if key.fileobj is pending:
                if events & selectors.EVENT_WRITE:
                    pending.flush()
                if events & selectors.EVENT_READ:
                    pending.on_readable(self._now_us())
        for pong in pending.take_pongs():
            self._clock.on_pong(pong.sent_us, pong.received_us, pong.replied_us, pending.heard_us)
        state = pending.state
        handshake = pending.handshake
        if state is State.ENDED:
            assert handshake is not None
            name = shown_name(handshake.peer_name) if handshake.peer_name else ""
            self.is_proven = handshake.is_code_proven
            if handshake.rejection is None:
                pending.say_last(Bye())
                raise LinkLost(f"{name or 'The other side'} has gone before the call was accepted")
            return Refused(handshake.rejection, name, handshake.wait_s)
        if state in (State.RINGING, State.CALL) and was not in (State.RINGING, State.CALL):
            # An accept may come with the ring in one read.
            self._on_ring()
            self._rang_us = self._now_us()
            self._inbox.post(Reached(self._see(pending)))
        if state is State.RINGING and self._now_us() - self._rang_us > RING_LIMIT_US:
            assert handshake is not None
            return Refused(Reason.NO_ANSWER, shown_name(handshake.peer_name))
        self._look_at_clock(pending)
        return None

    def _see(self, pending: PendingLink) -> RemotePeer:
        handshake, candidate = pending.handshake, self._candidate
        assert handshake is not None
        return remote_peer_of(
            handshake,
            pending.address,
            self._known.by_fingerprint(handshake.peer_fingerprint),
            self._known.namesake(shown_name(handshake.peer_name), handshake.peer_fingerprint),
            own_fingerprint=self._local_peer.identity.fingerprint,
            dialled=HostPort(pending.address, candidate.target.port)
            if candidate.was_heard_of
            else candidate.target,
        )

    def _look_at_clock(self, pending: PendingLink) -> None:
        now_us = self._now_us()
        limit_s = self._candidate.limit_s
        limit_us = limit_s * 1e6 if limit_s is not None else math.inf
        is_slow = pending.is_under_way and now_us - pending.opened_us > limit_us
        if pending.is_late(now_us) or is_slow:
            raise NoReply(
                f"{self._candidate.target} took the connection and then said nothing",
                CHECK_LISTENER,
            )
        if pending.state is not State.RINGING:
            return
        if now_us - pending.heard_us > self._silence_timeout_us:
            raise LinkLost("The other side has gone silent before the call was accepted")
        if now_us - self._pinged_us >= PING_US:
            self._pinged_us = now_us
            self._clock.note_ping(now_us)
            pending.send(Ping(now_us))
            pending.flush()

    def _establish(self, pending: PendingLink) -> None:
        remote_peer = self._see(pending)
        link = pending.detach()
        established = Established(link, Role.CALLER, remote_peer, self._clock, self._now_us())
        if not self._inbox.post(established):
            link.hang_up()

    def _closed_at_once(self) -> LinkLost:
        return LinkLost(
            f"What answers at {self._candidate.target} closed the connection"
            " before it said anything",
            CHECK_LISTENER,
        )
