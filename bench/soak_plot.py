"""The plot of a long call: latency, memory and leftovers over time, with its faults marked.

    python bench/soak_plot.py FIGURES.jsonl [PLOT]         the suffix says the format: .png or .svg

Needs matplotlib: `make bench-setup`.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from bench.soak_faults import FaultKind
from bench.soak_record import Record, Sample, read_record

SIZE_INCHES = (11.0, 13.0)
COLOURS = {"listener": "#1d4ed8", "caller": "#c2410c"}
FAULT_COLOURS = {FaultKind.LINK: "#f2b8b5", FaultKind.DEVICE: "#c7d9f7"}
STYLE: dict[Any, Any] = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
}
LONG_MINUTES = 180
PANELS: tuple[tuple[str, tuple[tuple[str, Callable[[Sample], float | None], str], ...]], ...] = (
    (
        "pictures, captured to painted, ms",
        (("p50", lambda s: s.shown_p50_ms, "-"), ("p95", lambda s: s.shown_p95_ms, ":")),
    ),
    ("sound, ms", (("", lambda s: s.sound_ms, "-"),)),
    ("pictures a second", (("", lambda s: s.fps, "-"),)),
    (
        "memory, MB",
        (
            ("RSS", lambda s: s.rss_mb, ":"),
            ("PSS", lambda s: s.pss_mb, "--"),
            ("own", lambda s: s.own_mb, "-"),
        ),
    ),
    ("threads", (("", lambda s: s.threads, "-"),)),
    ("descriptors", (("", lambda s: s.descriptors, "-"),)),
    ("children", (("", lambda s: s.children, "-"),)),
)
"""Title, and the name, value and line style of each figure in it."""


def draw_record(record: Record, file: Path) -> None:
    """Write the plot of a run.

    Raises:
        ImportError: matplotlib is missing.
    """
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    longest_s = max((sample.at_s for sample in record.samples), default=0.0)
    unit, unit_s = ("hours", 3600) if longest_s > LONG_MINUTES * 60 else ("minutes", 60)
    with pyplot.rc_context(STYLE):
        figure, panels = pyplot.subplots(
            len(PANELS), sharex=True, figsize=SIZE_INCHES, layout="constrained"
        )
        began = record.began
        title = f"A call of {longest_s / 60:.0f} minutes"
        if began is not None:
            title += f", {began.started}, {began.processors} processors, {began.version}"
        figure.suptitle(title, x=0.01, ha="left", fontsize=11)
        for axes, (name, lines) in zip(panels, PANELS, strict=True):
            _mark_faults(axes, record, unit_s)
            for end, colour in COLOURS.items():
                for label, value, style in lines:
                    _draw_line(axes, record, end, value, unit_s, colour, style, label)
            axes.set_title(name, loc="left", fontsize=9)
            axes.grid(axis="y", color="#b8bec4", linewidth=0.5)
            axes.set_ylim(bottom=0)
            axes.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
        panels[-1].set_xlabel(unit)
        panels[-1].set_xlim(0, max(longest_s, 1.0) / unit_s)
        figure.savefig(file, dpi=110)
        pyplot.close(figure)


def _draw_line(
    axes: Any,
    record: Record,
    end: str,
    value: Callable[[Sample], float | None],
    unit_s: int,
    colour: str,
    style: str,
    label: str,
) -> None:
    samples = [sample for sample in record.samples if sample.end == end]
    values = [float("nan") if (v := value(s)) is None else v for s in samples]
    times = [sample.at_s / unit_s for sample in samples]
    name = f"{end} {label}".strip()
    axes.plot(times, values, color=colour, linestyle=style, linewidth=1, label=name)


def _mark_faults(axes: Any, record: Record, unit_s: int) -> None:
    labelled: set[FaultKind] = set()
    for fault in record.faults:
        over_s = fault.at_s + fault.lasts_s + (fault.recovered_s or 0)
        label = None if fault.fault in labelled else f"{fault.fault} fault"
        labelled.add(fault.fault)
        colour = FAULT_COLOURS[fault.fault]
        axes.axvspan(fault.at_s / unit_s, over_s / unit_s, color=colour, linewidth=0, label=label)


def main(words: list[str]) -> int:
    """Draw the plot of a run; return the exit status."""
    if len(words) not in (1, 2) or words[0].startswith("-"):
        print((__doc__ or "").strip())
        return 0 if words[:1] == ["--help"] else 2
    figures = Path(words[0])
    plot = Path(words[1]) if len(words) == 2 else figures.with_suffix(".png")
    draw_record(read_record(figures), plot)
    print(plot)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
