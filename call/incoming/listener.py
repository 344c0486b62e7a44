"""Listener: every connection that is not a call yet, and one ring at a time. Listen thread.

One selector drives all connections through TLS, hello and trust, and none of them blocks it. The
call thread decides about a ring and hands its decisions over in a short list with a wake-up.
During a call, or while another caller rings, new callers get *busy* straight after hello.
`AdmissionPolicy` decides who may ring.
"""

import contextlib
import logging
import math
import selectors
import socket
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from call.inbox import Established, Inbox, RingGone, RingLoss, Rung, WrongCode
from call.incoming.admission_policy import AdmissionPolicy
from call.incoming.incoming_call import Guess, IncomingCall, say_last_word
from call.incoming.refusal_log import RefusalLog
from call.local_peer import LocalPeer
from core.events import Event, Rejected
from core.safe_text import shown_name
from core.wake_up import WakeUp
from net.errors import LinkLost, NetError, ProofWrong
from net.link.connection_limits import ArrivalCounts, PendingConnection, choose_eviction, source_of
from net.link.listening_sockets import accept
from net.link.pending_link import PendingLink
from net.link.tls import TlsStream, server_context
from net.protocol.control import Accept, Bye, Ringing
from net.protocol.reasons import Reason
from net.protocol.states import Role, State
from ui.wording import log as wording

_log = logging.getLogger(__name__)

WAIT_S = 0.5
LAST_WORD_US = 1_000_000
"""To read what one who was refused still sends, so that the refusal reaches it."""
ACCEPT_PAUSE_S = 0.05
"""After an accept that failed, such as for want of file descriptors."""


@dataclass(frozen=True, slots=True)
class _Decision:
    number: int
    reason: str | None


