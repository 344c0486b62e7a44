"""The listen thread: every connection that is not a call yet, and one ring at a time.

One selector drives all of them through TLS, hello and trust; nothing blocks on any of them. The
call thread decides about a ring; its wishes come through a short list and a wake-up. While a call
is up, or another rings, strangers get *busy* straight after hello. Who may ring is `Door`'s to say.
"""

import contextlib
import logging
import math
import selectors
import socket
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from call.door import REASON_CODE_NEEDED, REASON_RINGS, Door
from call.inbox import Established, Inbox, RingGone, Rung, WrongCode
from call.introduction import Introduction
from call.names import shown_name
from call.refusals import Refusals
from call.visitor import Guess, Visitor, say_last_word
from net.errors import LinkLost, NetError, NotOurProtocol, ProofWrong
from net.link.admission import Arrivals, Waiting, source_of, who_goes
from net.link.listening_sockets import accept
from net.link.pending import PendingLink
from net.link.tls import TlsStream, server_context
from net.link.wake_up import WakeUp
from net.protocol.control import Accept, Bye, Ringing
from net.protocol.handshake import REASON_ENDED, REASON_WRONG_PROOF
from net.protocol.states import Role, State

_log = logging.getLogger(__name__)

WAIT_S = 0.5
LAST_WORD_US = 1_000_000
"""To read what one who was refused still sends, so that the refusal reaches it."""
ACCEPT_PAUSE_S = 0.05
"""After an accept that failed, such as for want of file descriptors."""


@dataclass(frozen=True, slots=True)
class _Wish:
    number: int
    reason: str | None


