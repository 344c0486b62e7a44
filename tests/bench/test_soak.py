"""The verdict on a long call, its faults and its record. bench/soak.py itself needs minutes."""

from dataclasses import replace
from pathlib import Path

import msgspec
import psutil
import pytest

from bench.line_tail import LineTail
from bench.process_tree import read_rollup_kb, read_tree
from bench.soak_faults import FaultKind, plan_faults
from bench.soak_record import FaultRecord, Over, Record, RecordFile, Sample, read_record
from bench.soak_verdict import Verdict, judge, slope_per_s

HOUR_S = 3600
FAULT = FaultRecord(
    at_s=600.0, lasts_s=8.0, fault=FaultKind.LINK, what="8 s, packets lost", recovered_s=2.0
)
OVER = Over(at_s=HOUR_S, statuses=[0, 0], left=0, unexpected=[])


def sample(at_s: float, **values: float) -> Sample:
    usual = {
        "rss_mb": 180.0,
        "pss_mb": 110.0,
        "own_mb": 90.0,
        "load": 1.0,
        "descriptors": 30,
        "threads": 20,
        "children": 0,
        "shown_p50_ms": 30.0,
        "sound_ms": 90.0,
    }
    return msgspec.convert(
        {"at_s": at_s, "end": "caller", "kind": "sample", **usual | values}, Sample
    )


def record(**growing: float) -> Record:
    """Return an hour of a call whose figures grow by so much in it."""
    usual = msgspec.structs.asdict(sample(0))
    return Record(
        samples=[
            sample(
                at_s, **{key: usual[key] + grown * at_s / HOUR_S for key, grown in growing.items()}
            )
            for at_s in range(10, HOUR_S, 10)
        ],
        faults=[FAULT],
        over=OVER,
    )


def growing(verdict: Verdict) -> list[str]:
    return [check.name for check in verdict.checks if not check.is_flat]


def test_call_that_stays_as_it_was_is_flat() -> None:
    verdict = judge(record(own_mb=1.0, shown_p50_ms=2.0))
    assert growing(verdict) == []
    assert verdict.complaints == []
    assert verdict.is_flat


@pytest.mark.parametrize(
    ("figure", "grown", "name"),
    [
        ("own_mb", 5.0, "own memory"),
        ("shown_p50_ms", 10.0, "pictures, p50"),
        ("sound_ms", 40.0, "sound"),
    ],
)
def test_steady_growth_is_found(figure: str, grown: float, name: str) -> None:
    verdict = judge(record(**{figure: grown}))
    assert growing(verdict) == [name]
    assert not verdict.is_flat


@pytest.mark.parametrize("figure", ["descriptors", "threads", "children"])
def test_one_that_is_left_after_a_fault_is_found(figure: str) -> None:
    run = record()
    run.samples = [
        msgspec.structs.replace(each, **{figure: getattr(each, figure) + 1})
        if each.at_s > FAULT.at_s
        else each
        for each in run.samples
    ]
    assert growing(judge(run)) == [figure]


def test_what_a_fault_takes_for_its_time_is_not_left_over() -> None:
    run = record()
    run.samples = [
        msgspec.structs.replace(each, threads=25, shown_p50_ms=8000.0, own_mb=120.0)
        if FAULT.at_s <= each.at_s < FAULT.at_s + 60
        else each
        for each in run.samples
    ]
    assert judge(run).is_flat


def test_growth_of_the_first_two_minutes_does_not_count() -> None:
    run = record()
    run.samples = [
        msgspec.structs.replace(each, own_mb=40.0, threads=10) if each.at_s < 120 else each
        for each in run.samples
    ]
    assert judge(run).is_flat


@pytest.mark.parametrize(
    ("over", "fault", "complaint"),
    [
        (None, FAULT, "the run was cut short"),
        (msgspec.structs.replace(OVER, statuses=[0, 5]), FAULT, "the listener ended with 5"),
        (msgspec.structs.replace(OVER, left=2), FAULT, "2 processes were left behind"),
        (msgspec.structs.replace(OVER, unexpected=["link lost"]), FAULT, "link lost"),
        (OVER, msgspec.structs.replace(FAULT, recovered_s=None), "did not recover"),
    ],
)
def test_what_went_wrong_is_a_complaint(
    over: Over | None, fault: FaultRecord, complaint: str
) -> None:
    verdict = judge(replace(record(), over=over, faults=[fault]))
    assert len(verdict.complaints) == 1
    assert complaint in verdict.complaints[0]
    assert not verdict.is_flat


def test_call_of_two_minutes_is_too_short_to_judge() -> None:
    run = record()
    run.samples = run.samples[:12]
    assert judge(run).complaints == ["the call was too short to judge the caller"]


def test_slope_is_that_of_most_points() -> None:
    assert slope_per_s([(at_s, 2.0 * at_s + 500 * (at_s == 7)) for at_s in range(20)]) == 2.0
    assert slope_per_s([(3.0, 1.0), (3.0, 2.0)]) is None


def test_working_day_has_a_link_fault_every_ten_minutes_and_a_device_fault_every_fifteen() -> None:
    faults = plan_faults(8 * HOUR_S, 600, 900, calm_s=240)
    by_kind = {kind: [fault.at_s for fault in faults if fault.kind is kind] for kind in FaultKind}
    assert by_kind[FaultKind.LINK] == [600.0 * n for n in range(1, 48)]
    assert by_kind[FaultKind.DEVICE] == [450.0 + 900 * n for n in range(32)]
    ends = [fault.at_s + fault.lasts_s for fault in faults]
    assert all(later.at_s - end > 60 for end, later in zip(ends, faults[1:], strict=False))
    assert max(ends) <= 8 * HOUR_S - 240


def test_record_is_read_as_it_was_written_without_a_line_that_was_cut(tmp_path: Path) -> None:
    file = tmp_path / "figures.jsonl"
    written = RecordFile(file)
    for entry in (sample(10), FAULT, OVER):
        written.add(entry)
    with file.open("ab") as lines:
        lines.write(b'{"kind":"sample","at_s":2')
    assert read_record(file) == written.record


def test_tail_returns_each_complete_line_once(tmp_path: Path) -> None:
    file = tmp_path / "lines"
    tail = LineTail(file)
    assert tail.read() == []
    file.write_text('{"a": 1}\n{"a"')
    assert tail.read() == [{"a": 1}]
    with file.open("a") as lines:
        lines.write(': 2}\n{"a": 3}\n')
    assert tail.read() == [{"a": 2}, {"a": 3}]
    assert tail.read() == []


def test_own_memory_is_within_what_is_resident() -> None:
    use = read_tree(psutil.Process())
    assert 0 < use.own_mb <= use.pss_mb <= use.rss_mb
    assert use.threads >= 1


def test_process_that_has_ended_has_no_memory(tmp_path: Path) -> None:
    assert read_rollup_kb(7, tmp_path) == {}
