"""Figures of simulated calls, by profile, for work on the rate control.

    python bench/rate_simulation.py [--profile NAME...] [--seconds N] [--seeds N]
                                    [--congestion bbr] [--processes N]

One line a profile: medians over seeds. Each process simulates one call at a time.
`bench/simulated_call.py` says what the simulation leaves out; `bench/lab.py` measures the same
profiles with real programs and a real TCP.
"""

import argparse
import itertools
import os
import statistics
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from multiprocessing import Pool
from pathlib import Path
from typing import NamedTuple

from rich.console import Console

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from bench.figures import Subject, summarize_latencies
from bench.link_conditions import Profile
from bench.link_profiles import PROFILES
from bench.simulated_call import CallResult, Congestion, SimulatedCall
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
    add(
        "--processes",
        type=int,
        default=os.cpu_count() or 1,
        metavar="N",
        help="simulate so many calls at once; default %(default)s, the processors of this computer",
    )
    add(
        "--congestion",
        type=Congestion,
        choices=list(Congestion),
        default=Congestion.CUBIC,
        help="of TCP; default %(default)s",
    )
    options = parser.parse_args(words)
    seconds = 1 if options.seconds is None else options.seconds
    if min(options.seeds, options.processes, seconds) < 1:
        parser.error("--seeds, --seconds and --processes must be 1 or more")
    return options


class Plan(NamedTuple):
    """A call to simulate."""

    profile: Profile
    seconds: float
    seed: int
    congestion: Congestion = Congestion.CUBIC


def simulate(plan: Plan) -> dict[str, float | None]:
    """Return the figures of one call."""
    began_s = time.process_time()
    call = SimulatedCall(plan.profile, seed=plan.seed, congestion=plan.congestion)
    result = call.run_until(round(plan.seconds * 1e6))
    spent_s = time.process_time() - began_s
    figures = summarize(result, plan.profile.forward.mean_rate_bps(plan.seconds))
    return figures | {"speed": plan.seconds / 60 / max(1e-6, spent_s)}


def measure(plans: Sequence[Plan], processes: int = 1) -> list[Subject]:
    """Simulate calls, and return the medians of each profile."""
    if processes == 1:
        return list(medians(plans, map(simulate, plans)))
    with Pool(processes) as pool:
        return list(medians(plans, pool.imap(simulate, plans)))


def medians(plans: Sequence[Plan], figures: Iterable[dict[str, float | None]]) -> Iterator[Subject]:
    """Yield the medians of each profile. Pure."""
    pairs = zip(plans, figures, strict=True)
    for name, group in itertools.groupby(pairs, key=lambda pair: pair[0].profile.name):
        calls = [each for _, each in group]
        values: dict[str, float | tuple[float, ...] | None] = {}
        for row in ROWS:
            known = [value for each in calls if (value := each[row.key]) is not None]
            if known:
                values[row.key] = statistics.median(known)
        yield Subject(name, values)


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
    plans = [
        Plan(PROFILES[name], options.seconds or PROFILES[name].seconds, seed, options.congestion)
        for name in options.profile
        for seed in range(1, options.seeds + 1)
    ]
    began_s = time.perf_counter()
    subjects = measure(plans, options.processes)
    spent_s = time.perf_counter() - began_s
    print_rows(
        console,
        f"simulated calls, TCP {options.congestion}, medians of {options.seeds} seeds",
        ROWS,
        subjects,
    )
    minutes = sum(plan.seconds for plan in plans) / 60
    console.print(f"{minutes:.1f} simulated minutes in {spent_s:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
