"""Shaper of packets: one direction of a simulated link. Pure: no I/O, no clock.

    offer -> [too large?] -> FIFO queue, bounded in bytes -> transmission at the rate
          -> [blackout? loss?] -> delay, jitter, reordering -> pop_due

The same schedule, seed and packets at the same times give the same result. Losses, jitter and
reordering are drawn separately, so that turning one on does not change another.
"""

import heapq
import itertools
import random
from collections import deque
from typing import Generic, TypeVar

import msgspec

from bench.link_conditions import (
    NEVER_US,
    Blackout,
    BlackoutKind,
    Conditions,
    Counters,
    LossBursts,
    Schedule,
    Span,
)

Packet = TypeVar("Packet")


class LinkShaper(Generic[Packet]):
    """One direction of a link. Packets are opaque; only their sizes count.

    Args:
        now_us: the time at which the schedule begins.
    """

    def __init__(self, schedule: Schedule, *, seed: int, now_us: int) -> None:
        self.counters = Counters()
        self._schedule, self._began_us = schedule, now_us
        self._queue: deque[tuple[int, Packet]] = deque()
        self._in_flight: list[tuple[int, int, Packet]] = []
        self._order = itertools.count()
        self._last_due_us = 0
        # The head of the queue: the time when it was last served, its bits left, and its end.
        self._served_us = float(now_us)
        self._left_bits = 0.0
        self._sent_us = float(NEVER_US)
        self._head_due_us = NEVER_US
        self._begin(schedule, seed, now_us)

    def change(self, schedule: Schedule, *, seed: int, now_us: int) -> None:
        """Apply another schedule from now on. Packets underway stay."""
        self._advance(now_us)
        self._serve_head(now_us)
        self._begin(schedule, seed, now_us)
        self._plan_head()

    def black_out(self, duration_ms: float, kind: BlackoutKind, now_us: int) -> None:
        """Let nothing pass for a time from now on."""
        self._advance(now_us)
        self._serve_head(now_us)
        added = Blackout(from_ms=(now_us - self._began_us) / 1000, lasts_ms=duration_ms, kind=kind)
        self._schedule = msgspec.structs.replace(
            self._schedule, blackouts=(*self._schedule.blackouts, added)
        )
        self._forget_span()
        self._plan_head()

    def _begin(self, schedule: Schedule, seed: int, now_us: int) -> None:
        self._schedule = schedule
        self._began_us = now_us
        self._forget_span()
        self._loss = random.Random(f"{seed} loss")
        self._jitter = random.Random(f"{seed} jitter")
        self._reordering = random.Random(f"{seed} reordering")
        self._is_in_burst = False

    def offer(self, packet: Packet, size_bytes: int, now_us: int) -> None:
        """Accept a packet that reaches the link, or drop it."""
        self._advance(now_us)
        counters = self.counters
        counters.offered_packets += 1
        counters.offered_bytes += size_bytes
        conditions = self._span_at(now_us).conditions
        largest = conditions.largest_packet_bytes
        if largest is not None and size_bytes > largest:
            counters.dropped_too_large += 1
            return
        queued_bytes = counters.queued_bytes + size_bytes
        if self._queue and queued_bytes > conditions.longest_queue_bytes:
            counters.dropped_queue_full += 1
            return
        self._queue.append((size_bytes, packet))
        counters.queued_bytes = queued_bytes
        counters.most_queued_bytes = max(counters.most_queued_bytes, queued_bytes)
        if len(self._queue) == 1:
            self._start_head(now_us)
            self._advance(now_us)

    def pop_due(self, now_us: int) -> list[tuple[int, Packet]]:
        """Return the packets that have arrived, each with the time at which it did."""
        self._advance(now_us)
        due = []
        while self._in_flight and self._in_flight[0][0] <= now_us:
            due_us, _, packet = heapq.heappop(self._in_flight)
            due.append((due_us, packet))
        return due

    def next_due_us(self) -> int | None:
        """Return when `pop_due` may have a packet next; None without packets underway."""
        flight_us = self._in_flight[0][0] if self._in_flight else None
        if not self._queue:
            return flight_us
        return self._head_due_us if flight_us is None else min(flight_us, self._head_due_us)

    def conditions_at(self, now_us: int) -> Conditions:
        """Return the conditions of a time."""
        return self._span_at(now_us).conditions

    def _forget_span(self) -> None:
        self._span: Span | None = None
        self._span_from_us = 0.0

    def _span_at(self, at_us: float) -> Span:
        """Return the span of a time, in this machine's time."""
        if self._span is None or not self._span_from_us <= at_us < self._span.until_us:
            conditions, blackout, until_us = self._schedule.at(int(at_us) - self._began_us)
            self._span = Span(conditions, blackout, min(NEVER_US, until_us + self._began_us))
            self._span_from_us = int(at_us)
        return self._span

    def _advance(self, now_us: int) -> None:
        """Send what has passed the queue by now."""
        while self._queue and self._sent_us <= now_us:
            size_bytes, packet = self._queue.popleft()
            self.counters.queued_bytes -= size_bytes
            sent_us = self._sent_us
            self._send(size_bytes, packet, sent_us)
            if self._queue:
                self._start_head(sent_us)

    def _start_head(self, at_us: float) -> None:
        self._served_us = at_us
        self._left_bits = self._queue[0][0] * 8.0
        self._plan_head()

    def _plan_head(self) -> None:
        """Work out when the head of the queue will be sent, and arrives at the earliest."""
        if not self._queue:
            return
        self._sent_us, _ = self._serve(self._served_us, self._left_bits, NEVER_US)
        least_us = self._span_at(self._sent_us).conditions.least_delay_us
        # Rounded up, so that a caller who waits until then finds it sent.
        self._head_due_us = int(self._sent_us) + 1 + least_us

    def _serve_head(self, now_us: int) -> None:
        """Account for the part of the head of the queue that was sent by now."""
        if self._queue:
            self._served_us, self._left_bits = self._serve(self._served_us, self._left_bits, now_us)

    def _serve(self, at_us: float, left_bits: float, until_us: int) -> tuple[float, float]:
        """Return when the transmission ends, or `until_us`, and the bits left then."""
        while at_us < until_us:
            conditions, blackout, changes_us = self._span_at(at_us)
            rate_bps = conditions.rate_bps
            end_us = min(changes_us, until_us)
            if blackout is BlackoutKind.WAIT or rate_bps == 0:
                at_us = end_us
                continue
            needed_us = left_bits * 1e6 / rate_bps if rate_bps is not None else 0.0
            if at_us + needed_us <= end_us:
                return at_us + needed_us, 0.0
            assert rate_bps is not None
            left_bits -= (end_us - at_us) * rate_bps / 1e6
            at_us = end_us
        return at_us, left_bits

    def _send(self, size_bytes: int, packet: Packet, sent_us: float) -> None:
        """Lose a packet that was transmitted, or let it arrive after its delay."""
        conditions, blackout, _ = self._span_at(sent_us)
        if blackout is BlackoutKind.LOSE:
            self.counters.dropped_blackout += 1
            return
        if self._is_lost(conditions):
            self.counters.dropped_lost += 1
            return
        self.counters.delivered_packets += 1
        self.counters.delivered_bytes += size_bytes
        due_us = round(sent_us + self._delay_us(conditions))
        if conditions.late and self._reordering.random() < conditions.late:
            due_us += round(conditions.late_ms * 1000)
        elif conditions.keeps_order:
            due_us = self._last_due_us = max(due_us, self._last_due_us)
        heapq.heappush(self._in_flight, (due_us, next(self._order), packet))

    def _is_lost(self, conditions: Conditions) -> bool:
        is_lost = bool(conditions.loss) and self._loss.random() < conditions.loss
        if conditions.loss_bursts is not None:
            is_lost |= self._is_lost_in_burst(conditions.loss_bursts)
        return is_lost

    def _is_lost_in_burst(self, bursts: LossBursts) -> bool:
        moves = bursts.leave if self._is_in_burst else bursts.enter
        if self._loss.random() < moves:
            self._is_in_burst = not self._is_in_burst
        return self._is_in_burst and self._loss.random() < bursts.loss

    def _delay_us(self, conditions: Conditions) -> float:
        delay_ms = conditions.delay_ms
        if conditions.jitter_ms:
            delay_ms += self._jitter.uniform(-conditions.jitter_ms, conditions.jitter_ms)
        return max(0.0, delay_ms) * 1000
