"""Listener: the sockets of all incoming calls, and one selector. Listen thread.

No connection blocks another. `IncomingCall` decides what happens on each; this module moves its
bytes, hands its events to the call thread, and carries out the call thread's decisions about a
ring. While a caller rings, and during a call, other callers are rejected as busy; the caller of the
present call may continue it on another connection.
"""

import logging
import selectors
import socket
from collections.abc import Callable
from threading import Lock

import msgspec

from call.inbox import Established, Inbox, LinkResumed
from call.incoming.admission_policy import AdmissionPolicy
from call.incoming.incoming_call import IncomingCall, Phase
from call.incoming.refusal_log import Refusal, RefusalLog
from call.local_peer import LocalPeer
from core.events import Event
from core.wake_up import WakeUp
from net.errors import LinkLost
from net.link.connection_limits import ArrivalCounts, PendingConnection, choose_eviction
from net.link.listening_sockets import accept
from net.link.pending_socket import PendingSocket
from net.link.tls import TlsStream, server_context
from net.protocol.handshake import Handshake
from net.protocol.states import Role

_log = logging.getLogger(__name__)

POLL_S = 0.5
"""The longest wait of the selector while somebody is connected, and so the resolution of the time
limits."""
FILLERS_AT_ONCE = 4
"""The most filler that one measurement sends before other connections have their turn."""
ACCEPT_PAUSE_S = 0.05
"""After an accept that failed, for example for lack of file descriptors."""


_ANSWERABLE = (Phase.RINGING, Phase.RESUMING)
"""The phases in which the call thread decides."""


class _Decision(msgspec.Struct, frozen=True):
    """The call thread's answer to a ring or to a resume.

    Attributes:
        caller: the number of the incoming call.
        rejection: the reason to refuse it, or None to accept it.
    """

    caller: int
    rejection: str | None


class _Connection(msgspec.Struct, frozen=True):
    call: IncomingCall
    socket: PendingSocket[Handshake]


