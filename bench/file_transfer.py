"""A file beside a call: what it costs pictures and sound, and how fast it is.

    python bench/file_transfer.py --profile NAME... [--seconds N] [--megabytes N]
    python bench/file_transfer.py --whole [--megabytes N]

Two peers of this checkout call each other through a network laboratory. One line for the call
alone, one for the same call while a file goes the way of the film, and one for the time after it.
Latency is from capture to decoded. Needs root, iproute2 and /dev/net/tun.

With --whole, one file goes from its first byte to its last over loopback: how long it takes, how
much memory each end has at most, and whether it is the same file.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from bench.calls import Call, Line, read_lines, start_call, summarize
from bench.children import Meter, interrupt_once
from bench.figures import Subject
from bench.film import Film, find_films, write_film
from bench.lab_calls import LabRun
from bench.lab_network import why_no_lab
from bench.link_conditions import Profile
from bench.link_profiles import PROFILES
from bench.outcome import Outcome
from bench.table import Row, print_rows
from bench.whole_file import measure_whole

SETTLED_S = 12.0
"""Until the rate of the pictures has found the link."""
ROWS = (
    Row("p50_ms", "p50, ms", 0),
    Row("p95_ms", "p95, ms", 0),
    Row("worst_ms", "max, ms", 0),
    Row("fps", "pictures /s", 1),
    Row("mbps", "video, Mbit/s", 2),
    Row("target_mbps", "target, Mbit/s", 2),
    Row("concealed_ms", "concealed, ms", 0),
    Row("sound_ms", "sound, ms", 0),
    Row("queue_ms", "queue, ms", 1),
    Row("encode_ms", "encode, ms", 1),
    Row("decode_ms", "decode, ms", 1),
    Row("file_mbps", "file, Mbit/s", 2),
    Row("cpu", "CPU, s/s", 2),
)

WHOLE_ROWS = (
    Row("seconds", "accept to stored, s", 0),
    Row("file_mbps", "file, Mbit/s", 1),
    Row("before_mb", "memory before, sender and receiver, MB", 0),
    Row("highest_mb", "at most, MB", 0),
    Row("cpu", "CPU, s/s", 2),
)


def parse(words: list[str]) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add = parser.add_argument
    add("--profile", nargs="+", choices=[*PROFILES], default=["4mbit", "free"], metavar="NAME")
    add("--seconds", type=float, default=20.0, help="of each of the three parts")
    add("--megabytes", type=int, default=400, help="size of the file; too large to arrive")
    add("--whole", action="store_true", help="wait until the file has arrived")
    return parser.parse_args(words)


def measure_profile(
    profile: Profile, film: Film, seconds: float, size_bytes: int, folder: Path
) -> Iterator[Subject]:
    """Yield the figures of a call alone, with a file, and after it."""
    file = folder / "file.bin"
    with file.open("wb") as output:
        output.truncate(size_bytes)
    run = LabRun(profile, film, seconds, folder)
    with run.lab() as (lab, children):
        call = start_call(
            children,
            lab.hosts,
            listener_camera=str(film.path),
            caller_camera="test",
            options=("--set", f"files.folder={children.folder / 'downloads'}"),
        )
        lab.apply(profile)
        time.sleep(SETTLED_S)
        yield _measure_part(f"{profile.name}: alone", call, seconds)
        call.listener.write_line(f"/send {file}")
        call.caller.wait_until(
            lambda: bool(_file_events(call, "offered")), "was not offered the file"
        )
        call.caller.write_line("/accept")
        yield _measure_part(f"{profile.name}: with a file", call, seconds)
        call.caller.write_line("/cancel")
        yield _measure_part(f"{profile.name}: after it", call, seconds)


def _measure_part(name: str, call: Call, seconds: float) -> Subject:
    """Return the figures of the next seconds of a call."""
    before = len(read_lines(call.caller_stats))
    sent_before = len(read_lines(call.listener_stats))
    began_bytes, meter = _stored_bytes(call), Meter([call.listener, call.caller])
    time.sleep(seconds)
    cost, ended_bytes = meter.read(), _stored_bytes(call)
    lines = read_lines(call.caller_stats)[before:]
    subject = summarize(name, lines, cost)
    sent = read_lines(call.listener_stats)[sent_before:]
    first, last = lines[0], lines[-1]
    subject.values.update(
        target_mbps=sum(line["target_bps"] for line in sent) / max(1, len(sent)) / 1e6,
        queue_ms=_mean([line["queue_delay_ms"] for line in sent]),
        encode_ms=_mean([line["encode_ms"] for line in sent]),
        decode_ms=_mean([line["decode_ms"] for line in lines]),
        concealed_ms=last["audio_in_concealed_ms"] - first["audio_in_concealed_ms"],
        sound_ms=_mean([line["audio_in_latency_ms"] for line in lines]),
        file_mbps=max(0, ended_bytes - began_bytes) * 8e-6 / seconds,
    )
    return subject


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _file_events(call: Call, state: str) -> list[Line]:
    events = read_lines(call.caller_events)
    return [each for each in events if each["event"] == "file" and each["state"] == state]


def _stored_bytes(call: Call) -> int:
    """Return how much of the file has arrived."""
    folder = call.caller_stats.parent / "downloads"
    return sum(part.stat().st_size for part in folder.glob(".*.part"))


def main(words: list[str]) -> int:
    """Measure the chosen profiles; return the exit status."""
    options = parse(words)
    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False)
    if not options.whole and (why := why_no_lab()) is not None:
        console.print(f"There can be no network laboratory here: {why}.")
        return 2
    interrupt_once()
    console.print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} before the start")
    subjects: list[Subject] = []
    with Outcome(console) as outcome, tempfile.TemporaryDirectory(prefix="vis-a-vis-file-") as name:
        if options.whole:
            whole = list(measure_whole(options.megabytes * 1_000_000, Path(name)))
            print_rows(console, "a whole file", WHOLE_ROWS, whole)
            return 0
        film = write_film(find_films(None), Path(name), is_stamped=True)
        for profile in options.profile:
            parts = measure_profile(
                PROFILES[profile],
                film,
                options.seconds,
                options.megabytes * 1_000_000,
                Path(name),
            )
            subjects.extend(parts)
    if outcome.status:
        return outcome.status
    print_rows(console, "a file beside a call", ROWS, subjects)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
