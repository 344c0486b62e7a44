"""Whether a long call stayed flat: growth and leftovers after it has settled. Pure: values only.

A growth is the slope of the medians of each minute (Theil-Sen: the median of the slopes of all
pairs), times the time judged; so neither a fault nor a busy minute of the machine counts as one. A
leftover is how much the least of the last minutes exceeds the least of the first ones. For
latencies and leftovers only samples count that are apart from faults.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from bench.soak_record import Record, Sample

SETTLE_S = 120.0
MEMORY_MB = 3.0
PICTURES_MS = 5.0
"""Below half a picture at 60/s."""
SOUND_MS = 20.0
"""One packet of Opus, the step of the jitter buffer."""
CALM_AFTER_S = 60.0
"""After a fault has been recovered from, in which buffers and rates settle."""
EDGE_SHARE = 0.15
"""The share of the samples that counts as the first and the last ones."""
LEAST_SAMPLES = 8
"""Of each end, apart from faults."""

Value = Callable[[Sample], float | None]


@dataclass(frozen=True)
class Check:
    """One line of the verdict.

    Attributes:
        first, last: medians of the first and last samples, or the least of them for a leftover.
        grown: what is judged; None where nothing was measured.
        most: how much it may have grown.
    """

    end: str
    name: str
    unit: str
    first: float | None
    last: float | None
    grown: float | None
    most: float | None

    @property
    def is_flat(self) -> bool:
        """True where the growth is allowed."""
        return self.most is None or (self.grown is not None and self.grown <= self.most)


@dataclass(frozen=True)
class Verdict:
    """All lines, and what went wrong beside them, as clauses."""

    checks: list[Check]
    complaints: list[str]

    @property
    def is_flat(self) -> bool:
        """True where nothing grew, and every fault was recovered from."""
        return not self.complaints and all(check.is_flat for check in self.checks)


GROWTHS: tuple[tuple[str, str, Value, float | None], ...] = (
    ("own memory", "MB", lambda sample: sample.own_mb, MEMORY_MB),
    ("PSS", "MB", lambda sample: sample.pss_mb, None),
    ("RSS", "MB", lambda sample: sample.rss_mb, None),
    ("pictures, p50", "ms", lambda sample: sample.shown_p50_ms, PICTURES_MS),
    ("pictures, p95", "ms", lambda sample: sample.shown_p95_ms, None),
    ("sound", "ms", lambda sample: sample.sound_ms, SOUND_MS),
)
"""Name, unit, value, and how much it may grow; without a limit it is only shown."""
LEFTOVERS: tuple[tuple[str, Value], ...] = (
    ("threads", lambda sample: sample.threads),
    ("descriptors", lambda sample: sample.descriptors),
    ("children", lambda sample: sample.children),
)


def judge(record: Record, settle_s: float = SETTLE_S) -> Verdict:
    """Return whether a call stayed flat once it had settled."""
    checks: list[Check] = []
    complaints = _complaints(record)
    for end in sorted({sample.end for sample in record.samples}):
        all_of_end = [s for s in record.samples if s.end == end and s.at_s >= settle_s]
        calm = [sample for sample in all_of_end if is_calm(record, sample.at_s)]
        if len(calm) < LEAST_SAMPLES:
            complaints.append(f"the call was too short to judge the {end}")
            continue
        for name, unit, value, most in GROWTHS:
            counted = calm if unit == "ms" else all_of_end
            checks.append(_growth(end, name, unit, counted, value, most))
        checks += [_leftover(end, name, calm, value) for name, value in LEFTOVERS]
    if not record.samples:
        complaints.append("nothing was measured")
    return Verdict(checks, complaints)


def is_calm(record: Record, at_s: float) -> bool:
    """Return whether a time is apart from all faults."""
    return not any(
        fault.at_s <= at_s <= fault.at_s + fault.lasts_s + (fault.recovered_s or 0) + CALM_AFTER_S
        for fault in record.faults
    )


def slope_per_s(points: Sequence[tuple[float, float]]) -> float | None:
    """Return the median of the slopes of all pairs of points; None for fewer than two times."""
    times, values = (np.array(each, float) for each in zip(*points, strict=True))
    first, second = np.triu_indices(len(points), 1)
    spans = times[second] - times[first]
    apart = spans > 0
    if not apart.any():
        return None
    return float(np.median((values[second] - values[first])[apart] / spans[apart]))


def minute_medians(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the median time and value of each minute."""
    minutes: dict[int, list[tuple[float, float]]] = {}
    for at_s, value in points:
        minutes.setdefault(int(at_s // 60), []).append((at_s, value))
    return [
        (float(np.median([p[0] for p in each])), float(np.median([p[1] for p in each])))
        for _, each in sorted(minutes.items())
    ]


def _growth(
    end: str, name: str, unit: str, samples: list[Sample], value: Value, most: float | None
) -> Check:
    points = [(s.at_s, known) for s in samples if (known := value(s)) is not None]
    if len(points) < LEAST_SAMPLES:
        return Check(end, name, unit, None, None, None, most)
    first, last = (float(np.median(part)) for part in _edges([known for _, known in points]))
    slope = slope_per_s(minute_medians(points))
    grown = None if slope is None else slope * (points[-1][0] - points[0][0])
    return Check(end, name, unit, first, last, grown, most)


def _leftover(end: str, name: str, samples: list[Sample], value: Value) -> Check:
    known = [each for sample in samples if (each := value(sample)) is not None]
    first, last = (min(part) for part in _edges(known))
    return Check(end, name, "", first, last, last - first, 0.0)


def _edges(values: list[float]) -> tuple[list[float], list[float]]:
    count = max(3, round(len(values) * EDGE_SHARE))
    return values[:count], values[-count:]


def _complaints(record: Record) -> list[str]:
    found = [
        f"{fault.what}, at {fault.at_s / 60:.1f} min: the call did not recover"
        for fault in record.faults
        if fault.recovered_s is None
    ]
    if record.over is None:
        return [*found, "the run was cut short"]
    for end, status in zip(("caller", "listener"), record.over.statuses, strict=True):
        if status != 0:
            found.append(f"the {end} ended with {status}")
    if record.over.left:
        found.append(f"{record.over.left} processes were left behind")
    return found + record.over.unexpected