class Listener:
    """Accepts connections, and lets one caller at a time ring.

    Args:
        sockets: listening and non-blocking; owned from now on.
        report: given each refusal before a ring.
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
        self._connections: dict[int, _Connection] = {}
        self._count = 0
        self._arrivals = ArrivalCounts()
        self._refusal_log = RefusalLog(report)
        self._lock = Lock()
        self._decisions: list[_Decision] = []
        self._is_in_call = False
        self._is_closed = False
        self._wake_up = WakeUp()
        self._selector = selectors.DefaultSelector()

    # Call thread.

    def accept(self, caller: int) -> None:
        """Accept a ringing caller or a resume; `Established`, `LinkResumed` or a loss follows."""
        self._decide(_Decision(caller, None))

    def reject(self, caller: int, reason: str) -> None:
        """Refuse a ringing caller or a resume."""
        self._decide(_Decision(caller, reason))

    def introduce_as(self, local_peer: LocalPeer) -> None:
        """Answer callers that connect from now on as this peer, whose name has changed."""
        self._local_peer = local_peer

    def end_call(self) -> None:
        """Let callers ring again, after the call that was established."""
        self._is_in_call = False

    def close(self) -> None:
        """Close all connections and end `run`, soon."""
        self._is_closed = True
        self._wake_up.wake()

    def _decide(self, decision: _Decision) -> None:
        with self._lock:
            self._decisions.append(decision)
        self._wake_up.wake()

    # Listen thread.

    def run(self) -> None:
        """Serve all connections until `close`. The body of the listen thread."""
        self._selector.register(self._wake_up, selectors.EVENT_READ, None)
        for listening in self._sockets:
            self._selector.register(listening, selectors.EVENT_READ, listening)
        try:
            self._admission.prepare()
            while not self._is_closed:
                for key, events in self._selector.select(self._wait_s()):
                    self._serve(key, events)
                self._carry_out_decisions()
                self._apply_time()
            self._carry_out_decisions()
        finally:
            for connection in self._connections.values():
                connection.call.end()
                connection.socket.end_sending()
                connection.socket.close()
            for listening in self._sockets:
                listening.close()
            self._wake_up.close()
            self._selector.close()

    def _wait_s(self) -> float | None:
        """Return the seconds until the next time limit, or None without one."""
        times = [connection.call.due_us for connection in self._connections.values()]
        due = [due_us for due_us in (*times, self._refusal_log.due_us) if due_us is not None]
        if not due:
            return POLL_S if self._connections else None
        return min(POLL_S, max(0.0, (min(due) - self._now_us()) / 1e6))

    def _serve(self, key: selectors.SelectorKey, events: int) -> None:
        if key.data is None:
            self._wake_up.clear()
        elif isinstance(key.data, socket.socket):
            self._accept_connection(key.data)
        elif key.data.call.number in self._connections:  # Not evicted since the select.
            if events & selectors.EVENT_READ:
                self._read(key.data)
            self._update(key.data)

    def _accept_connection(self, listening: socket.socket) -> None:
        try:
            accepted = accept(listening)
        except OSError as error:
            _log.debug("a connection could not be accepted: %s", error.strerror)
            self._wake_up.wait(ACCEPT_PAUSE_S)
            return
        if accepted is None:
            return
        sock, address = accepted
        self._count += 1
        call = IncomingCall(
            self._count,
            address,
            TlsStream(self._context, server_side=True),
            self._local_peer,
            self._admission,
            find_refusal=self._find_refusal,
            find_measurement_refusal=self._find_measurement_refusal,
            opened_us=self._now_us(),
            silence_timeout_us=self._silence_timeout_us,
        )
        self._arrivals.note(call.source, self._now_us())
        self._make_room_for(call)
        connection = _Connection(call, PendingSocket(sock, call.link))
        self._connections[call.number] = connection
        self._selector.register(connection.socket, selectors.EVENT_READ, connection)

    def _find_refusal(self, fingerprint: bytes) -> str:
        is_ringing = any(one.call.phase is Phase.RINGING for one in self._connections.values())
        return self._admission.find_refusal(
            fingerprint, is_in_call=self._is_in_call, is_ringing=is_ringing
        )

    def _find_measurement_refusal(self, number: int) -> str:
        others = [one.call.phase for key, one in self._connections.items() if key != number]
        return self._admission.find_measurement_refusal(
            is_in_call=self._is_in_call,
            is_ringing=Phase.RINGING in others,
            is_measuring=Phase.MEASURING in others,
        )

    def _make_room_for(self, newest: IncomingCall) -> None:
        waiting = [self._as_pending(one.call) for one in self._connections.values()]
        evicted = choose_eviction(waiting, self._as_pending(newest))
        if evicted is not None:
            connection = self._connections[evicted.number]
            connection.call.evict()
            self._update(connection)

    def _as_pending(self, call: IncomingCall) -> PendingConnection:
        return PendingConnection(
            call.number,
            call.source,
            call.link.opened_us,
            is_encrypted=call.link.handshake is not None,
            rings=call.phase in _ANSWERABLE,
            arrivals=self._arrivals.of(call.source),
        )

    def _read(self, connection: _Connection) -> None:
        try:
            data = connection.socket.read()
        except LinkLost as error:
            connection.call.lose_connection(error, self._now_us())
        else:
            if data is not None:
                connection.call.receive_data(data, self._now_us())

    def _update(self, connection: _Connection) -> None:
        """Send what a call has queued, handle its events, and watch or close its socket."""
        call = connection.call
        try:
            connection.socket.flush()
            for _ in range(FILLERS_AT_ONCE):
                if call.link.outgoing or not call.fill(self._now_us()):
                    break
                connection.socket.flush()
        except LinkLost as error:
            call.lose_connection(error, self._now_us())
        for event in call.take_events():
            if isinstance(event, Refusal):
                self._refusal_log.record(self._now_us(), event)
            else:
                self._inbox.post(event)
        if call.phase is Phase.CLOSED:
            self._forget(connection)
            connection.socket.close()
            return
        if call.phase is Phase.LEAVING and not call.link.outgoing:
            connection.socket.end_sending()
        wanted = selectors.EVENT_READ
        if call.link.outgoing or call.is_sending_filler:
            wanted |= selectors.EVENT_WRITE
        self._selector.modify(connection.socket, wanted, connection)

    def _forget(self, connection: _Connection) -> None:
        del self._connections[connection.call.number]
        self._selector.unregister(connection.socket)

    def _carry_out_decisions(self) -> None:
        with self._lock:
            decisions, self._decisions = self._decisions, []
        for decision in decisions:
            connection = self._connections.get(decision.caller)
            if connection is None or connection.call.phase not in _ANSWERABLE:
                continue
            if decision.rejection is None:
                connection.call.accept(self._now_us())
            else:
                connection.call.reject(decision.rejection, self._now_us())
            self._update(connection)
            if connection.call.phase is Phase.RINGING:
                self._establish(connection)
            elif connection.call.phase is Phase.RESUMING:
                self._resume(connection)

    def _establish(self, connection: _Connection) -> None:
        """Hand an accepted call over to the call thread."""
        call = connection.call
        assert call.remote_peer is not None
        self._is_in_call = True
        self._forget(connection)
        link = connection.socket.detach()
        assert call.link.handshake is not None
        established = Established(
            link,
            Role.CALLEE,
            call.remote_peer,
            call.link.clock,
            self._now_us(),
            call.link.handshake.session_digest,
        )
        if not self._inbox.post(established):
            link.hang_up()
            self._is_in_call = False

    def _resume(self, connection: _Connection) -> None:
        """Hand a link that continues the present call over to the call thread."""
        handshake = connection.call.link.handshake
        assert handshake is not None
        resume = handshake.resume
        assert resume is not None
        self._forget(connection)
        link = connection.socket.detach()
        if not self._inbox.post(LinkResumed(link, resume.call_id, resume.generation)):
            link.hang_up()

    def _apply_time(self) -> None:
        now_us = self._now_us()
        self._refusal_log.on_time(now_us)
        for connection in list(self._connections.values()):
            connection.call.on_time(now_us)
            self._update(connection)