class Listening:
    """Takes connections, and rings.

    Args:
        sockets: listening and non-blocking; owned from now on.
        silence_timeout_us: after which a caller who rings counts as gone.
    """

    def __init__(
        self,
        sockets: list[socket.socket],
        introduction: Introduction,
        door: Door,
        inbox: Inbox,
        now_us: Callable[[], int],
        *,
        silence_timeout_us: int,
    ) -> None:
        self._sockets = sockets
        self._introduction = introduction
        self._door = door
        self._context = server_context(introduction.identity)
        self._inbox = inbox
        self._now_us = now_us
        self._silence_timeout_us = silence_timeout_us
        self._visitors: dict[int, Visitor] = {}
        self._count = 0
        self._arrivals = Arrivals()
        self._refusals = Refusals()
        self._lock = Lock()
        self._wishes: list[_Wish] = []
        self._is_in_call = False
        self._is_closed = False
        self._wake_up = WakeUp()
        self._selector = selectors.DefaultSelector()

    # The call thread.

    def accept(self, caller: int) -> None:
        """Accept the caller that rings; `Established` follows, or `RingGone`."""
        self._wish(_Wish(caller, None))

    def reject(self, caller: int, reason: str) -> None:
        """Refuse the caller that rings."""
        self._wish(_Wish(caller, reason))

    def set_free(self) -> None:
        """Let callers ring again, after a call."""
        self._is_in_call = False

    def close(self) -> None:
        """Let `run` end: all connections are closed."""
        self._is_closed = True
        self._wake_up.wake()

    def _wish(self, wish: _Wish) -> None:
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
            for visitor in list(self._visitors.values()):
                # Nobody has answered, perhaps nobody has even been asked yet.
                say_last_word(visitor, REASON_ENDED)
                self._drop(visitor)
            for listener in self._sockets:
                listener.close()
            self._wake_up.close()
            self._selector.close()

    def _wait_s(self) -> float:
        due = [visitor.due_us for visitor in self._visitors.values() if visitor.due_us is not None]
        return min(WAIT_S, max(0.0, (min(due) - self._now_us()) / 1e6)) if due else WAIT_S

    def _serve(self, key: selectors.SelectorKey, events: int) -> None:
        if key.data is None:
            self._wake_up.take()
        elif isinstance(key.data, socket.socket):
            self._welcome(key.data)
        elif key.data.number in self._visitors:
            self._go_on(key.data, events)

    def _welcome(self, listener: socket.socket) -> None:
        try:
            accepted = accept(listener)
        except OSError as error:
            self._say(f"a connection could not be taken: {error.strerror}")
            self._wake_up.wait(ACCEPT_PAUSE_S)
            return
        if accepted is None:
            return
        sock, shown = accepted
        self._count += 1
        pending = PendingLink(
            sock,
            TlsStream(self._context, server_side=True),
            lambda tls: self._introduction.as_callee(
                lambda: self._door.turns_away(is_busy=self._is_busy)
            ),
            address=shown,
            opened_us=self._now_us(),
        )
        visitor = Visitor(self._count, pending, source_of(shown), self._door)
        self._arrivals.note(visitor.source, self._now_us())
        going = who_goes(
            [self._as_waiting(one) for one in self._visitors.values()], self._as_waiting(visitor)
        )
        if going is not None:
            self._let_go(self._visitors[going.number])
        self._visitors[visitor.number] = visitor
        self._selector.register(sock, selectors.EVENT_READ, visitor)

    def _as_waiting(self, visitor: Visitor) -> Waiting:
        return Waiting(
            visitor.number,
            visitor.source,
            visitor.pending.opened_us,
            visitor.pending.handshake is not None,
            visitor.rings,
            self._arrivals.of(visitor.source),
        )

    def _is_busy(self) -> bool:
        return self._is_in_call or any(one.rings for one in self._visitors.values())

    def _go_on(self, visitor: Visitor, events: int) -> None:
        pending = visitor.pending
        if visitor.leaves_us is not None:
            if pending.drain():
                self._drop(visitor)
            return
        try:
            visitor.on_events(events, self._now_us())
            if pending.state is State.RINGING and not visitor.rings:
                self._ring(visitor)
        except NetError as error:
            self._turn_away(visitor, error)
            return
        if pending.state is State.ENDED:
            self._finish(visitor)
        else:
            self._watch(visitor)

    def _ring(self, visitor: Visitor) -> None:
        handshake = visitor.pending.handshake
        assert handshake is not None
        if reason := self._door.turns_away(is_busy=self._is_busy):
            visitor.pending.queue(handshake.reject(reason))
            return
        caller = self._door.see(handshake, visitor.pending.address)
        if not self._door.may_ring(caller):
            visitor.pending.queue(handshake.reject(REASON_CODE_NEEDED))
            return
        wait_us = self._door.rings.wait_us(visitor.source, self._now_us())
        if wait_us:
            visitor.pending.queue(handshake.reject(REASON_RINGS, math.ceil(wait_us / 1e6)))
            return
        visitor.rings = True
        visitor.counterpart = caller
        visitor.pending.send(Ringing(self._introduction.name))
        visitor.pending.flush()
        self._inbox.post(Rung(visitor.number, caller))

    def _lose_ring(self, visitor: Visitor, how: str) -> None:
        self._door.rings.note_given_up(visitor.source, self._now_us())
        self._inbox.post(RingGone(visitor.number, how))

    def _turn_away(self, visitor: Visitor, error: NetError) -> None:
        if visitor.rings:
            self._lose_ring(visitor, "hung up")
        elif isinstance(error, LinkLost) and visitor.pending.handshake is None:
            _log.debug("%s connected and went away", visitor.pending.address)
        elif isinstance(error, LinkLost) and visitor.guess is not Guess.OPEN:
            self._say(f"{visitor.pending.address} went away before it rang")
        elif visitor.guess is not Guess.OPEN:  # That is told by itself.
            kind = "" if isinstance(error, NotOurProtocol) else "broke the protocol: "
            self._say(f"{visitor.pending.address} was turned away: {kind}{error.sentence}")
        handshake = visitor.pending.handshake
        if isinstance(error, ProofWrong) and handshake is not None:
            # An honest caller has to know that somebody sits between.
            visitor.guess = Guess.NONE
            with contextlib.suppress(NetError, ValueError):
                visitor.pending.queue(handshake.reject(REASON_WRONG_PROOF))
            self._leave(visitor)
            return
        self._let_go(visitor)

    def _finish(self, visitor: Visitor) -> None:
        """Let go of a caller that was refused or has left."""
        handshake = visitor.pending.handshake
        assert handshake is not None
        if visitor.rings and handshake.rejection is None:
            self._lose_ring(visitor, "hung up")
        elif (
            handshake.rejection is not None
            and not visitor.rings  # The session says the others.
            and visitor.guess is not Guess.WRONG
        ):
            name = shown_name(handshake.peer_name)
            self._say(f"{name} ({visitor.pending.address}) was refused: {handshake.rejection}")
        self._tell_guess(visitor)
        self._leave(visitor, Bye() if handshake.rejection is None else None)

    def _say(self, sentence: str) -> None:
        self._refusals.say(self._now_us(), sentence)

    def _leave(self, visitor: Visitor, last: Bye | None = None) -> None:
        """Say the last word, and read for a while, so that it arrives."""
        visitor.stop()
        visitor.leaves_us = self._now_us() + LAST_WORD_US
        visitor.pending.say_last(last)
        self._selector.modify(visitor.pending, selectors.EVENT_READ, visitor)

    def _tell_guess(self, visitor: Visitor) -> None:
        if visitor.guess not in (Guess.WRONG, Guess.OPEN):
            return
        handshake = visitor.pending.handshake
        assert handshake is not None
        self._inbox.post(
            WrongCode(
                shown_name(handshake.peer_name),
                visitor.pending.address,
                self._door.guesses.total,
                is_last=self._door.takes_no_codes,
                was_completed=visitor.guess is Guess.WRONG,
            )
        )
        visitor.guess = Guess.NONE

    def _let_go(self, visitor: Visitor) -> None:
        """Drop a connection that leaves without a word of ours."""
        self._tell_guess(visitor)
        self._drop(visitor)

    def _drop(self, visitor: Visitor) -> None:
        del self._visitors[visitor.number]
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(visitor.pending)
        visitor.pending.close()

    def _watch(self, visitor: Visitor) -> None:
        events = selectors.EVENT_READ
        if visitor.pending.wants_to_write:
            events |= selectors.EVENT_WRITE
        self._selector.modify(visitor.pending, events, visitor)

    def _grant_wishes(self) -> None:
        with self._lock:
            wishes, self._wishes = self._wishes, []
        for wish in wishes:
            visitor = self._visitors.get(wish.number)
            if visitor is None or not visitor.rings:
                continue
            if wish.reason is None:
                self._establish(visitor)
            else:
                assert visitor.pending.handshake is not None
                with contextlib.suppress(LinkLost):
                    visitor.pending.queue(visitor.pending.handshake.reject(wish.reason))
                self._finish(visitor)

    def _establish(self, visitor: Visitor) -> None:
        pending = visitor.pending
        assert visitor.counterpart is not None
        try:
            pending.send(Accept())
            pending.flush()
        except NetError:
            self._lose_ring(visitor, "hung up")
            self._drop(visitor)
            return
        self._is_in_call = True
        del self._visitors[visitor.number]
        self._selector.unregister(pending)
        link = pending.detach()
        is_taken = self._inbox.post(
            Established(link, Role.CALLEE, visitor.counterpart, visitor.clock, self._now_us())
        )
        if not is_taken:
            link.release()
            self._is_in_call = False

    def _look_at_clock(self) -> None:
        now_us = self._now_us()
        self._refusals.on_time(now_us)
        for visitor in list(self._visitors.values()):
            pending = visitor.pending
            if visitor.leaves_us is not None:
                if now_us >= visitor.leaves_us:
                    self._drop(visitor)
            elif pending.is_late(now_us):
                self._say(f"{pending.address} was turned away: it took too long")
                self._let_go(visitor)
            elif visitor.rings and now_us - pending.heard_us > self._silence_timeout_us:
                self._lose_ring(visitor, "has gone silent")
                self._drop(visitor)
            else:
                try:
                    visitor.on_time(now_us)
                except NetError as error:
                    self._turn_away(visitor, error)
                else:
                    self._watch(visitor)
