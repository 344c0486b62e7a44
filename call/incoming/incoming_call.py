"""Incoming call: one connection from its first byte to an answered ring. Listen thread only.

No I/O and no clock: bytes, times and decisions in, events out, as in h11. After each call of a
method, the listen thread sends `link.outgoing`, handles `take_events()`, and looks at `phase`.

    OPENING -> RINGING -> the link is in State.CALL: the listen thread makes it a call
       |          |
       |       MEASURING (filler passes; `incoming_measurement.py`)
       |          |
       |       RESUMING -> the link is in State.CALL: the present call continues on it
       |          |        (a call that we hung up gets a bye instead)
       |          |
       +----------+-> LEAVING (a last message is on its way) -> CLOSED
       +----------+-------------------------------------------> CLOSED
"""

import contextlib
import logging
import math
from collections.abc import Callable
from enum import Enum
from typing import TypeAlias

from call.inbox import RemoteHungUp, ResumeAsked, RingGone, RingLoss, Rung, WrongCode
from call.incoming.admission_policy import AdmissionPolicy
from call.incoming.incoming_measurement import IncomingMeasurement
from call.incoming.refusal_log import Refusal
from call.local_peer import LocalPeer
from call.remote_peer import RemotePeer
from core.events import Rejected
from core.safe_text import shown_name
from net.errors import LinkLost, NetError, ProofWrong
from net.link.connection_limits import source_of
from net.link.pending_link import PendingLink
from net.link.tls import TlsStream
from net.protocol.control import Accept, Bye, Ringing
from net.protocol.handshake import Handshake
from net.protocol.reasons import Reason
from net.protocol.resume import ResumeCheck
from net.protocol.states import State
from ui.wording import log as wording

_log = logging.getLogger(__name__)

RING_PING_US = 1_000_000
LEAVING_US = 1_000_000
"""The time for which bytes are read after our last message, so that it arrives."""

IncomingEvent: TypeAlias = Rung | RingGone | WrongCode | ResumeAsked | RemoteHungUp | Refusal


class Phase(Enum):
    """The phase of an incoming call."""

    OPENING = "opening"
    RINGING = "ringing"
    MEASURING = "measuring"
    """A known caller measures goodput."""
    RESUMING = "resuming"
    """The caller of the present call has proven itself, and the call thread decides."""
    LEAVING = "leaving"
    """Refused or ended: it sends its last bytes, and discards those that arrive."""
    CLOSED = "closed"
    """The socket can be closed."""


class _Guess(Enum):
    """The state of a call code that the caller claims to know."""

    NONE = "none"
    OPEN = "open"
    """Claimed, and not checked yet: counts as wrong if the caller leaves."""
    WRONG = "wrong"
    RIGHT = "right"


