"""Incoming call: one connection on its way from TLS to a ring. Listen thread only.

It reads messages, pings while it rings, and answers a claimed code when the policy allows.
"""

import logging
import selectors
from enum import Enum

from call.incoming.admission_policy import AdmissionPolicy
from call.remote_peer import RemotePeer
from net.errors import NetError
from net.link.pending_link import PendingLink
from net.protocol.clock_sync import ClockSync
from net.protocol.control import Ping
from net.protocol.reasons import Reason
from net.protocol.states import State

_log = logging.getLogger(__name__)

RING_PING_US = 1_000_000


class Guess(Enum):
    """What became of a code that a incoming claimed to know."""

    NONE = "none"
    """It claimed none."""
    OPEN = "open"
    """Begun, and not completed: counts as wrong."""
    WRONG = "wrong"
    RIGHT = "right"


class IncomingCall:
    """One connection.

    Args:
        number: what it is called.
        source: what counts as its address, as `admission.source_of` gives it.
    """

    def __init__(
        self, number: int, pending: PendingLink, source: str, admission: AdmissionPolicy
    ) -> None:
        self.number = number
        self.pending = pending
        self.source = source
        self.clock = ClockSync()
        self.rings = False
        self.leaves_us: int | None = None
        """Until when it is read from after its last word; None as long as it may stay."""
        self.remote_peer: RemotePeer | None = None
        self.guess = Guess.NONE
        self._admission = admission
        self._answer = b""
        self._answers_us: int | None = None
        self._pinged_us = 0

    @property
    def due_us(self) -> int | None:
        """When `on_time` has to be called, if it has to."""
        return self._answers_us

    def on_events(self, events: int, now_us: int) -> None:
        """Write and read, and go as far as that leads.

        Raises:
            NetError: it is to be turned away.
        """
        pending = self.pending
        if events & selectors.EVENT_WRITE:
            pending.flush()
        if events & selectors.EVENT_READ:
            pending.on_readable(now_us)
        for pong in pending.take_pongs():
            self.clock.on_pong(pong.sent_us, pong.received_us, pong.replied_us, pending.heard_us)
        if pending.state is State.OWES_ANSWER and self.guess is Guess.NONE:
            self._take_claim(now_us)
        self._judge_guess()

    def stop(self) -> None:
        """Owe nothing any more: it leaves."""
        self.rings = False
        self._answers_us = None

    def on_time(self, now_us: int) -> None:
        """Answer a claimed code once that is due, and ping while it rings.

        Raises:
            NetError: it is to be turned away.
        """
        if self._answers_us is not None and now_us >= self._answers_us:
            self._answers_us = None
            self.pending.queue(self._answer)
            self.pending.flush()
        if self.rings and now_us - self._pinged_us >= RING_PING_US:
            self._pinged_us = now_us
            self.clock.note_ping(now_us)
            self.pending.send(Ping(now_us))
            self.pending.flush()

    def _take_claim(self, now_us: int) -> None:
        handshake = self.pending.handshake
        assert handshake is not None
        wait_s = self._admission.wait_s(self.source, now_us)
        if wait_s is None or wait_s > 0:
            self.pending.queue(handshake.reject(Reason.TOO_MANY_WRONG_CODES, wait_s or 0))
            return
        self.guess = Guess.OPEN
        self._answers_us = self._admission.guesses.begin(self.source, now_us)
        # Here, and not when it is due: the time of the answer says nothing of the arithmetic.
        self._answer = handshake.answer_code(self._admission.make_exchange())

    def _judge_guess(self) -> None:
        handshake = self.pending.handshake
        if handshake is None or self.guess is not Guess.OPEN:
            return
        if handshake.is_code_proven:
            self.guess = Guess.RIGHT
            self._admission.guesses.succeed(self.source)
        elif handshake.is_code_wrong:
            self.guess = Guess.WRONG


def say_last_word(incoming: IncomingCall, reason: str) -> None:
    """Refuse a caller that rings while the program ends."""
    handshake = incoming.pending.handshake
    if incoming.rings and handshake is not None:
        try:
            incoming.pending.queue(handshake.reject(reason))
        except (NetError, ValueError) as error:
            _log.debug("the last word did not get through: %s", error)
    incoming.pending.say_last()
