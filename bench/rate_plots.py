"""Plots of calls for docs/rate-control.md: rates and latencies over time, one SVG for each profile.

    make plots                                            all plots of the page
    python bench/rate_plots.py [--profile NAME...] [--seed N] [--congestion bbr] [--folder FOLDER]
    python bench/rate_plots.py --lab FILE                 from what bench/lab.py --json wrote

Needs matplotlib: `make bench-setup`. The same call gives the same bytes.
"""

import argparse
import io
import json
import math
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from bench.call_series import CallSeries, Line, series_of_lab, series_of_simulation
from bench.link_profiles import PROFILES
from bench.simulated_call import Congestion, SimulatedCall

FOLDER = Path("docs/plots")
USUAL = ("1mbit", "4-0.5-4", "wifi-bursts", "250ms", "0.1mbit")
"""The plots that docs/rate-control.md shows."""
SIZE_INCHES = (8.5, 5.0)
LEAST_SHOWN_MS = 2
LINK, BLACKOUT, TARGET, ARRIVED = "#e2e9ef", "#aab4bc", "#c2410c", "#1d4ed8"
QUEUE, LINK_QUEUE, LATENCY = "#c2410c", "#cbd3da", "#15803d"
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "vis-a-vis",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "path.simplify_threshold": 0.4,
}


def parse(words: list[str]) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add = parser.add_argument
    add("--profile", nargs="+", choices=list(PROFILES), default=USUAL, metavar="NAME")
    add("--seed", type=int, default=1, help="of the simulated calls; default %(default)s")
    add(
        "--congestion",
        type=Congestion,
        choices=list(Congestion),
        default=Congestion.CUBIC,
        help="of the simulated TCP; default %(default)s",
    )
    add("--lab", type=Path, metavar="FILE", help="plot the first runs in a file of bench/lab.py")
    add("--folder", type=Path, default=FOLDER, help="default %(default)s")
    return parser.parse_args(words)


def simulate(names: Sequence[str], seed: int, congestion: Congestion) -> Iterator[CallSeries]:
    """Simulate a call in each profile."""
    for name in names:
        profile = PROFILES[name]
        call = SimulatedCall(profile, seed=seed, congestion=congestion)
        result = call.run_until(round(profile.seconds * 1e6))
        yield series_of_simulation(profile, result, f"simulated, TCP {congestion}")


def draw(series: CallSeries) -> str:
    """Return the picture of a call as SVG."""
    from matplotlib import pyplot

    text = io.StringIO()
    with pyplot.rc_context(STYLE):
        figure, (rates, delays) = pyplot.subplots(
            2, sharex=True, figsize=SIZE_INCHES, layout="constrained"
        )
        figure.suptitle(series.title, x=0.01, ha="left", fontsize=11)
        _draw_rates(rates, series)
        _draw_delays(delays, series)
        for axes in (rates, delays):
            axes.grid(axis="y", color="#b8bec4", linewidth=0.5)
            axes.legend(loc="lower right", bbox_to_anchor=(1, 0.98), ncols=4, frameon=False)
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
        pyplot.close(figure)
    # Coordinates to a tenth of a point are enough, and take half as much space.
    return re.sub(r"(?<=\.\d)\d+(?=[ \"])|^ +| +$", "", text.getvalue(), flags=re.MULTILINE)


def _draw_rates(axes: Any, series: CallSeries) -> None:
    link = series.link_mbps
    top = 1.15 * max(_largest(series.target_mbps), _largest(series.arrived_mbps))
    label = "link"
    if (least := min(link.values)) > top:
        label += ", no limit" if math.isinf(least) else f", {least:g} Mbit/s"
        label += " or more" if max(link.values) > least else ""
    shown = [min(value, top) for value in link.values]
    axes.fill_between(link.times_s, shown, step="post", color=LINK, linewidth=0, label=label)
    _draw_blackouts(axes, series, "blackout")
    axes.step(*series.arrived_mbps, where="post", color=ARRIVED, linewidth=1.1, label="arrived")
    axes.plot(*series.target_mbps, color=TARGET, linewidth=1.6, label="target")
    axes.set_ylim(0, top)
    axes.set_xlim(0, series.seconds)
    axes.set_ylabel("video, Mbit/s")


def _draw_delays(axes: Any, series: CallSeries) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

    _draw_blackouts(axes, series, None)
    if series.link_queue_ms is not None:
        queue_ms = _shown(series.link_queue_ms)
        label = "queue of the link"
        axes.fill_between(
            *queue_ms, LEAST_SHOWN_MS, step="post", color=LINK_QUEUE, linewidth=0, label=label
        )
    axes.plot(*_shown(series.queue_ms), color=QUEUE, linewidth=1.4, label="queue, as estimated")
    axes.plot(*_shown(series.latency_ms), color=LATENCY, linewidth=0.8, label=series.latency_label)
    axes.set_yscale("log")
    axes.set_ylim(LEAST_SHOWN_MS, 1.3 * max(100, _largest(series.latency_ms)))
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter("{:g}".format))
    axes.xaxis.set_major_locator(MaxNLocator(10, integer=True, steps=[1, 2, 5, 10]))
    axes.set_ylabel("ms")
    axes.set_xlabel("seconds")


def _largest(line: Line) -> float:
    return max((value for value in line.values if not math.isnan(value)), default=1.0)


def _shown(line: Line) -> Line:
    """Return a line whose values lie within the logarithmic scale."""
    return Line(
        line.times_s,
        [value if math.isnan(value) else max(value, LEAST_SHOWN_MS) for value in line.values],
    )


def _draw_blackouts(axes: Any, series: CallSeries, label: str | None) -> None:
    for from_s, until_s in series.blackouts_s:
        axes.axvspan(from_s, until_s, color=BLACKOUT, linewidth=0, label=label)
        label = None


def main(words: list[str]) -> int:
    """Write the chosen plots; return the exit status."""
    options = parse(words)
    options.folder.mkdir(parents=True, exist_ok=True)
    if options.lab is None:
        simulated = simulate(options.profile, options.seed, options.congestion)
        calls = ((each.name, each) for each in simulated)
    else:
        figures = json.loads(options.lab.read_text(encoding="utf-8"))
        calls = ((f"lab-{each.name}", each) for each in series_of_lab(figures))
    for name, series in calls:
        file = options.folder / f"{name}.svg"
        file.write_text(draw(series), encoding="utf-8")
        print(f"{file}  {file.stat().st_size / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
