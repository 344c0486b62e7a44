"""Commands to the relay of a network laboratory, and its reports: one line of JSON each."""

from enum import StrEnum

import msgspec

from bench.link_conditions import BlackoutKind, Counters, Profile


class Direction(StrEnum):
    """A direction of the link."""

    FORWARD = "forward"
    """From the first host to the second."""
    BACKWARD = "backward"


class Apply(msgspec.Struct, frozen=True, tag=True):
    """Apply a profile; its schedules begin now."""

    profile: Profile
    seed: int


class BlackOut(msgspec.Struct, frozen=True, tag=True):
    """Let nothing pass for a time from now on, in some directions."""

    directions: tuple[Direction, ...]
    duration_ms: float
    kind: BlackoutKind


class Ask(msgspec.Struct, frozen=True, tag=True):
    """Report, and change nothing."""


Command = Apply | BlackOut | Ask


class Lateness(msgspec.Struct, frozen=True):
    """How late packets left the relay after they were due, in microseconds."""

    p50_us: int | None
    p99_us: int | None
    worst_us: int | None


class DirectionReport(msgspec.Struct, frozen=True):
    """The figures of one direction since the start."""

    counters: Counters
    lateness: Lateness


class Report(msgspec.Struct, frozen=True):
    """The answer to each command.

    Attributes:
        at_us: the monotonic time of this machine.
        is_real_time: the relay runs before all ordinary processes.
    """

    at_us: int
    is_real_time: bool
    forward: DirectionReport
    backward: DirectionReport
