"""Named profiles of links, and rate traces. Pure, except that a trace may be read from a file.

The same conditions hold in both directions. Where a name gives no rate, it is 20 Mbit/s.
"""

import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from bench.link_conditions import (
    Blackout,
    BlackoutKind,
    Conditions,
    Profile,
    Schedule,
    Step,
    steady,
)

MBIT = 1_000_000
USUAL = Conditions(rate_bps=20 * MBIT)
BLACKOUT_FROM_MS = 8_000
"""Late enough that a call has settled."""
TRACE_STEP_MS = 100
TRACE_QUEUE_BYTES = 256_000
"""A queue fixed in bytes, as routers have: 100 ms at 20 Mbit/s, and 1 s at 2 Mbit/s."""
MAHIMAHI_PACKET_BYTES = 1500


def both_ways(name: str, description: str, schedule: Schedule, *, seconds: float = 20) -> Profile:
    """Return a profile with the same schedule in both directions."""
    return Profile(
        name=name, description=description, forward=schedule, backward=schedule, seconds=seconds
    )


def rate_profile(name: str, rate_mbps: float) -> Profile:
    """Return a profile of a rate with a queue of 400 ms."""
    conditions = Conditions(rate_bps=round(rate_mbps * MBIT), queue_ms=400)
    return both_ways(name, f"{rate_mbps:g} Mbit/s, 400 ms queue", steady(conditions))


def delay_profile(one_way_delay_ms: float) -> Profile:
    """Return a profile of a delay without a limit."""
    return both_ways(
        f"{one_way_delay_ms:g}ms",
        f"{one_way_delay_ms:g} ms one way",
        steady(Conditions(delay_ms=one_way_delay_ms)),
    )


def trace_schedule(rates_bps: Sequence[int], *, each_ms: float = TRACE_STEP_MS) -> Schedule:
    """Return a schedule that follows a trace of rates, again and again."""
    steps = tuple(
        Step(number * each_ms, Conditions(rate_bps=rate_bps, queue_bytes=TRACE_QUEUE_BYTES))
        for number, rate_bps in enumerate(rates_bps)
    )
    return Schedule(steps=steps, repeats_ms=len(rates_bps) * each_ms)


def read_trace(path: Path) -> Schedule:
    """Read a trace in Mahimahi's format: a line for each packet of 1500 bytes, with its ms.

    Raises:
        ValueError: the file is no such trace.
    Source: Netravali et al., Mahimahi, USENIX ATC 2015.
    """
    packets = Counter(int(word) // TRACE_STEP_MS for word in path.read_text().split())
    if not packets or min(packets) < 0:
        raise ValueError(f"{path} is no trace of packets' times in ms")
    bits_to_bps = MAHIMAHI_PACKET_BYTES * 8 * 1000 // TRACE_STEP_MS
    return trace_schedule([packets[step] * bits_to_bps for step in range(max(packets) + 1)])


def invent_wifi_trace(seed: int, seconds: int) -> list[int]:
    """Return invented rates of Wi-Fi in another room, one for each tenth of a second.

    The sender's modulation moves between neighbours; others take a share of the air that changes
    slowly; now and then nothing passes for 100 to 300 ms, as in a scan or after an interference.
    """
    modulations_bps = [round(m * MBIT) for m in (1.5, 3, 6, 9, 13, 19, 26, 32)]
    chance = random.Random(seed)
    modulation, share, stalled = 5, 0.7, 0
    rates = []
    for _ in range(seconds * 1000 // TRACE_STEP_MS):
        if chance.random() < 0.2:
            modulation += chance.choice((-1, 1))
            modulation = min(max(modulation, 0), len(modulations_bps) - 1)
        share = min(max(share + chance.uniform(-0.08, 0.08), 0.3), 0.9)
        if not stalled and chance.random() < 0.015:
            stalled = chance.randint(1, 3)
        rates.append(0 if stalled else round(modulations_bps[modulation] * share))
        stalled = max(0, stalled - 1)
    return rates


def _blackout_profile(seconds: int) -> Profile:
    blackout = Blackout(from_ms=BLACKOUT_FROM_MS, lasts_ms=seconds * 1000, kind=BlackoutKind.LOSE)
    return both_ways(
        f"blackout-{seconds}s",
        f"20 Mbit/s, {seconds} s of nothing after {BLACKOUT_FROM_MS // 1000} s",
        steady(USUAL, blackout),
        seconds=BLACKOUT_FROM_MS / 1000 + seconds + 12,
    )


def _steps_profile() -> Profile:
    high, low = (Conditions(rate_bps=rate_bps) for rate_bps in (4 * MBIT, MBIT // 2))
    return both_ways(
        "4-0.5-4",
        "4 Mbit/s, after 20 s 0.5, after 40 s 4 again",
        Schedule(steps=(Step(0, high), Step(20_000, low), Step(40_000, high))),
        seconds=60,
    )


_WIFI_BURSTS = Blackout(from_ms=1500, lasts_ms=200, every_ms=3000, kind=BlackoutKind.WAIT)

PROFILES = {
    profile.name: profile
    for profile in (
        both_ways("free", "no limit", steady(Conditions())),
        rate_profile("20mbit-400ms", 20),
        rate_profile("4mbit", 4),
        rate_profile("1mbit", 1),
        rate_profile("0.3mbit", 0.3),
        rate_profile("0.1mbit", 0.1),
        _steps_profile(),
        both_ways(
            "100ms-loss",
            "100±25 ms one way, 5 % loss",
            steady(Conditions(rate_bps=20 * MBIT, delay_ms=100, jitter_ms=25, loss=0.05)),
        ),
        both_ways(
            "250ms",
            "250±100 ms one way",
            steady(Conditions(rate_bps=20 * MBIT, delay_ms=250, jitter_ms=100)),
        ),
        both_ways(
            "1-percent",
            "50 ms round trip, 1 % loss",
            steady(Conditions(rate_bps=20 * MBIT, delay_ms=25, loss=0.01)),
        ),
        both_ways("wifi-bursts", "200 ms of nothing every 3 s", steady(USUAL, _WIFI_BURSTS)),
        _blackout_profile(2),
        _blackout_profile(5),
        _blackout_profile(30),
        both_ways(
            "no-large-packets",
            "packets over 1,200 bytes vanish",
            steady(Conditions(rate_bps=20 * MBIT, largest_packet_bytes=1200)),
        ),
        both_ways(
            "wifi-trace",
            "an invented trace of Wi-Fi, 1 to 29 Mbit/s with stalls",
            trace_schedule(invent_wifi_trace(seed=7, seconds=60)),
            seconds=60,
        ),
    )
}
