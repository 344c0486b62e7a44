"""Medians of the rounds of `bench/onscreen.py`, and ratios. Pure: no I/O, no clock."""

import statistics
from collections.abc import Sequence

from bench.figures import Subject
from bench.table import Row

ROWS = (
    Row("p50_ms", "p50, ms", 1),
    Row("p95_ms", "p95, ms", 1),
    Row("fps", "pictures /s", 1),
    Row("cpu", "CPU, s/s", 2),
    Row("mbps", "Mbit/s", 2),
    Row("psnr_db", "PSNR, dB", 1),
    Row("ssim", "SSIM", 4),
    Row("p50_ratio", "p50 ÷", 2),
    Row("p95_ratio", "p95 ÷", 2),
    Row("cpu_ratio", "CPU ÷", 2),
    Row("mbps_ratio", "Mbit/s ÷", 2),
)
"""The last are ratios to GStreamer."""
COMPARED = {"p50_ratio": "p50_ms", "p95_ratio": "p95_ms", "cpu_ratio": "cpu", "mbps_ratio": "mbps"}


def rotate(names: Sequence[str], number: int) -> list[str]:
    """Return the order of a round, in which each name comes first in turn."""
    first = number % len(names)
    return [*names[first:], *names[:first]]


def add_ratios(subject: Subject, reference: Subject) -> None:
    """Store the ratios of a measurement to another of the same round, where both have figures."""
    for key, compared in COMPARED.items():
        own, other = subject.values.get(compared), reference.values.get(compared)
        subject.values[key] = None
        if isinstance(own, int | float) and isinstance(other, int | float) and other > 0:
            subject.values[key] = own / other


def median_of_rounds(rounds: Sequence[Subject]) -> Subject:
    """Return the median of each figure over the rounds that have it."""
    values: dict[str, float | tuple[float, ...] | None] = {}
    for key in dict.fromkeys(key for subject in rounds for key in subject.values):
        known = [v for s in rounds if isinstance(v := s.values.get(key), int | float)]
        values[key] = statistics.median(known) if known else None
    notes = "; ".join(dict.fromkeys(subject.note for subject in rounds if subject.note))
    return Subject(rounds[0].name, values, notes, [subject.values for subject in rounds])
