"""bench/calls.py: figures from the statistics of a call."""

from pathlib import Path

import pytest

from bench.calls import Line, read_lines, summarize
from bench.children import Cost


def line(p50_ms: float | None, fps: float = 30.0) -> Line:
    higher = {"p95": 2.0, "max": 3.0}
    latencies = {
        f"video_in_latency_{name}_ms": None if p50_ms is None else p50_ms * factor
        for name, factor in ({"p50": 1.0} | higher).items()
    }
    return {
        **latencies,
        "video_in_fps": fps,
        "video_in_bps": 2_000_000.0,
        "video_in_longest_gap_ms": 40.0,
    }


def test_second_without_pictures_counts_only_in_the_rate() -> None:
    values = summarize("x", [line(5.0), line(None, fps=0.0)], Cost(0.5, (100.0, 120.0))).values
    assert values["p50_ms"] == pytest.approx(5.0)
    assert values["fps"] == pytest.approx(15.0)
    assert values["cpu"] == 0.5


def test_incomplete_line_is_not_read(tmp_path: Path) -> None:
    stats = tmp_path / "stats"
    assert read_lines(stats) == []
    stats.write_text('{"t_s": 1}\n{"t_s"')
    assert read_lines(stats) == [{"t_s": 1}]