class IncomingCall:
    """One connection to a listener.

    Args:
        number: identifies it in events.
        address: the caller's, for display and for rate limits.
        tls: not started yet.
        find_refusal: returns the reason why a caller with this fingerprint, b"" while unknown, may
            not ring now, or "".
        find_measurement_refusal: returns the reason why the caller with this number may not
            measure goodput now, or "".
        silence_timeout_us: after which a ringing caller counts as gone.
    Attributes:
        source: what counts as the caller's address, from `source_of`.
        remote_peer: the caller; None before it rings.
    """

    def __init__(
        self,
        number: int,
        address: str,
        tls: TlsStream,
        local_peer: LocalPeer,
        admission: AdmissionPolicy,
        *,
        find_refusal: Callable[[bytes], str],
        find_measurement_refusal: Callable[[int], str],
        opened_us: int,
        silence_timeout_us: int,
    ) -> None:
        self.number = number
        self.address = address
        self.source = source_of(address)
        self.link = PendingLink(
            tls,
            lambda stream: local_peer.as_callee(
                lambda: find_refusal(b""), admission.find_call, stream.channel_binding()
            ),
            opened_us=opened_us,
        )
        self.phase = Phase.OPENING
        self.remote_peer: RemotePeer | None = None
        self._local_name = local_peer.name
        self._admission = admission
        self._find_refusal = find_refusal
        self._measurement = IncomingMeasurement(
            self.link, admission, lambda: find_measurement_refusal(number)
        )
        self._silence_timeout_us = silence_timeout_us
        self._events: list[IncomingEvent] = []
        self._guess = _Guess.NONE
        self._answer = b""
        self._answer_due_us: int | None = None
        self._pinged_us = 0
        self._leaves_us = 0

    @property
    def due_us(self) -> int | None:
        """The time at which `on_time` has work, if it is known."""
        return self._answer_due_us

    def take_events(self) -> list[IncomingEvent]:
        """Remove and return the events since the last call, in order."""
        events, self._events = self._events, []
        return events

    def receive_data(self, data: bytes, now_us: int) -> None:
        """Handle bytes from the socket; b"" is the end of the stream."""
        if self.phase is Phase.LEAVING:
            if not data:
                self.phase = Phase.CLOSED
            return
        try:
            self.link.receive_data(data, now_us)
            self._advance(now_us)
        except NetError as error:
            self._fail(error, now_us)

    def lose_connection(self, error: NetError, now_us: int) -> None:
        """Handle an error of the socket."""
        if self.phase not in (Phase.LEAVING, Phase.CLOSED):
            self._fail(error, now_us)
        self.phase = Phase.CLOSED

    def on_time(self, now_us: int) -> None:
        """Answer a code when that is due, ping while it rings, and apply the time limits."""
        if self.phase is Phase.LEAVING:
            if now_us >= self._leaves_us:
                self.phase = Phase.CLOSED
        elif self._is_late(now_us):
            self._refuse("timed_out", wording.turned_away(self.address, "it took too long"))
            self._close()
        elif self._is_silent(now_us):
            self._lose_ring(RingLoss.SILENT, now_us)
            self._close()
        else:
            try:
                self._send_due(now_us)
                self._make_way(now_us)
            except NetError as error:
                self._fail(error, now_us)

    @property
    def is_sending_filler(self) -> bool:
        """True while `fill` has something to send."""
        return self.phase is Phase.MEASURING and self._measurement.is_sending

    def fill(self, now_us: int) -> bool:
        """Queue the next filler of a measurement, once the one before is sent; return whether."""
        if self.phase is not Phase.MEASURING:
            return False
        try:
            return self._measurement.fill(now_us)
        except NetError as error:
            self._fail(error, now_us)
            return False

    def accept(self, now_us: int) -> None:
        """Accept a ringing caller, or a resume. If the link holds, its state is then CALL."""
        try:
            self.link.send(Accept())
        except NetError as error:
            self._fail(error, now_us)

    def reject(self, reason: str, now_us: int) -> None:
        """Refuse a ringing caller, or a resume."""
        self._queue_rejection(reason)
        self._finish(now_us)

    def evict(self) -> None:
        """Close it to make room for another connection."""
        self._close()

    def end(self) -> None:
        """Close it because the program ends. A ringing caller is told."""
        if self.phase is Phase.RINGING:
            self._queue_rejection(Reason.PROGRAM_ENDED)
        self.phase = Phase.CLOSED

    @property
    def _handshake(self) -> Handshake:
        assert self.link.handshake is not None
        return self.link.handshake

    def _advance(self, now_us: int) -> None:
        if self.link.state is State.OWES_ANSWER and self._guess is _Guess.NONE:
            self._handle_claim(now_us)
        self._check_guess()
        if self.link.state is State.RINGING and self.phase is Phase.OPENING:
            self._ring(now_us)
        resume = self._handshake.resume if self.link.state is State.RESUMING else None
        if resume is not None and self.phase is Phase.OPENING:
            self._ask_to_resume(resume, now_us)
        wants_measurement = self.link.state is State.OWES_READY and self.phase is Phase.OPENING
        if wants_measurement and self._measurement.begin(now_us):
            self.phase = Phase.MEASURING
        self._measurement.on_received(now_us)
        if self.link.state is State.ENDED and self.phase is not Phase.LEAVING:
            self._finish(now_us)

    def _make_way(self, now_us: int) -> None:
        """End a measurement as soon as somebody rings or is called."""
        if self.phase is Phase.MEASURING and (reason := self._measurement.find_end()):
            name = self._measurement.known_name
            self._refuse(reason, wording.refused(name, self.address, reason))
            self.link.send(Bye(reason))
            self._leave(now_us)

    def _ask_to_resume(self, resume: ResumeCheck, now_us: int) -> None:
        bye_reason = self._admission.bye_reason(resume.call_id)
        if bye_reason is None:
            self.phase = Phase.RESUMING
            self._events.append(ResumeAsked(self.number, resume.call_id, resume.generation))
        else:
            self.link.send(Bye(bye_reason))
            self._leave(now_us)

    def _handle_claim(self, now_us: int) -> None:
        wait_s = self._admission.code_wait_s(self.source, now_us)
        if wait_s is None or wait_s > 0:
            self.link.queue(self._handshake.reject(Reason.TOO_MANY_WRONG_CODES, wait_s or 0))
            return
        self._guess = _Guess.OPEN
        self._answer_due_us = self._admission.guesses.begin(self.source, now_us)
        # Computed now and not when it is due, so that its timing reveals nothing of the secret.
        self._answer = self._handshake.answer_code(self._admission.make_exchange())

    def _check_guess(self) -> None:
        handshake = self.link.handshake
        if handshake is None or self._guess is not _Guess.OPEN:
            return
        if handshake.is_code_proven:
            self._guess = _Guess.RIGHT
            self._admission.guesses.succeed(self.source)
        elif handshake.is_code_wrong:
            self._guess = _Guess.WRONG

    def _ring(self, now_us: int) -> None:
        handshake = self._handshake
        if reason := self._find_refusal(handshake.peer_fingerprint):
            self.link.queue(handshake.reject(reason))
            return
        caller = self._admission.identify(handshake, self.address)
        if not self._admission.may_ring(caller):
            self.link.queue(handshake.reject(Reason.CODE_NEEDED))
            return
        wait_us = self._admission.rings.wait_us(self.source, now_us)
        if wait_us:
            wait_s = math.ceil(wait_us / 1e6)
            self.link.queue(handshake.reject(Reason.RANG_TOO_OFTEN, wait_s))
            return
        self.phase = Phase.RINGING
        self.remote_peer = caller
        self._events.append(Rung(self.number, caller))
        self.link.send(Ringing(self._local_name))

    def _is_late(self, now_us: int) -> bool:
        if self.phase is Phase.MEASURING:
            return self._measurement.is_late(now_us)
        return self.link.is_late(now_us)

    def _is_silent(self, now_us: int) -> bool:
        silent_us = now_us - self.link.heard_us
        return self.phase is Phase.RINGING and silent_us > self._silence_timeout_us

    def _send_due(self, now_us: int) -> None:
        if self._answer_due_us is not None and now_us >= self._answer_due_us:
            self._answer_due_us = None
            self.link.queue(self._answer)
        if self.phase is Phase.RINGING and now_us - self._pinged_us >= RING_PING_US:
            self._pinged_us = now_us
            self.link.ping(now_us)

    def _fail(self, error: NetError, now_us: int) -> None:
        """End it after an error of the peer or of the connection."""
        if self.phase is Phase.RINGING:
            self._lose_ring(RingLoss.HUNG_UP, now_us)
        elif isinstance(error, LinkLost) and self.link.handshake is None:
            _log.debug("%s connected and went away", self.address)
        elif self._guess is _Guess.OPEN:
            pass  # `_close` reports it.
        elif isinstance(error, LinkLost):
            self._refuse("left", wording.left_early(self.address))
        else:
            self._refuse(error.name, wording.turned_away(self.address, error.sentence))
        if isinstance(error, ProofWrong) and self.link.handshake is not None:
            # An honest caller has to learn that somebody relays its messages.
            self._guess = _Guess.NONE
            self._queue_rejection(Reason.WRONG_PROOF)
            self._leave(now_us)
        else:
            self._close()

    def _finish(self, now_us: int) -> None:
        """Leave a caller that was refused or has hung up."""
        rejection = self._handshake.rejection
        if rejection is None:
            resume = self._handshake.resume
            if self.phase is Phase.RINGING:
                self._lose_ring(RingLoss.HUNG_UP, now_us)
            elif self.phase is Phase.MEASURING:
                name = self._measurement.known_name
                self._refuse("left", wording.measured(name, self.address))
            elif resume is not None and resume.is_proven:
                reason = self._handshake.bye_reason
                self._events.append(RemoteHungUp(resume.call_id, reason))
            with contextlib.suppress(NetError, ValueError):
                self.link.send(Bye())
        # The session reports the end of a ring, and `WrongCode` a wrong code.
        elif self.phase is not Phase.RINGING and self._guess is not _Guess.WRONG:
            name = self._measurement.known_name or shown_name(self._handshake.peer_name)
            self._refuse(rejection, wording.refused(name, self.address, rejection))
        self._report_guess()
        self._leave(now_us)

    def _queue_rejection(self, reason: str) -> None:
        with contextlib.suppress(NetError, ValueError):
            self.link.queue(self._handshake.reject(reason))

    def _leave(self, now_us: int) -> None:
        self.phase = Phase.LEAVING
        self._leaves_us = now_us + LEAVING_US
        self._answer_due_us = None

    def _close(self) -> None:
        self._report_guess()
        self.phase = Phase.CLOSED

    def _lose_ring(self, loss: RingLoss, now_us: int) -> None:
        self._admission.rings.note_given_up(self.source, now_us)
        self._events.append(RingGone(self.number, loss))

    def _refuse(self, reason: str, sentence: str) -> None:
        handshake = self.link.handshake
        given = shown_name(handshake.peer_name) if handshake and handshake.peer_name else ""
        name = self._measurement.known_name or given
        event = Rejected(reason=reason, peer=name, address=self.address)
        self._events.append(Refusal(event, sentence))

    def _report_guess(self) -> None:
        if self._guess not in (_Guess.WRONG, _Guess.OPEN):
            return
        self._events.append(
            WrongCode(
                shown_name(self._handshake.peer_name),
                self.address,
                self._admission.guesses.total,
                is_last=self._admission.blocks_codes,
                was_completed=self._guess is _Guess.WRONG,
            )
        )
        self._guess = _Guess.NONE
