"""bench/table.py: ratios, and the cells of a table."""

import io

from rich.console import Console

from bench.figures import Subject
from bench.table import print_table, ratio_text


def test_ratio_has_two_significant_digits() -> None:
    assert [ratio_text(ratio) for ratio in (0.5, 1.25, 239.2)] == ["0.50×", "1.2×", "239×"]


def test_figures_of_a_run_are_printed_side_by_side() -> None:
    printed = io.StringIO()
    subjects = [
        Subject("ours", {"p95_ms": 10.0, "memory_mb": (120.0, 130.0)}),
        Subject("theirs", {"p95_ms": 25.0, "memory_mb": None}, note="3.0 s behind"),
    ]
    print_table(Console(file=printed, width=100), "free", subjects)
    text = printed.getvalue()
    assert "25.0 (2.5×)" in text
    assert "120 and 130" in text
    assert "3.0 s behind" in text
    assert "PSNR" not in text
