"""The figures of a long call, as JSON lines: facts, samples, faults and the end. Reads files.

    {"kind": "began", ...}      once
    {"kind": "sample", ...}     one for each end, every few seconds
    {"kind": "fault", ...}      once it is over and the call has recovered, or not
    {"kind": "over", ...}       once, unless the run was interrupted

`at_s` counts from when both ends were in the call. Other times are in ms, memory is in MB.
"""

from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from bench.soak_faults import FaultKind


class Began(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="began"):
    """The run itself: its words, machine and time."""

    started: str
    version: str
    python: str
    processors: int
    words: list[str]


class Sample(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="sample"):
    """One end at a moment; figures of the call are medians since the sample before.

    Attributes:
        load: the load average of the last minute of the whole machine.
        shown_p50_ms, shown_p95_ms: from captured to painted.
        sound_ms: from microphone to loudspeaker, as both report.
    """

    at_s: float
    end: str
    rss_mb: float
    pss_mb: float
    own_mb: float
    descriptors: int
    threads: int
    children: int
    load: float
    cpu_percent: float | None = None
    shown_p50_ms: float | None = None
    shown_p95_ms: float | None = None
    sound_ms: float | None = None
    rtt_ms: float | None = None
    fps: float | None = None
    target_bps: float | None = None
    concealed_ms: float | None = None


class FaultRecord(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="fault"):
    """A fault that was made.

    Attributes:
        recovered_s: from its end until pictures and sound came at both ends; None if they did not.
    """

    at_s: float
    lasts_s: float
    fault: FaultKind
    what: str
    recovered_s: float | None


class Over(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="over"):
    """How the call ended.

    Attributes:
        statuses: the exit statuses of caller and listener; None if it did not end in time.
        left: processes of either end that still run.
        unexpected: what happened to the call although no fault was made then.
    """

    at_s: float
    statuses: list[int | None]
    left: int
    unexpected: list[str]


Entry = Began | Sample | FaultRecord | Over


@dataclass
class Record:
    """All figures of a run."""

    began: Began | None = None
    over: Over | None = None
    samples: list[Sample] = field(default_factory=list)
    faults: list[FaultRecord] = field(default_factory=list)

    def add(self, entry: Entry) -> None:
        """Add one figure."""
        if isinstance(entry, Sample):
            self.samples.append(entry)
        elif isinstance(entry, FaultRecord):
            self.faults.append(entry)
        elif isinstance(entry, Began):
            self.began = entry
        else:
            self.over = entry


class RecordFile:
    """A record that is written line by line as it grows."""

    def __init__(self, file: Path) -> None:
        self.record = Record()
        self._file = file
        file.write_bytes(b"")

    def add(self, entry: Entry) -> None:
        """Add one figure, and write it."""
        self.record.add(entry)
        with self._file.open("ab") as lines:
            lines.write(msgspec.json.encode(entry) + b"\n")


def read_record(file: Path) -> Record:
    """Return what a run wrote; the last line may be cut short."""
    record = Record()
    data = file.read_bytes()
    for line in data[: data.rfind(b"\n") + 1].splitlines():
        record.add(msgspec.json.decode(line, type=Entry))
    return record
