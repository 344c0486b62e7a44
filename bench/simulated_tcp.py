"""One direction of a simulated TCP connection: order, retransmission, congestion control. Pure.

    write -> [unsent] -> window -> forward shaper -> [in order?] -> readable
                  window, loss <- backward shaper <- acknowledgement of each segment

Modelled: loss detection by later acknowledgements (RACK, RFC 8985) and by a timer (RFC 6298), a
CUBIC window (RFC 9438) with slow start, headers of TCP and IP, delivery in order.
`bench/simulated_bbr.py` may take CUBIC's place.
Not modelled: the opening handshake, delayed and cumulative acknowledgements, tail loss probes,
HyStart, spurious retransmission's undo, ECN, and the receiver's window.
"""

import math
from collections import OrderedDict
from typing import NamedTuple, Protocol

import msgspec

from bench.link_conditions import NEVER_US
from bench.link_shaper import LinkShaper

SEGMENT_BYTES = 1400
"""The most payload of one segment."""
HEADER_BYTES = 52
"""Of IPv4 and TCP with time stamps."""
FIRST_WINDOW = 10
"""Segments; RFC 6928."""
LEAST_WINDOW = 2.0
LEAST_VARIANCE_US = 200_000
"""The least time that Linux adds to the round trip for its timeout (TCP_RTO_MIN)."""
FIRST_TIMEOUT_US = 1_000_000
MOST_BACKOFF = 64
BETA = 0.7
"""The share of the window that a loss leaves; RFC 9438, section 4.6."""
CUBIC_C = 0.4
NO_THRESHOLD = 1e9


class WireSegment(NamedTuple):
    """A segment as it travels."""

    number: int
    size_bytes: int
    sent_us: int


class Acknowledgement(NamedTuple):
    """The number of a segment that arrived, and the time at which that copy of it was sent."""

    number: int
    sent_us: int


class _Segment(msgspec.Struct):
    """A segment that is not acknowledged yet."""

    number: int
    size_bytes: int
    sent_us: int


class _RoundTrip:
    """The smoothed round trip and its variation; RFC 6298.

    Attributes:
        smoothed_us: 0 before the first measurement above 0.
        timeout_us: the time after which a segment without acknowledgement counts as lost.
    """

    def __init__(self) -> None:
        self.smoothed_us = 0.0
        self.timeout_us = FIRST_TIMEOUT_US
        self._variation_us = 0.0
        self._backoff = 1

    def add(self, round_trip_us: int) -> None:
        """Add a measurement, which also ends the backoff."""
        if self.smoothed_us:
            self._variation_us += (abs(round_trip_us - self.smoothed_us) - self._variation_us) / 4
            self.smoothed_us += (round_trip_us - self.smoothed_us) / 8
        else:
            self.smoothed_us, self._variation_us = round_trip_us, round_trip_us / 2
        self._backoff = 1
        if self.smoothed_us:
            variance_us = max(LEAST_VARIANCE_US, 4 * self._variation_us)
            self.timeout_us = int(self.smoothed_us + variance_us)
        else:
            self.timeout_us = FIRST_TIMEOUT_US

    def back_off(self) -> None:
        """Double the timeout until the next measurement."""
        if self._backoff < MOST_BACKOFF:
            self._backoff *= 2
            self.timeout_us *= 2


class CongestionControl(Protocol):
    """The limit on what the sender has in flight.

    Attributes:
        segments: how many may be in flight.
        ready_us: when the next one may be sent.
    """

    segments: float
    ready_us: int

    def on_written(self, in_flight: int) -> None:
        """Note that the application writes while less than a segment waits."""

    def on_sent(self, number: int, size_bytes: int, in_flight: int, now_us: int) -> None:
        """Note a segment that is sent while others are in flight."""

    def on_acknowledged(
        self, number: int, round_trip_us: int, smoothed_us: float, in_flight: int, now_us: int
    ) -> None:
        """Note a segment that has arrived, and how many were in flight with it."""

    def on_late(self, number: int, now_us: int) -> None:
        """Note a segment that counts as lost and waits to be sent again, but has arrived."""

    def on_lost(self, count: int, sent_us: int, now_us: int) -> None:
        """Note that segments were lost, the first of which was sent at a time."""

    def on_timeout(self, in_flight: int, now_us: int) -> None:
        """Note that all in flight counts as lost."""