class Listener:
    """Takes connections, and rings.

    Args:
        sockets: listening and non-blocking; owned from now on.
        report: given each refusal before ringing.
        silence_timeout_us: after which a ringing caller counts as gone.
    """

    def __init__(
        self,
        sockets: list[socket.socket],
        local_peer: LocalPeer,
        admission: AdmissionPolicy,
        inbox: Inbox,
        now_us: Callable[[], int],
        report: Callable[[Event], None],
        *,
        silence_timeout_us: int,
    ) -> None:
        self._sockets = sockets
        self._local_peer = local_peer
        self._admission = admission
        self._context = server_context(local_peer.identity)
        self._inbox = inbox
        self._now_us = now_us
        self._silence_timeout_us = silence_timeout_us
        self._incoming_calls: dict[int, IncomingCall] = {}
        self._count = 0
        self._arrivals = ArrivalCounts()
        self._refusal_log = RefusalLog(report)
        self._lock = Lock()
        self._wishes: list[_Decision] = []
        self._is_in_call = False
        self._is_closed = False
        self._wake_up = WakeUp()
        self._selector = selectors.DefaultSelector()

    # The call thread.

    def accept(self, caller: int) -> None:
        """Accept the caller that rings; `Established` follows, or `RingGone`."""
        self._wish(_Decision(caller, None))

    def reject(self, caller: int, reason: str) -> None:
        """Refuse the caller that rings."""
        self._wish(_Decision(caller, reason))

    def set_free(self) -> None:
        """Let callers ring again, after a call."""
        self._is_in_call = False

    def close(self) -> None:
        """Let `run` end: all connections are closed."""
        self._is_closed = True
        self._wake_up.wake()

    def _wish(self, wish: _Decision) -> None:
        with self._lock:
            self._wishes.append(wish)
        self._wake_up.wake()

    # The listen thread.

    def run(self) -> None:
        """Serve until `close`. The body of the listen thread."""
        self._selector.register(self._wake_up, selectors.EVENT_READ, None)
        for listener in self._sockets:
            self._selector.register(listener, selectors.EVENT_READ, listener)
        try:
            while not self._is_closed:
                for key, events in self._selector.select(self._wait_s()):
                    self._serve(key, events)
                self._grant_wishes()
                self._look_at_clock()
            self._grant_wishes()
        finally:
            for incoming in list(self._incoming_calls.values()):
                # Nobody has answered, perhaps nobody has even been asked yet.
                say_last_word(incoming, Reason.PROGRAM_ENDED)
                self._drop(incoming)
            for listener in self._sockets:
                listener.close()
            self._wake_up.close()
            self._selector.close()

    def _wait_s(self) -> float:
        due = [
            incoming.due_us
            for incoming in self._incoming_calls.values()
            if incoming.due_us is not None
        ]
        return min(WAIT_S, max(0.0, (min(due) - self._now_us()) / 1e6)) if due else WAIT_S

    def _serve(self, key: selectors.SelectorKey, events: int) -> None:
        if key.data is None:
            self._wake_up.clear()
        elif isinstance(key.data, socket.socket):
            self._welcome(key.data)
        elif key.data.number in self._incoming_calls:
            self._go_on(key.data, events)

    def _welcome(self, listener: socket.socket) -> None:
        try:
            accepted = accept(listener)
        except OSError as error:
            _log.debug("a connection could not be accepted: %s", error.strerror)
            self._wake_up.wait(ACCEPT_PAUSE_S)
            return
        if accepted is None:
            return
        sock, shown = accepted
        self._count += 1
        pending = PendingLink(
            sock,
            TlsStream(self._context, server_side=True),
            lambda tls: self._local_peer.as_callee(
                lambda: self._admission.turns_away(is_busy=self._is_busy)
            ),
            address=shown,
            opened_us=self._now_us(),
        )
        incoming = IncomingCall(self._count, pending, source_of(shown), self._admission)
        self._arrivals.note(incoming.source, self._now_us())
        going = choose_eviction(
            [self._as_waiting(one) for one in self._incoming_calls.values()],
            self._as_waiting(incoming),
        )
        if going is not None:
            self._let_go(self._incoming_calls[going.number])
        self._incoming_calls[incoming.number] = incoming
        self._selector.register(sock, selectors.EVENT_READ, incoming)

    def _as_waiting(self, incoming: IncomingCall) -> PendingConnection:
        return PendingConnection(
            incoming.number,
            incoming.source,
            incoming.pending.opened_us,
            incoming.pending.handshake is not None,
            incoming.rings,
            self._arrivals.of(incoming.source),
        )

    def _is_busy(self) -> bool:
        return self._is_in_call or any(one.rings for one in self._incoming_calls.values())

    def _go_on(self, incoming: IncomingCall, events: int) -> None:
        pending = incoming.pending
        if incoming.leaves_us is not None:
            if pending.drain():
                self._drop(incoming)
            return
        try:
            incoming.on_events(events, self._now_us())
            if pending.state is State.RINGING and not incoming.rings:
                self._ring(incoming)
        except NetError as error:
            self._turn_away(incoming, error)
            return
        if pending.state is State.ENDED:
            self._finish(incoming)
        else:
            self._watch(incoming)

    def _ring(self, incoming: IncomingCall) -> None:
        handshake = incoming.pending.handshake
        assert handshake is not None
        if reason := self._admission.turns_away(is_busy=self._is_busy):
            incoming.pending.queue(handshake.reject(reason))
            return
        caller = self._admission.see(handshake, incoming.pending.address)
        if not self._admission.may_ring(caller):
            incoming.pending.queue(handshake.reject(Reason.CODE_NEEDED))
            return
        wait_us = self._admission.rings.wait_us(incoming.source, self._now_us())
        if wait_us:
            incoming.pending.queue(
                handshake.reject(Reason.RANG_TOO_OFTEN, math.ceil(wait_us / 1e6))
            )
            return
        incoming.rings = True
        incoming.remote_peer = caller
        incoming.pending.send(Ringing(self._local_peer.name))
        incoming.pending.flush()
        self._inbox.post(Rung(incoming.number, caller))

    def _lose_ring(self, incoming: IncomingCall, loss: RingLoss) -> None:
        self._admission.rings.note_given_up(incoming.source, self._now_us())
        self._inbox.post(RingGone(incoming.number, loss))

    def _turn_away(self, incoming: IncomingCall, error: NetError) -> None:
        if incoming.rings:
            self._lose_ring(incoming, RingLoss.HUNG_UP)
        elif isinstance(error, LinkLost) and incoming.pending.handshake is None:
            _log.debug("%s connected and went away", incoming.pending.address)
        elif isinstance(error, LinkLost) and incoming.guess is not Guess.OPEN:
            self._record("left", incoming, wording.left_early(incoming.pending.address))
        elif incoming.guess is not Guess.OPEN:  # That is told by itself.
            sentence = wording.turned_away(incoming.pending.address, error.sentence)
            self._record(error.name, incoming, sentence)
        handshake = incoming.pending.handshake
        if isinstance(error, ProofWrong) and handshake is not None:
            # An honest caller has to know that somebody sits between.
            incoming.guess = Guess.NONE
            with contextlib.suppress(NetError, ValueError):
                incoming.pending.queue(handshake.reject(Reason.WRONG_PROOF))
            self._leave(incoming)
            return
        self._let_go(incoming)

    def _finish(self, incoming: IncomingCall) -> None:
        """Let go of a caller that was refused or has left."""
        handshake = incoming.pending.handshake
        assert handshake is not None
        if incoming.rings and handshake.rejection is None:
            self._lose_ring(incoming, RingLoss.HUNG_UP)
        elif (
            handshake.rejection is not None
            and not incoming.rings  # The session says the others.
            and incoming.guess is not Guess.WRONG
        ):
            name = shown_name(handshake.peer_name)
            sentence = wording.refused(name, incoming.pending.address, handshake.rejection)
            self._record(handshake.rejection, incoming, sentence)
        self._tell_guess(incoming)
        self._leave(incoming, Bye() if handshake.rejection is None else None)

    def _record(self, reason: str, incoming: IncomingCall, sentence: str) -> None:
        handshake = incoming.pending.handshake
        name = shown_name(handshake.peer_name) if handshake and handshake.peer_name else ""
        refusal = Rejected(reason=reason, peer=name, address=incoming.pending.address)
        self._refusal_log.record(self._now_us(), refusal, sentence)

    def _leave(self, incoming: IncomingCall, last: Bye | None = None) -> None:
        """Say the last word, and read for a while, so that it arrives."""
        incoming.stop()
        incoming.leaves_us = self._now_us() + LAST_WORD_US
        incoming.pending.say_last(last)
        self._selector.modify(incoming.pending, selectors.EVENT_READ, incoming)

    def _tell_guess(self, incoming: IncomingCall) -> None:
        if incoming.guess not in (Guess.WRONG, Guess.OPEN):
            return
        handshake = incoming.pending.handshake
        assert handshake is not None
        self._inbox.post(
            WrongCode(
                shown_name(handshake.peer_name),
                incoming.pending.address,
                self._admission.guesses.total,
                is_last=self._admission.takes_no_codes,
                was_completed=incoming.guess is Guess.WRONG,
            )
        )
        incoming.guess = Guess.NONE

    def _let_go(self, incoming: IncomingCall) -> None:
        """Drop a connection that leaves without a word of ours."""
        self._tell_guess(incoming)
        self._drop(incoming)

    def _drop(self, incoming: IncomingCall) -> None:
        del self._incoming_calls[incoming.number]
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(incoming.pending)
        incoming.pending.close()

    def _watch(self, incoming: IncomingCall) -> None:
        events = selectors.EVENT_READ
        if incoming.pending.wants_to_write:
            events |= selectors.EVENT_WRITE
        self._selector.modify(incoming.pending, events, incoming)

    def _grant_wishes(self) -> None:
        with self._lock:
            wishes, self._wishes = self._wishes, []
        for wish in wishes:
            incoming = self._incoming_calls.get(wish.number)
            if incoming is None or not incoming.rings:
                continue
            if wish.reason is None:
                self._establish(incoming)
            else:
                assert incoming.pending.handshake is not None
                with contextlib.suppress(LinkLost):
                    incoming.pending.queue(incoming.pending.handshake.reject(wish.reason))
                self._finish(incoming)

    def _establish(self, incoming: IncomingCall) -> None:
        pending = incoming.pending
        assert incoming.remote_peer is not None
        try:
            pending.send(Accept())
            pending.flush()
        except NetError:
            self._lose_ring(incoming, RingLoss.HUNG_UP)
            self._drop(incoming)
            return
        self._is_in_call = True
        del self._incoming_calls[incoming.number]
        self._selector.unregister(pending)
        link = pending.detach()
        is_taken = self._inbox.post(
            Established(link, Role.CALLEE, incoming.remote_peer, incoming.clock, self._now_us())
        )
        if not is_taken:
            link.hang_up()
            self._is_in_call = False

    def _look_at_clock(self) -> None:
        now_us = self._now_us()
        self._refusal_log.on_time(now_us)
        for incoming in list(self._incoming_calls.values()):
            pending = incoming.pending
            if incoming.leaves_us is not None:
                if now_us >= incoming.leaves_us:
                    self._drop(incoming)
            elif pending.is_late(now_us):
                why = wording.turned_away(pending.address, "it took too long")
                self._record("timed_out", incoming, why)
                self._let_go(incoming)
            elif incoming.rings and now_us - pending.heard_us > self._silence_timeout_us:
                self._lose_ring(incoming, RingLoss.SILENT)
                self._drop(incoming)
            else:
                try:
                    incoming.on_time(now_us)
                except NetError as error:
                    self._turn_away(incoming, error)
                else:
                    self._watch(incoming)
