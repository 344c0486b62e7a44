"""One attempt to call one candidate: connect, shake hands, ring, until accept or refusal.

Dial thread; `cancel` from any thread.
"""

import math
import selectors
import socket
from collections.abc import Callable
from functools import partial

from call.inbox import Established, Inbox, Reached, Refused
from call.outgoing.callee_verifier import CalleeVerifier
from call.outgoing.resolver import Candidate
from core.program import COMMAND
from core.safe_text import shown_name
from core.wake_up import WakeUp
from net.errors import LinkLost, NoReply
from net.link.connector import Connector, StartThread
from net.link.pending_link import PendingLink
from net.link.tls import TlsStream, client_context
from net.protocol.clock_sync import ClockSync
from net.protocol.control import Bye, Ping
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
        inbox: Inbox,
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
        self._clock = ClockSync()
        self._pinged_us = 0
        self._rang_us = 0
        self._is_cancelled = False

    def cancel(self) -> None:
        """End the attempt, with a bye if it rings. Any thread; use the wake-up after this."""
        self._is_cancelled = True
        self._connector.cancel()

    def run(self) -> Refused | None:
        """Return the refusal; None after an accept, which is posted, or after `cancel`.

        Raises:
            DialError, NotOurProtocol, ProtocolError, NotTrusted, LinkLost: the attempt failed.
        """
        return self._shake_hands(self._connector.dial())

    def _shake_hands(self, sock: socket.socket) -> Refused | None:
        try:
            address = sock.getpeername()[0]
        except OSError as error:  # Reset since it connected.
            sock.close()
            raise self._closed_at_once() from error
        pending = PendingLink(
            sock,
            TlsStream(client_context(), server_side=False),
            partial(self._verifier.begin_handshake, self._candidate),
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
                self._drain(pending)
            pending.close()
            raise
        if pending.state is State.CALL and not self._is_cancelled:
            self._establish(pending)
        else:
            pending.say_last(Bye() if self._is_cancelled else None)
            self._drain(pending)
            pending.close()
        return refused

    def _drain(self, pending: PendingLink) -> None:
        """Read what still arrives, such as an accept: left unread, it would discard our bye."""
        ends_us = self._now_us() + DRAIN_LIMIT_US
        with selectors.DefaultSelector() as selector:
            selector.register(pending, selectors.EVENT_READ)
            while (left_us := ends_us - self._now_us()) > 0:
                if selector.select(left_us / 1e6) and pending.drain():
                    return

    def _step(self, selector: selectors.BaseSelector, pending: PendingLink) -> Refused | None:
        """Wait for the link and handle what arrives; return the refusal if there is one."""
        before = pending.state
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
                raise LinkLost(f"{name or 'The other side'} hung up before the call was accepted")
            return Refused(handshake.rejection, name, handshake.wait_s)
        if state in (State.RINGING, State.CALL) and before not in (State.RINGING, State.CALL):
            # An accept may come with the ring in one read.
            self._on_ring()
            self._rang_us = self._now_us()
            self._inbox.post(Reached(self._verifier.remote_peer(self._candidate, pending)))
        if state is State.RINGING and self._now_us() - self._rang_us > RING_LIMIT_US:
            assert handshake is not None
            return Refused(Reason.NO_ANSWER, shown_name(handshake.peer_name))
        self._check_limits(pending)
        if state is State.RINGING:
            self._ping(pending)
        return None

    def _check_limits(self, pending: PendingLink) -> None:
        """Check the time limits.

        Raises:
            NoReply: the handshake takes too long.
            LinkLost: the ringing callee is silent.
        """
        now_us = self._now_us()
        limit_s = self._candidate.limit_s
        limit_us = limit_s * 1e6 if limit_s is not None else math.inf
        is_slow = pending.is_under_way and now_us - pending.opened_us > limit_us
        if pending.is_late(now_us) or is_slow:
            raise NoReply(
                f"{self._candidate.target} accepted the connection and then sent nothing",
                CHECK_LISTENER,
            )
        if pending.state is State.RINGING and now_us - pending.heard_us > self._silence_timeout_us:
            raise LinkLost("The other side fell silent before the call was accepted")

    def _ping(self, pending: PendingLink) -> None:
        """Send a ping if one is due."""
        now_us = self._now_us()
        if now_us - self._pinged_us >= PING_US:
            self._pinged_us = now_us
            self._clock.note_ping(now_us)
            pending.send(Ping(now_us))
            pending.flush()

    def _establish(self, pending: PendingLink) -> None:
        remote_peer = self._verifier.remote_peer(self._candidate, pending)
        link = pending.detach()
        established = Established(link, Role.CALLER, remote_peer, self._clock, self._now_us())
        if not self._inbox.post(established):
            link.hang_up()

    def _closed_at_once(self) -> LinkLost:
        return LinkLost(
            f"The program at {self._candidate.target} closed the connection at once",
            CHECK_LISTENER,
        )