class CubicWindow:
    """The congestion window of CUBIC, in segments, without pacing; RFC 9438."""

    def __init__(self) -> None:
        self.segments = float(FIRST_WINDOW)
        self.ready_us = 0
        self._threshold = NO_THRESHOLD
        self._before_loss = 0.0
        self._epoch_us = 0
        self._reduced_us = -1

    def on_written(self, in_flight: int) -> None:
        """Do nothing."""

    def on_sent(self, number: int, size_bytes: int, in_flight: int, now_us: int) -> None:
        """Do nothing."""

    def on_acknowledged(
        self, number: int, round_trip_us: int, smoothed_us: float, in_flight: int, now_us: int
    ) -> None:
        """Grow for one acknowledged segment, if the window was what limited the sender."""
        needed = int(self.segments) / 2 if self._is_slow_start else int(self.segments)
        if now_us <= self._reduced_us or in_flight < needed:
            return
        if self._is_slow_start:
            self.segments += 1
            return
        wanted = self._wanted(smoothed_us, now_us)
        if wanted > self.segments:
            self.segments += min(0.5, max(0.01, (wanted - self.segments) / self.segments))

    def on_late(self, number: int, now_us: int) -> None:
        """Do nothing."""

    def on_lost(self, count: int, sent_us: int, now_us: int) -> None:
        """Shrink because a segment was lost, once for all that were sent before."""
        if sent_us <= self._reduced_us:
            return
        self._before_loss = self.segments
        self.segments = max(LEAST_WINDOW, self.segments * BETA)
        self._threshold = self.segments
        self._epoch_us = self._reduced_us = now_us

    def on_timeout(self, in_flight: int, now_us: int) -> None:
        """Begin again with one segment."""
        self._threshold = max(LEAST_WINDOW, in_flight * BETA)
        self._before_loss = self._threshold
        self.segments = 1.0
        self._epoch_us = now_us

    @property
    def _is_slow_start(self) -> bool:
        return self.segments < self._threshold

    def _wanted(self, smoothed_us: float, now_us: int) -> float:
        """Return the window that CUBIC, or Reno if that is faster, aims at."""
        since_us = now_us - self._epoch_us
        inflection_s = math.cbrt(self._before_loss * (1 - BETA) / CUBIC_C)
        elapsed_s = (since_us + smoothed_us) / 1e6
        cubic = CUBIC_C * (elapsed_s - inflection_s) ** 3 + self._before_loss
        per_round_trip = 3 * (1 - BETA) / (1 + BETA)
        reno = self._before_loss * BETA + per_round_trip * since_us / max(1.0, smoothed_us)
        return max(cubic, reno)


