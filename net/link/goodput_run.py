"""One measurement of goodput on a pending link, at either end. No I/O and no clock.

After the link has handled bytes, call `on_received`. While `is_sending`, call `fill` whenever the
link's outgoing bytes have left. Memory holds one filler each way, whatever the peer does.
"""

from net.errors import ProtocolError
from net.link.pending_link import PendingLink
from net.protocol.goodput import MAX_TOTAL_BYTES, FillerSchedule, GoodputMeter
from net.protocol.goodput_messages import Filler, FillerEnd, GoodputReport
from net.protocol.handshake import Handshake
from net.protocol.states import State

CALLER_LIMIT_US = 8_000_000
"""For each direction. At 0.1 Mbit/s, what TCP sends within a second takes 3 s to arrive; where the
system's whole send buffer has to drain first (`net/link/socket_options.py`), 6.5 s."""
CALLEE_LIMIT_US = 10_000_000
"""Longer, so that the caller, who tells its user, gives up first."""
MAX_RECEIVED_BYTES = MAX_TOTAL_BYTES * 17 // 16
"""From the socket: the most filler and a sixteenth, since around the smallest filler, message and
TLS take a twenty-third. Unknown fields and messages count, which the meter of padding skips."""


class GoodputRun:
    """One measurement.

    Args:
        link: of the caller from its start, of the callee from its consent on.
        limit_us: after which a direction has failed.
    """

    def __init__(self, link: PendingLink[Handshake], now_us: int, *, limit_us: int) -> None:
        self._link = link
        self._limit_us = limit_us
        self._due_us = now_us + limit_us
        self._received_before_bytes = link.received_bytes
        self._meter = GoodputMeter()
        self._metered_bytes = 0
        self._schedule: FillerSchedule | None = None
        self._has_report = False

    @property
    def is_sending(self) -> bool:
        """True while it is this end's turn to send filler."""
        return self._link.state is State.SENDS_FILLER

    @property
    def received(self) -> GoodputReport:
        """What has arrived here."""
        return self._meter.report

    def is_late(self, now_us: int) -> bool:
        """Return whether the present direction takes longer than it may."""
        return now_us > self._due_us

    def on_received(self, now_us: int) -> None:
        """Count the filler that the link has received, and report it once that is due.

        Raises:
            ProtocolError: the peer sends more than it may, or reports more than it was sent.
            LinkLost: the peer reads nothing.
        """
        handshake = self._link.handshake
        if handshake is None:
            return
        if self._link.received_bytes - self._received_before_bytes > MAX_RECEIVED_BYTES:
            raise ProtocolError("The other side sent more than a measurement takes")
        count_bytes = handshake.filler_bytes - self._metered_bytes
        if count_bytes:
            self._metered_bytes += count_bytes
            self._meter.add(count_bytes, now_us)
        if handshake.state is State.OWES_REPORT:
            self._link.send(self._meter.report)
            self._due_us = now_us + self._limit_us
        elif handshake.goodput_report is not None and not self._has_report:
            sent_bytes = self._schedule.sent_bytes if self._schedule is not None else 0
            if handshake.goodput_report.received_bytes > sent_bytes:
                raise ProtocolError("The other side reports more than it was sent")
            self._has_report = True
            self._due_us = now_us + self._limit_us

    def fill(self, now_us: int) -> bool:
        """Queue the next filler or the end of it, if it is time; return whether.

        Raises:
            LinkLost: this side has closed the link.
        """
        if not self.is_sending or self._link.outgoing:
            return False
        if self._schedule is None:
            self._schedule = FillerSchedule(now_us)
        size_bytes = self._schedule.next_bytes(now_us)
        if size_bytes:
            self._link.send(Filler(bytes(size_bytes)))
        else:
            self._link.send(FillerEnd())
        return True
