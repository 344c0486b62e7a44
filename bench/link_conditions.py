"""The conditions of one direction of a simulated link, and how they change. Pure: no I/O, no clock.

Times of a schedule count from the moment at which it is applied.
"""

import bisect
from enum import StrEnum
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

NEVER_US = 1 << 62
UNLIMITED_QUEUE_BYTES = 4_000_000
"""The queue of a link without a rate; only a blackout fills it."""


class BlackoutKind(StrEnum):
    """The fate of packets in a blackout."""

    WAIT = "wait"
    """They wait in the queue, as in Wi-Fi's retries and scans."""
    LOSE = "lose"
    """They are lost, as with a cable that is out."""


class LossBursts(msgspec.Struct, frozen=True, kw_only=True):
    """Loss in bursts: a Gilbert-Elliott model, which moves between two states at each packet.

    Attributes:
        enter: the probability of a burst's start at a packet outside of one.
        leave: the probability of its end at a packet in it; its mean length is 1/leave packets.
        loss: the share of packets lost in a burst.
    """

    enter: float
    leave: float
    loss: float = 1.0


class Conditions(msgspec.Struct, frozen=True, kw_only=True):
    """One direction of a link while it does not change.

    Attributes:
        rate_bps: of IP packets; None without a limit; 0 lets nothing through.
        queue_ms: the longest queue, as the time that the rate needs for it.
        queue_bytes: the same in bytes; it counts instead of `queue_ms` if given.
        jitter_ms: the delay is uniform within plus and minus this, independent for each packet.
        keeps_order: no packet overtakes another, so jitter delays those behind it too.
        loss: the share of packets lost at random.
        late: the share of packets held back by `late_ms`, so that others overtake them.
        largest_packet_bytes: larger IP packets vanish without an ICMP message.
    """

    rate_bps: int | None = None
    queue_ms: float = 400
    queue_bytes: int | None = None
    delay_ms: float = 0
    jitter_ms: float = 0
    keeps_order: bool = True
    loss: float = 0
    loss_bursts: LossBursts | None = None
    late: float = 0
    late_ms: float = 0
    largest_packet_bytes: int | None = None

    @property
    def longest_queue_bytes(self) -> int:
        """The bytes that the queue holds. It holds one packet at any size."""
        if self.queue_bytes is not None:
            return self.queue_bytes
        if self.rate_bps is None:
            return UNLIMITED_QUEUE_BYTES
        return round(self.rate_bps * self.queue_ms / 8000)

    @property
    def least_delay_us(self) -> int:
        """The shortest delay of a packet after its transmission."""
        return round(max(0, self.delay_ms - self.jitter_ms) * 1000)


class Step(msgspec.Struct, frozen=True):
    """Conditions from a time on, until those of the next step."""

    from_ms: float
    conditions: Conditions


class Blackout(msgspec.Struct, frozen=True, kw_only=True):
    """A time in which nothing passes, once or periodically.

    Attributes:
        every_ms: the period, from start to start; None happens once.
    """

    from_ms: float
    lasts_ms: float
    kind: BlackoutKind
    every_ms: float | None = None

    def phase_us(self, at_us: int) -> tuple[bool, int]:
        """Return whether a time is in the blackout, and until when that stays so."""
        begins_us, lasts_us = round(self.from_ms * 1000), round(self.lasts_ms * 1000)
        if at_us < begins_us:
            return False, begins_us
        if self.every_ms is not None:
            period_us = round(self.every_ms * 1000)
            begins_us += (at_us - begins_us) // period_us * period_us
            if at_us >= begins_us + lasts_us:
                return False, begins_us + period_us
        if at_us < begins_us + lasts_us:
            return True, begins_us + lasts_us
        return False, NEVER_US


class Span(NamedTuple):
    """A time in which nothing changes: conditions, the blackout's kind if in one, and its end."""

    conditions: Conditions
    blackout: BlackoutKind | None
    until_us: int


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """How one direction of a link changes over time.

    Attributes:
        steps: in order; the first begins at 0.
        repeats_ms: the steps begin again after this time; None keeps the last one.
    """

    steps: tuple[Step, ...]
    blackouts: tuple[Blackout, ...] = ()
    repeats_ms: float | None = None

    def __post_init__(self) -> None:
        times = [step.from_ms for step in self.steps]
        if not times or times[0] != 0 or times != sorted(set(times)):
            raise ValueError("steps begin at 0 and follow one another")
        if self.repeats_ms is not None and self.repeats_ms <= times[-1]:
            raise ValueError("steps repeat before the last one begins")
        if self.repeats_ms is not None and not any(s.conditions.rate_bps != 0 for s in self.steps):
            raise ValueError("steps that repeat let nothing through")
        for blackout in self.blackouts:
            if blackout.every_ms is not None and blackout.every_ms <= blackout.lasts_ms:
                raise ValueError("a blackout repeats before its end")

    def at(self, at_us: int) -> Span:
        """Return the span that a time is in, at least one microsecond long."""
        base_us, in_steps_us = 0, at_us
        until_us = NEVER_US
        if self.repeats_ms is not None:
            period_us = round(self.repeats_ms * 1000)
            in_steps_us = at_us % period_us
            base_us = at_us - in_steps_us
            until_us = base_us + period_us
        following = bisect.bisect_right(
            self.steps, in_steps_us, key=lambda step: round(step.from_ms * 1000)
        )
        if following < len(self.steps):
            until_us = base_us + round(self.steps[following].from_ms * 1000)
        kind = None
        for blackout in self.blackouts:
            is_in, edge_us = blackout.phase_us(at_us)
            until_us = min(until_us, edge_us)
            if is_in and kind is not BlackoutKind.LOSE:
                kind = blackout.kind
        return Span(self.steps[following - 1].conditions, kind, until_us)

    def mean_rate_bps(self, seconds: float) -> float | None:
        """Return the mean rate of a span from the start, without blackouts; None if unlimited."""
        end_us = round(seconds * 1e6)
        at_us, bits = 0, 0.0
        while at_us < end_us:
            conditions, blackout, until_us = self.at(at_us)
            if conditions.rate_bps is None:
                return None
            span_us = min(until_us, end_us) - at_us
            bits += 0 if blackout else conditions.rate_bps * span_us / 1e6
            at_us += span_us
        return bits / seconds

    @property
    def start(self) -> "Schedule":
        """The schedule that stays at the first step, without blackouts that happen once."""
        periodic = tuple(each for each in self.blackouts if each.every_ms is not None)
        return Schedule(steps=self.steps[:1], blackouts=periodic)


def steady(conditions: Conditions, *blackouts: Blackout) -> Schedule:
    """Return a schedule without steps."""
    return Schedule(steps=(Step(0, conditions),), blackouts=blackouts)


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """The conditions of a link with a name.

    Attributes:
        forward, backward: from the first to the second host, and back.
        seconds: how long a measurement lasts at least to show what the profile does.
    """

    name: str
    description: str
    forward: Schedule
    backward: Schedule
    seconds: float = 20

    @property
    def start(self) -> "Profile":
        """The profile held at its first step, for the time before a measurement."""
        return replace(self, forward=self.forward.start, backward=self.backward.start)


class Counters(msgspec.Struct):
    """The counts of one direction's packets. Bytes are those of IP packets."""

    offered_packets: int = 0
    offered_bytes: int = 0
    delivered_packets: int = 0
    delivered_bytes: int = 0
    dropped_queue_full: int = 0
    dropped_too_large: int = 0
    dropped_lost: int = 0
    dropped_blackout: int = 0
    queued_bytes: int = 0
    most_queued_bytes: int = 0
