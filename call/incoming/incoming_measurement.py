"""Incoming measurement: from a known caller's proof to its bye. Listen thread only.

No I/O and no clock. Only a caller whose key is stored gets as far as filler, and only while no call
rings or goes on.
"""

import math
from collections.abc import Callable

from call.incoming.admission_policy import AdmissionPolicy
from net.link.goodput_run import CALLEE_LIMIT_US, GoodputRun
from net.link.pending_link import PendingLink
from net.protocol.goodput_messages import GoodputReady
from net.protocol.handshake import Handshake
from net.protocol.reasons import Reason


class IncomingMeasurement:
    """The measurement of one incoming call, if it asks for one.

    Args:
        find_refusal: returns the reason why this caller may not measure goodput now, or "".
    Attributes:
        known_name: this user's name for a caller that asks and is known; "" before and otherwise.
    """

    def __init__(
        self,
        link: PendingLink[Handshake],
        admission: AdmissionPolicy,
        find_refusal: Callable[[], str],
    ) -> None:
        self.known_name = ""
        self._link = link
        self._admission = admission
        self._find_refusal = find_refusal
        self._run: GoodputRun | None = None

    def begin(self, now_us: int) -> bool:
        """Queue the consent or the rejection of a caller that has proven its key; return which."""
        handshake = self._link.handshake
        assert handshake is not None
        fingerprint = handshake.peer_fingerprint
        known = self._admission.find_known(fingerprint)
        if known is None:
            self._link.queue(handshake.reject(Reason.NOT_KNOWN))
            return False
        self.known_name = known.name
        if reason := self._find_refusal():
            self._link.queue(handshake.reject(reason))
            return False
        wait_us = self._admission.measurements.wait_us(fingerprint, now_us)
        if wait_us:
            wait_s = math.ceil(wait_us / 1e6)
            self._link.queue(handshake.reject(Reason.MEASURED_TOO_OFTEN, wait_s))
            return False
        self._admission.measurements.note(fingerprint, now_us)
        self._link.send(GoodputReady())
        self._run = GoodputRun(self._link, now_us, limit_us=CALLEE_LIMIT_US)
        return True

    def find_end(self) -> str:
        """Return the reason why a begun measurement must end now, or "": somebody calls."""
        return self._find_refusal()

    def on_received(self, now_us: int) -> None:
        """Count what has arrived, and report it once that is due.

        Raises:
            ProtocolError: the caller sends more than it may.
            LinkLost: the caller reads nothing.
        """
        if self._run is not None:
            self._run.on_received(now_us)

    @property
    def is_sending(self) -> bool:
        """True while `fill` has something to send."""
        return self._run is not None and self._run.is_sending

    def fill(self, now_us: int) -> bool:
        """Queue the next filler, once the one before is sent; return whether.

        Raises:
            LinkLost: the link is closed.
        """
        return self._run is not None and self._run.fill(now_us)

    def is_late(self, now_us: int) -> bool:
        """Return whether a direction takes longer than it may."""
        return self._run is not None and self._run.is_late(now_us)
