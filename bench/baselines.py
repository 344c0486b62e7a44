"""Baselines for our calls: one direction over plain TCP, between the same two hosts.

MJPEG sends the newest captured picture as JPEG of quality 80, with TCP_NODELAY. Pickled pictures
are a first attempt: raw pictures, pickled, each after its length in eight bytes.
"""

import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import msgspec

from bench.calls import WARM_UP_S
from bench.children import Child, Children, Cost, Meter
from bench.figures import Sent, Subject, summarize_latencies
from bench.hosts import TwoHosts
from bench.log_lines import read_numbers
from bench.pacing import now_us

NAMES = {"mjpeg": "MJPEG over TCP", "pickle": "pickled pictures"}


class Baseline(msgspec.Struct):
    """A running sender and receiver."""

    kind: str
    sender: Child
    receiver: Child
    log: Path


class Span(msgspec.Struct, frozen=True):
    """A measured span: its start and end, the pictures received, and the cost of both ends."""

    began_us: int
    ended_us: int
    received: list[Sent]
    cost: Cost


def start_baseline(
    children: Children, hosts: TwoHosts, kind: str, source: str, *, display: str | None = None
) -> Baseline:
    """Start the sender in the first host and the receiver in the second."""
    log = children.folder / f"{kind}.log"
    receiver = children.start_python(
        ["-m", "bench.baseline_receiver", kind, hosts.second.address, str(log)]
        + (["show"] if display is not None else []),
        host=hosts.second,
        environment={"DISPLAY": display, "QT_LOGGING_RULES": "*=false"} if display else None,
    )
    port = receiver.read_line()
    sender = children.start_python(
        ["-m", "bench.baseline_sender", kind, hosts.second.address, port, source], host=hosts.first
    )
    return Baseline(kind, sender, receiver, log)


def measure_baseline(baseline: Baseline, seconds: float) -> Span:
    """Measure a running baseline for a while, and end it."""
    log = baseline.log
    baseline.receiver.wait_until(lambda: log.exists(), "received nothing")
    time.sleep(WARM_UP_S)
    meter = Meter([baseline.sender, baseline.receiver])
    began_us = now_us()
    time.sleep(seconds)
    cost, ended_us = meter.read(), now_us()
    received = read_numbers(log)
    baseline.sender.end()
    baseline.receiver.end()
    return Span(began_us, ended_us, received, cost)


def summarize(kind: str, span: Span) -> Subject:
    """Return the figures of a span, as a column of the table. Pure."""
    counted = [line for line in span.received if span.began_us <= line[1] < span.ended_us]
    latencies = [decoded - captured for captured, decoded, _ in counted]
    seconds = (span.ended_us - span.began_us) / 1e6
    newest_us = max((captured for captured, *_ in span.received), default=None)
    values: dict[str, float | tuple[float, ...] | None] = {
        **summarize_latencies(latencies),
        "last_ms": latencies[-1] / 1000 if latencies else None,
        "fps": len(counted) / seconds,
        "gap_ms": longest_gap_ms([line[1] for line in counted], span.began_us, span.ended_us),
        "mbps": sum(size for *_, size in counted) * 8 / seconds / 1e6,
        "cpu": span.cost.cpu,
        "memory_mb": span.cost.memory_mb,
    }
    behind_s = (span.ended_us - newest_us) / 1e6 if newest_us is not None else None
    note = ""
    if behind_s is None:
        note = f"no picture within {seconds + WARM_UP_S:.0f} s"
    elif behind_s > 1:
        note = f"{behind_s:.1f} s behind after {seconds + WARM_UP_S:.0f} s"
    return Subject(NAMES[kind], values, note, raw=span.received)


def longest_gap_ms(times_us: Sequence[int], began_us: int, ended_us: int) -> float:
    """Return the longest time without a new picture. Pure."""
    times = [began_us, *times_us, ended_us]
    return max(later - earlier for earlier, later in pairwise(times)) / 1000