class SimulatedTcp:
    """Carries a stream of bytes over two shapers.

    Args:
        forward: carries segments.
        backward: carries acknowledgements.
        control: CUBIC by default.

    Attributes:
        delivered_bytes: all bytes that became readable, in order.
        retransmitted: segments sent again.
    """

    def __init__(
        self,
        forward: LinkShaper[WireSegment],
        backward: LinkShaper[Acknowledgement],
        control: CongestionControl | None = None,
    ) -> None:
        self.delivered_bytes = 0
        self.retransmitted = 0
        self._forward = forward
        self._backward = backward
        self._control: CongestionControl = control or CubicWindow()
        self._round_trip = _RoundTrip()
        self._unsent_bytes = 0
        self._next_number = 0
        self._flight: OrderedDict[int, _Segment] = OrderedDict()
        """Segments by number, in the order in which they were sent last."""
        self._lost: list[_Segment] = []
        self._newest_sent_us = -1
        """When the newest segment that was acknowledged was sent."""
        self._next_wanted = 0
        self._timeout_at_us: int | None = NEVER_US
        """When the oldest segment in flight counts as lost; None if that has changed."""
        self._paced_until_us = NEVER_US
        """When the next segment is sent, if only pacing holds it."""
        self._early: dict[int, int] = {}
        """The sizes of segments that arrived before an earlier one."""

    @property
    def unsent_bytes(self) -> int:
        """Bytes that wait for the window."""
        return self._unsent_bytes

    @property
    def smoothed_us(self) -> int:
        """The smoothed round trip of single segments; 0 before the first."""
        return int(self._round_trip.smoothed_us)

    def write(self, size_bytes: int, now_us: int) -> None:
        """Append bytes to the stream."""
        if self._unsent_bytes < SEGMENT_BYTES and not self._lost:
            self._control.on_written(len(self._flight))
        self._unsent_bytes += size_bytes
        self._send(now_us)

    def next_due_us(self) -> int:
        """Return when `advance` has something to do next, at the latest `NEVER_US`."""
        return min(
            self._timeout_us(), self._forward.due_us, self._backward.due_us, self._paced_until_us
        )

    def advance(self, now_us: int) -> int:
        """Move to `now_us`, and return the number of bytes that became readable."""
        before = self.delivered_bytes
        if now_us >= self._forward.moves_us:
            for _, segment in self._forward.pop_due(now_us):
                self._receive(segment)
                answer = Acknowledgement(segment.number, segment.sent_us)
                self._backward.offer(answer, HEADER_BYTES, now_us)
        if now_us >= self._backward.moves_us:
            for _, acknowledgement in self._backward.pop_due(now_us):
                self._on_acknowledged(acknowledgement, now_us)
        if now_us >= self._timeout_us():
            self._on_timeout(now_us)
        self._send(now_us)
        return self.delivered_bytes - before

    # The receiving end.

    def _receive(self, segment: WireSegment) -> None:
        if segment.number < self._next_wanted:
            return
        self._early[segment.number] = segment.size_bytes
        while self._next_wanted in self._early:
            self.delivered_bytes += self._early.pop(self._next_wanted)
            self._next_wanted += 1

    # The sending end.

    def _timeout_us(self) -> int:
        """Return when the oldest segment in flight counts as lost."""
        if self._timeout_at_us is None:
            self._timeout_at_us = NEVER_US
            for oldest in self._flight.values():
                self._timeout_at_us = oldest.sent_us + self._round_trip.timeout_us
                break
        return self._timeout_at_us

    def _on_timeout(self, now_us: int) -> None:
        self._round_trip.back_off()
        self._control.on_timeout(len(self._flight), now_us)
        self._lost = sorted([*self._lost, *self._flight.values()], key=lambda each: each.number)
        self._flight.clear()
        self._timeout_at_us = None

    def _on_acknowledged(self, acknowledgement: Acknowledgement, now_us: int) -> None:
        if self._flight.pop(acknowledgement.number, None) is None:
            # It counted as lost, but was only late.
            still_lost = [each for each in self._lost if each.number != acknowledgement.number]
            if len(still_lost) < len(self._lost):
                self._lost = still_lost
                self._control.on_late(acknowledgement.number, now_us)
            return
        self._timeout_at_us = None
        round_trip_us = now_us - acknowledgement.sent_us
        self._round_trip.add(round_trip_us)
        self._newest_sent_us = max(self._newest_sent_us, acknowledgement.sent_us)
        self._detect_losses(now_us, round_trip_us)
        self._control.on_acknowledged(
            acknowledgement.number,
            round_trip_us,
            self._round_trip.smoothed_us,
            len(self._flight) + 1,
            now_us,
        )

    def _detect_losses(self, now_us: int, round_trip_us: int) -> None:
        """Give up segments sent a quarter of a round trip before one that has arrived."""
        until_us = now_us - round_trip_us - self._round_trip.smoothed_us / 4
        lost = []
        for segment in self._flight.values():
            if segment.sent_us >= self._newest_sent_us or segment.sent_us >= until_us:
                break
            lost.append(segment)
        for segment in lost:
            del self._flight[segment.number]
        self._lost.extend(lost)
        if lost:
            self._control.on_lost(len(lost), lost[0].sent_us, now_us)

    def _send(self, now_us: int) -> None:
        control = self._control
        self._paced_until_us = NEVER_US
        while (self._unsent_bytes or self._lost) and len(self._flight) < int(control.segments):
            if control.ready_us > now_us:
                self._paced_until_us = control.ready_us
                return
            segment = self._next_segment(now_us)
            control.on_sent(segment.number, segment.size_bytes, len(self._flight), now_us)
            self._flight[segment.number] = segment
            self._timeout_at_us = None
            wire = WireSegment(segment.number, segment.size_bytes, now_us)
            self._forward.offer(wire, segment.size_bytes + HEADER_BYTES, now_us)

    def _next_segment(self, now_us: int) -> _Segment:
        """Return the next segment to send, lost ones first."""
        if self._lost:
            segment = self._lost.pop(0)
            segment.sent_us = now_us
            self.retransmitted += 1
            return segment
        size_bytes = min(SEGMENT_BYTES, self._unsent_bytes)
        self._unsent_bytes -= size_bytes
        self._next_number += 1
        return _Segment(self._next_number - 1, size_bytes, now_us)
