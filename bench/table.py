"""Tables of figures: a row for each figure, a column for each program, and ratios."""

from collections.abc import Sequence

import msgspec
from rich.console import Console
from rich.table import Table

from bench.figures import Subject


class Row(msgspec.Struct, frozen=True):
    """The format of one figure."""

    key: str
    label: str
    digits: int
    has_ratio: bool = True


ROWS = (
    Row("p50_ms", "latency p50, ms", 1),
    Row("p95_ms", "latency p95, ms", 1),
    Row("worst_ms", "latency, worst, ms", 0, has_ratio=False),
    Row("last_ms", "latency at the end, ms", 1, has_ratio=False),
    Row("gap_ms", "longest gap between pictures, ms", 0, has_ratio=False),
    Row("fps", "pictures a second", 1, has_ratio=False),
    Row("psnr_db", "PSNR of luma, dB", 1, has_ratio=False),
    Row("mbps", "pictures, Mbit/s", 2),
    Row("encode_ms", "encoding of a picture, ms", 1),
    Row("decode_ms", "decoding of a picture, ms", 1),
    Row("cpu", "processor, both ends, s/s", 2),
    Row("memory_mb", "memory of each end, MB", 0, has_ratio=False),
)


def print_table(console: Console, title: str, subjects: Sequence[Subject]) -> None:
    """Print one measurement, with ratios to the first column."""
    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column("")
    for subject in subjects:
        table.add_column(subject.name, justify="right")
    for row in ROWS:
        if any(subject.values.get(row.key) is not None for subject in subjects):
            table.add_row(row.label, *(_cell(row, subject, subjects[0]) for subject in subjects))
    if any(subject.note for subject in subjects):
        table.add_row("", *(subject.note for subject in subjects))
    console.print(table)


def print_rows(
    console: Console, title: str, rows: Sequence[Row], subjects: Sequence[Subject]
) -> None:
    """Print a table with a line for each subject, and a column for each figure that any has."""
    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column("", no_wrap=True)
    known = [row for row in rows if any(s.values.get(row.key) is not None for s in subjects)]
    for row in known:
        table.add_column(row.label, justify="right")
    table.add_column("")
    for subject in subjects:
        table.add_row(subject.name, *(_cell(row, subject, subject) for row in known), subject.note)
    console.print(table)


def _cell(row: Row, subject: Subject, first: Subject) -> str:
    value, own = subject.values.get(row.key), first.values.get(row.key)
    if value is None:
        return "–"
    if isinstance(value, tuple):
        return " and ".join(f"{each:.{row.digits}f}" for each in value)
    text = f"{value:.{row.digits}f}"
    if row.has_ratio and subject is not first and isinstance(own, float) and own > 0:
        text += f" ({ratio_text(value / own)})"
    return text


def ratio_text(ratio: float) -> str:
    """Return a ratio with two significant digits. Pure."""
    return f"{ratio:.2f}×" if ratio < 1 else f"{ratio:.1f}×" if ratio < 10 else f"{ratio:.0f}×"
