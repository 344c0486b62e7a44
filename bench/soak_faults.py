"""The faults of a long call, and when each happens. Pure: no I/O, no clock."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import count, cycle

from bench.link_conditions import BlackoutKind


class FaultKind(StrEnum):
    """The thing that a fault breaks."""

    LINK = "link"
    DEVICE = "device"


@dataclass(frozen=True)
class Fault:
    """Something that breaks for a time.

    Attributes:
        what: for people: whose headset, or how the link breaks.
        end: whose headset is unplugged; "" for a link.
        blackout: the fate of packets; None for a device.
    """

    at_s: float
    lasts_s: float
    kind: FaultKind
    what: str
    end: str = ""
    blackout: BlackoutKind | None = None


BLACKOUTS = (
    (3.0, BlackoutKind.LOSE),
    (8.0, BlackoutKind.WAIT),
    (20.0, BlackoutKind.LOSE),
    (30.0, BlackoutKind.WAIT),
    (12.0, BlackoutKind.LOSE),
)
"""Duration and fate of packets, in turn: some the link outlives, after others the caller dials."""
ENDS = ("listener", "caller")
AWAY_S = 20.0
"""How long a headset is unplugged, microphone and loudspeaker at once: of one alone, PulseAudio
would move the stream to the other, and the call would never know."""


def plan_faults(
    seconds: float, link_every_s: float, device_every_s: float, calm_s: float
) -> list[Fault]:
    """Return the faults of a call in order.

    The first headset goes after half its period, so that with the usual periods of 10 and 15
    minutes no two faults come together.

    Args:
        calm_s: nothing breaks in the last seconds of the call.
    """
    last_s = seconds - calm_s
    faults = [*_link_faults(link_every_s, last_s), *_device_faults(device_every_s, last_s)]
    return sorted(faults, key=lambda fault: fault.at_s)


def _link_faults(every_s: float, last_s: float) -> Iterator[Fault]:
    for at_s, (lasts_s, kind) in zip(count(every_s, every_s), cycle(BLACKOUTS), strict=False):
        if at_s + lasts_s > last_s:
            return
        fate = "lost" if kind is BlackoutKind.LOSE else "held back"
        what = f"{lasts_s:g} s, packets {fate}"
        yield Fault(at_s, lasts_s, FaultKind.LINK, what, blackout=kind)


def _device_faults(every_s: float, last_s: float) -> Iterator[Fault]:
    for at_s, end in zip(count(every_s / 2, every_s), cycle(ENDS), strict=False):
        if at_s + AWAY_S > last_s:
            return
        yield Fault(at_s, AWAY_S, FaultKind.DEVICE, f"the {end}'s headset", end=end)
