"""Shaper of packets: one direction of a simulated link. Pure: no I/O, no clock.

    offer -> [too large?] -> FIFO queue, bounded in bytes -> transmission at the rate
          -> [blackout? loss?] -> delay, jitter, reordering -> pop_due

The same schedule, seed and packets at the same times give the same result. Losses, jitter and
reordering are drawn separately, so that turning one on does not change another.
"""

import heapq
import itertools
import math
import random
from collections import deque
from typing import Generic, TypeVar

from msgspec.structs import replace

from bench.link_conditions import (
    NEVER_US,
    Blackout,
    BlackoutKind,
    Conditions,
    Counters,
    LossBursts,
    Schedule,
)

Packet = TypeVar("Packet")


class LinkShaper(Generic[Packet]):
    """One direction of a link. Packets are opaque; only their sizes count.

    Args:
        now_us: the time at which the schedule begins.

    Attributes:
        moves_us: when the next packet passes the queue or arrives; `pop_due` does nothing before.
        due_us: when `pop_due` may have a packet next. Both are never without packets underway.
    """

    def __init__(self, schedule: Schedule, *, seed: int, now_us: int) -> None:
        self.counters = Counters()
        self.moves_us, self.due_us = float(NEVER_US), NEVER_US
        self._schedule, self._began_us = schedule, now_us
        self._queue: deque[tuple[int, Packet]] = deque()
        self._in_flight: list[tuple[int, int, Packet]] = []
        self._order = itertools.count()
        self._last_due_us = 0
        # The head of the queue: the time when it was last served, its bits left, and its end,
        # which is never while nothing waits.
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
        self._note_due()

    def black_out(self, duration_ms: float, kind: BlackoutKind, now_us: int) -> None:
        """Let nothing pass for a time from now on."""
        self._advance(now_us)
        self._serve_head(now_us)
        added = Blackout(from_ms=(now_us - self._began_us) / 1000, lasts_ms=duration_ms, kind=kind)
        self._schedule = replace(self._schedule, blackouts=(*self._schedule.blackouts, added))
        self._enter_span(now_us)
        self._plan_head()
        self._note_due()

    def _begin(self, schedule: Schedule, seed: int, now_us: int) -> None:
        self._schedule = schedule
        self._began_us = now_us
        self._enter_span(now_us)
        self._loss = random.Random(f"{seed} loss")
        self._jitter = random.Random(f"{seed} jitter")
        self._reordering = random.Random(f"{seed} reordering")
        self._is_in_burst = False

    def offer(self, packet: Packet, size_bytes: int, now_us: int) -> None:
        """Accept a packet that reaches the link, or drop it."""
        if self._sent_us <= now_us:
            self._advance(now_us)
            self._note_due()
        counters, queue = self.counters, self._queue
        counters.offered_packets += 1
        counters.offered_bytes += size_bytes
        if not self._span_from_us <= now_us < self._span_until_us:
            self._enter_span(now_us)
        largest = self._conditions.largest_packet_bytes
        if largest is not None and size_bytes > largest:
            counters.dropped_too_large += 1
            return
        queued_bytes = counters.queued_bytes + size_bytes
        if queue and queued_bytes > self._longest_queue_bytes:
            counters.dropped_queue_full += 1
            return
        queue.append((size_bytes, packet))
        counters.queued_bytes = queued_bytes
        if queued_bytes > counters.most_queued_bytes:
            counters.most_queued_bytes = queued_bytes
        if len(queue) == 1:
            self._start_head(now_us)
            if self._sent_us <= now_us:
                self._advance(now_us)
            self._note_due()

    def pop_due(self, now_us: int) -> list[tuple[int, Packet]]:
        """Return the packets that have arrived, each with the time at which it did."""
        if self._sent_us <= now_us:
            self._advance(now_us)
        due: list[tuple[int, Packet]] = []
        in_flight = self._in_flight
        while in_flight and in_flight[0][0] <= now_us:
            due_us, _, packet = heapq.heappop(in_flight)
            due.append((due_us, packet))
        self._note_due()
        return due

    def next_due_us(self) -> int | None:
        """Return when `pop_due` may have a packet next; None without packets underway."""
        return self.due_us if self._queue or self._in_flight else None

    def _note_due(self) -> None:
        """Store when the next packet moves, after any has. Runs for each packet, so without min."""
        flight_us = self._in_flight[0][0] if self._in_flight else NEVER_US
        sent_us, head_due_us = self._sent_us, self._head_due_us
        self.moves_us = sent_us if sent_us < flight_us else flight_us
        self.due_us = head_due_us if head_due_us < flight_us else flight_us

    def conditions_at(self, now_us: int) -> Conditions:
        """Return the conditions of a time."""
        if not self._span_from_us <= now_us < self._span_until_us:
            self._enter_span(now_us)
        return self._conditions

    def _enter_span(self, at_us: float) -> None:
        """Store the conditions of a time, and how long they hold."""
        self._conditions, self._blackout, until_us = self._schedule.at(int(at_us) - self._began_us)
        self._span_from_us = int(at_us)
        self._span_until_us = min(NEVER_US, until_us + self._began_us)
        rate_bps = math.inf if self._conditions.rate_bps is None else self._conditions.rate_bps
        self._passing_bps = 0 if self._blackout is BlackoutKind.WAIT else rate_bps
        self._longest_queue_bytes = self._conditions.longest_queue_bytes
        self._least_delay_us = self._conditions.least_delay_us
        self._usual_delay_us = max(0.0, self._conditions.delay_ms) * 1000

    def _advance(self, now_us: int) -> None:
        """Send what has passed the queue by now."""
        while self._sent_us <= now_us:
            size_bytes, packet = self._queue.popleft()
            self.counters.queued_bytes -= size_bytes
            sent_us = self._sent_us
            self._send(size_bytes, packet, sent_us)
            if self._queue:
                self._start_head(sent_us)
            else:
                self._sent_us, self._head_due_us = NEVER_US, NEVER_US

    def _start_head(self, at_us: float) -> None:
        self._served_us, self._left_bits = at_us, self._queue[0][0] * 8.0
        self._plan_head()

    def _plan_head(self) -> None:
        """Work out when the head of the queue will be sent, and arrives at the earliest."""
        if not self._queue:
            return
        self._sent_us, _ = self._serve(self._served_us, self._left_bits, NEVER_US)
        if not self._span_from_us <= self._sent_us < self._span_until_us:
            self._enter_span(self._sent_us)
        # Rounded up, so that a caller who waits until then finds it sent.
        self._head_due_us = int(self._sent_us) + 1 + self._least_delay_us

    def _serve_head(self, now_us: int) -> None:
        """Account for the part of the head of the queue that was sent by now."""
        if self._queue:
            self._served_us, self._left_bits = self._serve(self._served_us, self._left_bits, now_us)

    def _serve(self, at_us: float, left_bits: float, until_us: int) -> tuple[float, float]:
        """Return when the transmission ends, or `until_us`, and the bits left then."""
        while at_us < until_us:
            if not self._span_from_us <= at_us < self._span_until_us:
                self._enter_span(at_us)
            end_us = self._span_until_us if self._span_until_us < until_us else until_us
            rate_bps = self._passing_bps
            if rate_bps:
                ended_us = at_us + left_bits * 1e6 / rate_bps
                if ended_us <= end_us:
                    return ended_us, 0.0
                left_bits -= (end_us - at_us) * rate_bps / 1e6
            at_us = end_us
        return at_us, left_bits

    def _send(self, size_bytes: int, packet: Packet, sent_us: float) -> None:
        """Lose a packet that was transmitted, or let it arrive after its delay."""
        if not self._span_from_us <= sent_us < self._span_until_us:
            self._enter_span(sent_us)
        conditions, counters = self._conditions, self.counters
        if self._blackout is BlackoutKind.LOSE:
            counters.dropped_blackout += 1
            return
        if (conditions.loss or conditions.loss_bursts) and self._is_lost(conditions):
            counters.dropped_lost += 1
            return
        counters.delivered_packets += 1
        counters.delivered_bytes += size_bytes
        delay_us = self._jittered_us(conditions) if conditions.jitter_ms else self._usual_delay_us
        due_us = round(sent_us + delay_us)
        if conditions.late and self._reordering.random() < conditions.late:
            due_us += round(conditions.late_ms * 1000)
        elif conditions.keeps_order:
            if due_us < self._last_due_us:
                due_us = self._last_due_us
            self._last_due_us = due_us
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

    def _jittered_us(self, conditions: Conditions) -> float:
        jitter_ms = self._jitter.uniform(-conditions.jitter_ms, conditions.jitter_ms)
        return max(0.0, conditions.delay_ms + jitter_ms) * 1000
