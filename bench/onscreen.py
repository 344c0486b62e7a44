"""Latency on the screen and cost of video calls: ours beside GStreamer by hand, and others.

    python bench/onscreen.py [--content NAME...] [--subject NAME...] [--rounds N] [--seconds N]
                             [--sound] [--link PROFILE] [--json FILE]

Each program holds the same call: HTTP cameras of 1280x720 at 30/s at both ends, one window. Latency
is from the far camera to the pixels of the near window, on Xvfb. CPU is that of all processes of
both ends, without cameras, screen and reader. The subjects take turns, and each ratio is to
GStreamer in the same round. PSNR and SSIM come from a separate round without a window.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec.structs import replace
from rich.console import Console

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from bench.children import BenchError, interrupt_once
from bench.figures import Subject
from bench.hosts import TwoHosts, loopback
from bench.lab_network import network_lab, why_no_lab
from bench.link_profiles import PROFILES
from bench.onscreen_contents import CONTENTS, describe, write_content
from bench.onscreen_quality import measure_gstreamer_quality, measure_our_quality
from bench.onscreen_subjects import (
    CHAT,
    GSTREAMER,
    OURS,
    RECORDING,
    SOUND,
    SUBJECTS,
    OnScreenSubject,
    all_subjects,
)
from bench.onscreen_table import ROWS, add_ratios, median_of_rounds, rotate
from bench.onscreen_trial import Trial, measure_trial
from bench.outcome import Outcome
from bench.screen import why_no_screen
from bench.sockets import why_no_sockets
from bench.table import print_rows
from bench.windows import why_no_windows

ROUNDS = 5
SECONDS = 10.0
QUALITY = {OURS: measure_our_quality, GSTREAMER: measure_gstreamer_quality}


def parse(words: list[str]) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add = parser.add_argument
    usual = [name for name in SUBJECTS if name not in (SOUND, RECORDING, CHAT)]
    add("--content", nargs="+", choices=CONTENTS, default=list(CONTENTS), metavar="NAME")
    add("--subject", nargs="+", choices=SUBJECTS, default=usual, metavar="NAME")
    add("--rounds", type=int, default=ROUNDS, help="default %(default)s")
    add("--seconds", type=float, default=SECONDS, help="of each measurement; default %(default)g")
    add("--sound", action="store_true", help="also measure our call with a tone both ways")
    add("--no-quality", action="store_true", help="measure no PSNR and SSIM")
    add("--link", choices=PROFILES, metavar="PROFILE", help="a profile of bench/lab.py")
    add("--aiortc", default=sys.executable, metavar="PYTHON", help="the interpreter with aiortc")
    add("--json", type=Path, metavar="FILE", help="write the figures of each round")
    options = parser.parse_args(words)
    if options.rounds < 1 or options.seconds < 1:
        parser.error("--rounds and --seconds must be 1 or more")
    if options.sound and SOUND not in options.subject:
        options.subject.insert(1, SOUND)
    return options


def why_not(options: argparse.Namespace) -> str | None:
    """Return why nothing can be measured here, as one clause, or None."""
    reasons = [why_no_screen(), why_no_windows(), why_no_sockets()]
    if options.link is not None:
        reasons.append(why_no_lab())
    return next((reason for reason in reasons if reason is not None), None)


def choose_subjects(options: argparse.Namespace, console: Console) -> dict[str, OnScreenSubject]:
    """Return the subjects to measure; print why others cannot be measured."""
    chosen = {}
    subjects = all_subjects(options.aiortc)
    for name in options.subject:
        subject = subjects[name]
        if (why := subject.why_not()) is None:
            chosen[name] = subject
        else:
            console.print(f"{subject.title} is left out: {why}")
    return chosen


@contextmanager
def open_link(profile: str | None) -> Iterator[TwoHosts]:
    """Provide two hosts on a link of the network laboratory, or loopback."""
    if profile is None:
        yield loopback()
        return
    chosen = PROFILES[profile]
    with network_lab(chosen.start) as lab:
        lab.apply(chosen)
        yield lab.hosts


def measure_round(
    trial: Trial, link: str | None, order: list[OnScreenSubject], console: Console
) -> dict[str, Subject]:
    """Measure the subjects one after another; print and leave out those that fail."""
    measured: dict[str, Subject] = {}
    for subject in order:
        try:
            with open_link(link) as hosts:
                own = replace(trial, hosts=hosts)
                measured[subject.key] = measure_trial(own, subject.title, subject.start)
        except (BenchError, RuntimeError) as error:
            console.print(f"{subject.title} failed: {error}")
    if GSTREAMER in measured:
        for each in measured.values():
            add_ratios(each, measured[GSTREAMER])
    return measured


def measure_content(
    trial: Trial, options: argparse.Namespace, chosen: dict[str, OnScreenSubject], console: Console
) -> list[Subject]:
    """Return the medians of the rounds, with the quality of those whose pictures are stored."""
    rounds = [
        measure_round(
            trial, options.link, [chosen[name] for name in rotate(list(chosen), number)], console
        )
        for number in range(options.rounds)
    ]
    medians = []
    for name in chosen:
        if not (measured := [each[name] for each in rounds if name in each]):
            continue
        median = median_of_rounds(measured)
        if name in QUALITY and not options.no_quality:
            try:
                with open_link(options.link) as hosts:
                    median.values.update(QUALITY[name](replace(trial, hosts=hosts)))
            except (BenchError, RuntimeError) as error:
                console.print(f"quality of {median.name} failed: {error}")
        medians.append(median)
    return medians


def main(words: list[str]) -> int:
    """Measure the chosen contents; return the exit status."""
    options = parse(words)
    console = Console(width=None if sys.stdout.isatty() else 140, highlight=False)
    if (why := why_not(options)) is not None:
        console.print(f"Nothing can be measured here: {why}.")
        return 2
    interrupt_once()
    chosen = choose_subjects(options, console)
    console.print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} before the start")
    figures, is_incomplete = [], False
    with (
        Outcome(console) as outcome,
        tempfile.TemporaryDirectory(prefix="vis-a-vis-onscreen-") as name,
    ):
        folder = Path(name)
        for content in options.content if chosen else ():
            jpegs = write_content(content, folder)
            trial = Trial(jpegs, options.seconds, folder, loopback())
            subjects = measure_content(trial, options, chosen, console)
            is_incomplete |= len(subjects) < len(chosen)
            title = f"{content} ({describe(content)}), {options.link or 'free link'}, "
            rounds = f"medians of {options.rounds} rounds" if options.rounds > 1 else "one round"
            title += f"{rounds}; ÷ is the ratio to GStreamer"
            print_rows(console, title, ROWS, subjects)
            figures += [
                {"content": content, "name": s.name, "median": s.values, "rounds": s.raw}
                for s in subjects
            ]
    if options.json is not None:
        options.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1))
    return outcome.status or int(is_incomplete)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
