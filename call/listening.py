"""The listen thread: every connection that is not a call yet, and one ring at a time.

One selector drives all of them through TLS, hello and proof; nothing blocks on any of them. The
call thread decides about a ring; its wishes come through a short list and a wake-up. While a call
is up, or another rings, strangers get *busy* straight after hello.
"""

import contextlib
import logging
import selectors
import socket
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from call.inbox import Established, Inbox, RingGone, Rung
from call.introduction import Introduction
from call.names import shown_name
from net.errors import LinkLost, NetError, NotOurProtocol
from net.link.admission import Waiting, source_of, who_goes
from net.link.pending import PendingLink
from net.link.socket_options import tune
from net.link.tls import TlsStream, server_context
from net.protocol.clock_sync import ClockSync
from net.protocol.control import Accept, Bye, Ping, Ringing
from net.protocol.handshake import REASON_BUSY, REASON_DECLINED
from net.protocol.states import Role, State

_log = logging.getLogger(__name__)

WAIT_S = 0.5
RING_PING_US = 1_000_000
LAST_WORD_US = 1_000_000
"""To read what one who was refused still sends, so that the refusal reaches it."""
ACCEPT_PAUSE_S = 0.05
"""After an accept that failed, such as for want of file descriptors."""


@dataclass(slots=True)
class _Visitor:
    number: int
    pending: PendingLink
    source: str
    clock: ClockSync
    pinged_us: int = 0
    rings: bool = False
    leaves_us: int | None = None


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
        inbox: Inbox,
        now_us: Callable[[], int],
        *,
        silence_timeout_us: int,
    ) -> None:
        self._sockets = sockets
        self._introduction = introduction
        self._context = server_context(introduction.identity)
        self._inbox = inbox
        self._now_us = now_us
        self._silence_timeout_us = silence_timeout_us
        self._visitors: dict[int, _Visitor] = {}
        self._count = 0
        self._lock = Lock()
        self._wishes: list[_Wish] = []
        self._is_in_call = False
        self._is_closed = False
        self._wake_read, self._wake_write = socket.socketpair()
        self._wake_read.setblocking(False)
        self._wake_write.setblocking(False)
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
        self._wake()

    def _wish(self, wish: _Wish) -> None:
        with self._lock:
            self._wishes.append(wish)
        self._wake()

    def _wake(self) -> None:
        with contextlib.suppress(OSError):
            self._wake_write.send(b"\0")

    # The listen thread.

    def run(self) -> None:
        """Serve until `close`. The body of the listen thread."""
        self._selector.register(self._wake_read, selectors.EVENT_READ, None)
        for listener in self._sockets:
            self._selector.register(listener, selectors.EVENT_READ, listener)
        try:
            while not self._is_closed:
                for key, events in self._selector.select(WAIT_S):
                    self._serve(key, events)
                self._grant_wishes()
                self._look_at_clock()
            self._grant_wishes()
        finally:
            for visitor in list(self._visitors.values()):
                if visitor.rings and visitor.pending.handshake is not None:
                    # Nobody has answered, perhaps nobody has even been asked yet.
                    with contextlib.suppress(NetError, ValueError):
                        visitor.pending.queue(visitor.pending.handshake.reject(REASON_DECLINED))
                visitor.pending.say_last()
                self._drop(visitor)
            for each in (*self._sockets, self._wake_read, self._wake_write):
                each.close()
            self._selector.close()

    def _serve(self, key: selectors.SelectorKey, events: int) -> None:
        if key.data is None:
            with contextlib.suppress(BlockingIOError):
                self._wake_read.recv(64)
        elif isinstance(key.data, socket.socket):
            self._welcome(key.data)
        elif key.data.number in self._visitors:
            self._go_on(key.data, events)

    def _welcome(self, listener: socket.socket) -> None:
        try:
            sock, address = listener.accept()
        except (BlockingIOError, InterruptedError, ConnectionError):
            return
        except OSError as error:
            _log.warning("a connection could not be taken: %s", error)
            self._wake_read.settimeout(ACCEPT_PAUSE_S)
            with contextlib.suppress(OSError):
                self._wake_read.recv(1)
            self._wake_read.setblocking(False)
            return
        try:
            sock.setblocking(False)
            tune(sock)
        except OSError:  # Reset already: some systems refuse to set anything then.
            sock.close()
            return
        shown = address[0].removeprefix("::ffff:")
        self._count += 1
        pending = PendingLink(
            sock,
            TlsStream(self._context, server_side=True),
            lambda tls: self._introduction.as_callee(self._is_busy),
            address=shown,
            opened_us=self._now_us(),
        )
        visitor = _Visitor(self._count, pending, source_of(shown), ClockSync())
        going = who_goes(
            [_as_waiting(one) for one in self._visitors.values()], _as_waiting(visitor)
        )
        if going is not None:
            self._drop(self._visitors[going.number])
        self._visitors[visitor.number] = visitor
        self._selector.register(sock, selectors.EVENT_READ, visitor)

    def _is_busy(self) -> bool:
        return self._is_in_call or any(one.rings for one in self._visitors.values())

    def _go_on(self, visitor: _Visitor, events: int) -> None:
        pending = visitor.pending
        if visitor.leaves_us is not None:
            if pending.drain():
                self._drop(visitor)
            return
        try:
            if events & selectors.EVENT_WRITE:
                pending.flush()
            if events & selectors.EVENT_READ:
                pending.on_readable(self._now_us())
            for pong in pending.take_pongs():
                visitor.clock.take_pong(
                    pong.sent_us, pong.received_us, pong.replied_us, pending.heard_us
                )
            if pending.state is State.RINGING and not visitor.rings:
                self._ring(visitor)
        except NetError as error:
            self._turn_away(visitor, error)
            return
        if pending.state is State.ENDED:
            self._finish(visitor)
        else:
            self._watch(visitor)

    def _ring(self, visitor: _Visitor) -> None:
        handshake = visitor.pending.handshake
        assert handshake is not None
        assert handshake.peer is not None
        if self._is_busy():
            visitor.pending.queue(handshake.reject(REASON_BUSY))
            return
        visitor.rings = True
        visitor.pending.send(Ringing())
        visitor.pending.flush()
        self._inbox.post(Rung(visitor.number, handshake.peer, visitor.pending.address))

    def _turn_away(self, visitor: _Visitor, error: NetError) -> None:
        if visitor.rings:
            self._inbox.post(RingGone(visitor.number, "hung up"))
        elif isinstance(error, LinkLost) and visitor.pending.handshake is None:
            _log.debug("%s connected and went away", visitor.pending.address)
        else:
            kind = "" if isinstance(error, NotOurProtocol) else "broke the protocol: "
            _log.info("%s was turned away: %s%s", visitor.pending.address, kind, error.sentence)
        self._drop(visitor)

    def _finish(self, visitor: _Visitor) -> None:
        """Let go of a caller that was refused or has left."""
        handshake = visitor.pending.handshake
        assert handshake is not None
        name = shown_name(handshake.peer.name if handshake.peer is not None else "")
        if visitor.rings and handshake.rejection is None:
            self._inbox.post(RingGone(visitor.number, "hung up"))
        elif handshake.rejection is not None and not visitor.rings:  # The session says the others.
            _log.info("%s (%s) was refused: %s", name, visitor.pending.address, handshake.rejection)
        visitor.rings = False
        visitor.leaves_us = self._now_us() + LAST_WORD_US
        visitor.pending.say_last(Bye() if handshake.rejection is None else None)
        self._selector.modify(visitor.pending, selectors.EVENT_READ, visitor)

    def _drop(self, visitor: _Visitor) -> None:
        del self._visitors[visitor.number]
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(visitor.pending)
        visitor.pending.close()

    def _watch(self, visitor: _Visitor) -> None:
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

    def _establish(self, visitor: _Visitor) -> None:
        pending = visitor.pending
        handshake = pending.handshake
        assert handshake is not None
        assert handshake.peer is not None
        try:
            pending.send(Accept())
            pending.flush()
        except NetError:
            self._inbox.post(RingGone(visitor.number, "hung up"))
            self._drop(visitor)
            return
        self._is_in_call = True
        del self._visitors[visitor.number]
        self._selector.unregister(pending)
        link = pending.detach()
        is_taken = self._inbox.post(
            Established(
                link,
                Role.CALLEE,
                handshake.peer,
                handshake.peer_fingerprint,
                pending.address,
                visitor.clock,
                self._now_us(),
            )
        )
        if not is_taken:
            link.release()
            self._is_in_call = False

    def _look_at_clock(self) -> None:
        now_us = self._now_us()
        for visitor in list(self._visitors.values()):
            pending = visitor.pending
            if visitor.leaves_us is not None:
                if now_us >= visitor.leaves_us:
                    self._drop(visitor)
            elif pending.is_late(now_us):
                _log.info("%s was turned away: it took too long", pending.address)
                self._drop(visitor)
            elif visitor.rings and now_us - pending.heard_us > self._silence_timeout_us:
                self._inbox.post(RingGone(visitor.number, "has gone silent"))
                self._drop(visitor)
            elif visitor.rings and now_us - visitor.pinged_us >= RING_PING_US:
                visitor.pinged_us = now_us
                visitor.clock.note_ping(now_us)
                try:
                    pending.send(Ping(now_us))
                    pending.flush()
                except NetError as error:
                    self._turn_away(visitor, error)


def _as_waiting(visitor: _Visitor) -> Waiting:
    return Waiting(
        visitor.number,
        visitor.source,
        visitor.pending.opened_us,
        visitor.pending.handshake is not None,
        visitor.rings,
    )
