"""Figures of simulated calls, by profile, for work on the rate control.

    python bench/rate_simulation.py [--profile NAME...] [--seconds N] [--seeds N]

One line a profile: medians over seeds. `bench/simulated_call.py` says what the simulation leaves
out; `bench/lab.py` measures the same profiles with real programs and a real TCP.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from bench.figures import Subject, summarize_latencies
from bench.link_conditions import Profile
from bench.link_profiles import PROFILES
from bench.simulated_call import CallResult, SimulatedCall
from bench.table import Row, print_rows

UNSUITED = ("no-large-packets",)
"""Nothing gets through, as the simulated TCP does not make its segments smaller."""
SETTLED_S = 1.0
ROWS = (
    Row("p50_ms", "p50, ms", 0),
    Row("p95_ms", "p95, ms", 0),
    Row("worst_ms", "max, ms", 0),
    Row("settled_ms", "max after 1 s, ms", 0),
    Row("fps", "pictures /s", 1),
    Row("gap_ms", "gap, ms", 0),
    Row("mbps", "video, Mbit/s", 2),
    Row("used_percent", "of link, %", 0),
    Row("skipped", "skipped", 0),
    Row("dropped_audio", "sound dropped", 0),
    Row("speed", "simulated min/s", 2),
)


def parse(words: list[str]) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add = parser.add_argument
    names = [name for name in PROFILES if name not in UNSUITED]
    add("--profile", nargs="+", choices=names, default=names, metavar="NAME")
    add("--seconds", type=float, help="of each call; default is the profile's own")
    add("--seeds", type=int, default=3, help="print medians of so many calls; default %(default)s")
    options = parser.parse_args(words)
    if options.seeds < 1 or (options.seconds is not None and options.seconds < 1):
        parser.error("--seeds and --seconds must be 1 or more")
    return options


def measure(profile: Profile, seconds: float, seeds: Sequence[int]) -> Subject:
    """Simulate a call for each seed, and return the medians."""
    began_s = time.process_time()
    end_us = round(seconds * 1e6)
    results = [SimulatedCall(profile, seed=seed).run_until(end_us) for seed in seeds]
    spent_s = time.process_time() - began_s
    capacity_bps = profile.forward.mean_rate_bps(seconds)
    values: dict[str, float | tuple[float, ...] | None] = {
        "speed": seconds * len(seeds) / 60 / max(1e-6, spent_s)
    }
    figures = [summarize(result, capacity_bps) for result in results]
    for row in ROWS:
        known = [value for each in figures if (value := each.get(row.key)) is not None]
        if known:
            values[row.key] = statistics.median(known)
    return Subject(profile.name, values)


def summarize(result: CallResult, capacity_bps: float | None) -> dict[str, float | None]:
    """Return the figures of one call.

    Args:
        capacity_bps: the link's mean rate; None without a limit.
    """
    settled = summarize_latencies(result.latencies_us(from_s=SETTLED_S))
    return {
        **summarize_latencies(result.latencies_us()),
        "settled_ms": settled["worst_ms"],
        "fps": result.pictures_hz,
        "gap_ms": result.longest_gap_us / 1000,
        "mbps": result.video_bps / 1e6,
        "used_percent": 100 * result.video_bps / capacity_bps if capacity_bps else None,
        "skipped": result.skipped,
        "dropped_audio": result.dropped_audio,
    }


def main(words: list[str]) -> int:
    """Simulate the chosen profiles and print their figures; return the exit status."""
    options = parse(words)
    console = Console(width=None if sys.stdout.isatty() else 150, highlight=False)
    seeds = range(1, options.seeds + 1)
    subjects = [
        measure(PROFILES[name], options.seconds or PROFILES[name].seconds, seeds)
        for name in options.profile
    ]
    print_rows(console, f"simulated calls, medians of {options.seeds} seeds", ROWS, subjects)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
