"""Series of a call over time, for plots: from a simulation, or from the laboratory. Pure."""

import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from bench.link_conditions import Profile, Schedule
from bench.link_profiles import PROFILES
from bench.simulated_call import CallResult

BIN_S = 0.5
"""The time over which the arrived rate of a simulated call is a mean: 15 pictures."""
QUEUE_BIN_S = 0.25
GAP_S = 0.25
"""The line of latencies stops at a longer time without a picture."""
MBIT = 1_000_000


class Line(NamedTuple):
    """Values over time. A missing value is NaN."""

    times_s: Sequence[float]
    values: Sequence[float]


class CallSeries(msgspec.Struct, frozen=True, kw_only=True):
    """One direction of a call over time.

    Attributes:
        name: of the profile.
        link_mbps: infinite without a limit; each value stays until the next.
        arrived_mbps: encoded bits of pictures that arrived; each value stays until the next.
        blackouts_s: start and end of each.
        queue_ms: the queue delay that the rate control sees.
        link_queue_ms: the time that the link needs for what really waits in its queue, if known;
            each value is the largest until the next.
    """

    name: str
    title: str
    seconds: float
    link_mbps: Line
    blackouts_s: Sequence[tuple[float, float]]
    target_mbps: Line
    arrived_mbps: Line
    latency_ms: Line
    latency_label: str
    queue_ms: Line
    link_queue_ms: Line | None = None


def series_of_simulation(profile: Profile, result: CallResult, how: str) -> CallSeries:
    """Return the series of a simulated call, with a title that ends in how it was simulated."""
    seconds = result.duration_us / 1e6
    times_s = [each.at_us / 1e6 for each in result.targets]
    starts_s = [BIN_S * number for number in range(round(seconds / BIN_S))]
    bits = [0] * len(starts_s)
    for picture in result.pictures:
        bits[min(len(bits) - 1, int(picture.at_us / 1e6 / BIN_S))] += picture.size_bytes * 8
    return CallSeries(
        name=profile.name,
        title=f"{profile.description}, {how}",
        seconds=seconds,
        link_mbps=link_line(profile.forward, seconds),
        blackouts_s=list(blackouts(profile.forward, seconds)),
        target_mbps=Line(times_s, [each.target_bps / MBIT for each in result.targets]),
        arrived_mbps=_until(Line(starts_s, [each / BIN_S / MBIT for each in bits]), seconds),
        latency_ms=_latencies(result),
        latency_label="latency of a picture",
        queue_ms=Line(times_s, [each.queue_us / 1000 for each in result.targets]),
        link_queue_ms=_link_queue(result, seconds),
    )


def series_of_lab(figures: Sequence[dict[str, Any]]) -> Iterator[CallSeries]:
    """Yield the series of the first run of each call in the laboratory's raw figures.

    The statistics have one value a second: rates and latencies of the second before.
    """
    for figure in figures:
        profile = PROFILES.get(figure["name"].partition(":")[0])
        run = figure["raw"][0] if figure["raw"] else None
        if profile is None or not isinstance(run, dict):
            continue  # A trace from a file, or a plain TCP download.
        began_s = run["began_s"]
        received = [line for line in run["caller"] if line["t_s"] > began_s]
        sent = [line for line in run["listener"] if line["t_s"] > began_s]
        if not received or not sent:
            continue
        seconds = received[-1]["t_s"] - began_s
        latency_ms = _column(received, "video_in_latency_p95_ms", began_s)
        yield CallSeries(
            name=profile.name,
            title=f"{profile.description}, in the laboratory",
            seconds=seconds,
            link_mbps=link_line(profile.forward, seconds),
            blackouts_s=list(blackouts(profile.forward, seconds)),
            target_mbps=_column(sent, "target_bps", began_s, 1 / MBIT),
            arrived_mbps=_since_line_before(_column(received, "video_in_bps", began_s, 1 / MBIT)),
            latency_ms=latency_ms,
            latency_label="latency, p95 of a second",
            queue_ms=_column(sent, "queue_delay_ms", began_s),
        )


def link_line(schedule: Schedule, seconds: float) -> Line:
    """Return the rate of a link over time, without its blackouts."""
    times_s: list[float] = []
    rates_mbps: list[float] = []
    at_us, end_us = 0, round(seconds * 1e6)
    while at_us < end_us:
        conditions, _, until_us = schedule.at(at_us)
        rate_bps = conditions.rate_bps
        rate_mbps = math.inf if rate_bps is None else rate_bps / MBIT
        if not rates_mbps or rates_mbps[-1] != rate_mbps:
            times_s.append(at_us / 1e6)
            rates_mbps.append(rate_mbps)
        at_us = until_us
    return _until(Line(times_s, rates_mbps), seconds)


def blackouts(schedule: Schedule, seconds: float) -> Iterator[tuple[float, float]]:
    """Yield the start and the end of each blackout, in seconds."""
    at_us, end_us = 0, round(seconds * 1e6)
    while at_us < end_us:
        _, kind, until_us = schedule.at(at_us)
        if kind is not None:
            yield at_us / 1e6, min(until_us, end_us) / 1e6
        at_us = until_us


def _latencies(result: CallResult) -> Line:
    """Return the latency of each picture, and NaN in the gaps between pictures."""
    times_s: list[float] = []
    values_ms: list[float] = []
    for picture in result.pictures:
        at_s = picture.at_us / 1e6
        if times_s and at_s - times_s[-1] > GAP_S:
            times_s.append(at_s)
            values_ms.append(math.nan)
        times_s.append(at_s)
        values_ms.append(picture.latency_us / 1000)
    return Line(times_s, values_ms)


def _link_queue(result: CallResult, seconds: float) -> Line:
    """Return the longest real queue of each bin."""
    longest_us = [0] * math.ceil(seconds / QUEUE_BIN_S)
    for sample in result.targets:
        number = min(len(longest_us) - 1, int(sample.at_us / 1e6 / QUEUE_BIN_S))
        longest_us[number] = max(longest_us[number], sample.link_queue_us)
    starts_s = [QUEUE_BIN_S * number for number in range(len(longest_us))]
    return _until(Line(starts_s, [each / 1000 for each in longest_us]), seconds)


def _until(line: Line, seconds: float) -> Line:
    """Return a line of steps whose last value stays until the end."""
    return Line([*line.times_s, seconds], [*line.values, line.values[-1]])


def _column(lines: Sequence[dict[str, Any]], key: str, began_s: float, factor: float = 1) -> Line:
    values = [math.nan if line[key] is None else line[key] * factor for line in lines]
    return Line([line["t_s"] - began_s for line in lines], values)


def _since_line_before(line: Line) -> Line:
    """Return a line of steps whose values begin where the value before was measured."""
    return Line([0.0, *line.times_s], [*line.values, line.values[-1]])
