"""The measurements of `bench/latency.py`: one function for each name of `--only`. One thread.

`bench/onscreen.py` measures latency on the screen.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import msgspec

from bench import baselines, calls
from bench.baselines import measure_baseline, start_baseline
from bench.calls import (
    NAME,
    measure,
    read_code,
    read_lines,
    start_call,
    start_caller,
    start_listener,
)
from bench.children import Children
from bench.figures import Subject
from bench.film import Film
from bench.hosts import TwoHosts, loopback, two_hosts, why_no_hosts
from bench.http_camera import start_camera
from bench.lab_network import network_lab, why_no_lab
from bench.link_profiles import delay_profile
from bench.log_lines import read_numbers
from bench.pacing import now_us
from bench.picture_quality import measure_quality
from bench.screen import start_reader, start_screen, why_no_screen, window_box
from bench.slow_hosts import slow_hosts, why_no_slow_hosts

ROUND_TRIP_MS = 100
NARROW_BPS, NARROWER_BPS = 4_000_000, 1_000_000
QUEUE_MS = 400
SLOW_SHARES = (1.0, 0.5)
"""Of a processor, for each end."""
ANSWERS = 3
PAUSE_S = 0.6


class Run(msgspec.Struct, frozen=True):
    """The values that all measurements of a run share.

    Attributes:
        jpegs: the film's pictures as stamped JPEG files.
        seconds: the duration of each measurement.
        folder: the folder for temporary files.
    """

    film: Film
    jpegs: Path
    seconds: float
    folder: Path

    @contextmanager
    def children(self) -> Iterator[Children]:
        """Provide a new folder for programs, and end them when the context is left."""
        with (
            tempfile.TemporaryDirectory(dir=self.folder, ignore_cleanup_errors=True) as folder,
            Children(Path(folder)) as children,
        ):
            yield children


class Table(msgspec.Struct, frozen=True):
    """The result of a measurement: a title and its columns, ours first."""

    title: str
    subjects: list[Subject]


@contextmanager
def _free_hosts() -> Iterator[TwoHosts]:
    if why_no_hosts() is None:
        with two_hosts() as hosts:
            yield hosts
    else:
        yield loopback()


def _describe(hosts: TwoHosts) -> str:
    where = "loopback" if hosts.first.namespace is None else "two namespaces"
    return f"{where}, TCP {hosts.congestion_control}"


def _our_call(run: Run, hosts: TwoHosts) -> list[Subject]:
    """Measure a call: the listener sends a film, the caller an HTTP camera."""
    with run.children() as children:
        log = children.folder / "camera.log"
        _, url = start_camera(children, run.jpegs, log, hosts.second)
        call = start_call(children, hosts, listener_camera=str(run.film.path), caller_camera=url)
        measured = measure(call, run.seconds)
    return [
        calls.summarize(f"{NAME}, film", measured.caller, measured.cost),
        calls.summarize("other direction, HTTP camera", measured.listener, None),
    ]


def _baseline(run: Run, hosts: TwoHosts, kind: str) -> Subject:
    with run.children() as children:
        running = start_baseline(children, hosts, kind, str(run.film.path))
        return baselines.summarize(kind, measure_baseline(running, run.seconds))


def _with_baselines(run: Run, hosts: TwoHosts) -> list[Subject]:
    return _our_call(run, hosts) + [_baseline(run, hosts, kind) for kind in ("mjpeg", "pickle")]


def measure_free(run: Run) -> Iterator[Table]:
    """Measure from the source to the decoded picture, on a link without a limit."""
    with _free_hosts() as hosts:
        yield Table(
            f"free: source to decoded picture, free link ({_describe(hosts)})",
            _with_baselines(run, hosts),
        )


def measure_pattern(run: Run) -> Iterator[Table]:
    """Measure the same with the test pattern in both directions, so no film is decoded."""
    with _free_hosts() as hosts, run.children() as children:
        call = start_call(children, hosts, listener_camera="test", caller_camera="test")
        measured = measure(call, run.seconds)
        yield Table(
            f"pattern: test pattern in both directions, free link ({_describe(hosts)})",
            [
                calls.summarize(f"{NAME}, to caller", measured.caller, measured.cost),
                calls.summarize("to listener", measured.listener, None),
            ],
        )


def measure_delay(run: Run) -> Iterator[Table]:
    """Measure the same over a link with a delay."""
    with network_lab(delay_profile(ROUND_TRIP_MS / 2)) as lab:
        yield Table(
            f"delay: {ROUND_TRIP_MS} ms of round trip ({_describe(lab.hosts)})",
            _with_baselines(run, lab.hosts),
        )


def measure_narrow(run: Run) -> Iterator[Table]:
    """Measure the same over links too slow for the picture, with a long queue."""
    for rate_bps in (NARROW_BPS, NARROWER_BPS):
        with two_hosts() as hosts:
            hosts.limit(rate_bps, QUEUE_MS)
            yield Table(
                f"narrow: {rate_bps / 1e6:g} Mbit/s in each direction, a queue of {QUEUE_MS} ms "
                f"({_describe(hosts)})",
                _with_baselines(run, hosts),
            )


def measure_slow(run: Run) -> Iterator[Table]:
    """Measure a call with windows and sound, each end on one processor, whole and at half speed."""
    for share in SLOW_SHARES:
        here = loopback()
        with slow_hosts(share) as hosts, run.children() as children:
            displays = [start_screen(children, here.first) for _ in range(2)]
            _, url = start_camera(children, run.jpegs, children.folder / "camera.log", here.first)
            call = start_call(
                children,
                hosts,
                listener_camera=url,
                caller_camera=url,
                listener_display=displays[0],
                caller_display=displays[1],
            )
            measured = measure(call, run.seconds)
        yield Table(
            f"slow: windows and sound, {share * 100:.0f} % of one processor for each end "
            f"({_describe(hosts)})",
            [
                _with_reasons(calls.summarize("to caller", measured.caller, measured.cost)),
                _with_reasons(calls.summarize("to listener", measured.listener, None)),
            ],
        )


def _with_reasons(subject: Subject) -> Subject:
    """Return a subject with the last size of the pictures that came, and all limits of its own."""
    last = subject.raw[-1]
    limits = ", ".join(sorted({line["limited_by"] for line in subject.raw}))
    size = f"{last['video_in_width']}x{last['video_in_height']}"
    return replace(subject, note=f"{size}; own pictures limited by: {limits}")


def measure_answer(run: Run) -> Iterator[Table]:
    """Measure from the listener's answer to the first picture in a window."""
    rounds: dict[str, list[int]] = {"listener's window": [], "caller's window": []}
    for _ in range(ANSWERS):
        rounds["listener's window"].append(_answer(run, is_shown_by_listener=True))
        rounds["caller's window"].append(_answer(run, is_shown_by_listener=False))
    yield Table(
        f"answer: accept to first picture on the screen, {ANSWERS} calls each, p50 is the "
        f"median ({_describe(loopback())})",
        [
            Subject(
                where,
                {
                    "p50_ms": statistics.median(times) / 1000,
                    "worst_ms": max(times) / 1000,
                },
                raw=times,
            )
            for where, times in rounds.items()
        ],
    )


def _answer(run: Run, *, is_shown_by_listener: bool) -> int:
    """Return the time from the answer to the first picture on the screen, in microseconds."""
    here = loopback()
    with run.children() as children:
        seen = children.folder / "screen.log"
        display = start_screen(children, here.first)
        start_reader(children, display, window_box(), seen, here.first)
        events = children.folder / "listener.events"
        listener, address = start_listener(
            children,
            here,
            *("--camera", "test", "--events", str(events)),
            display=display if is_shown_by_listener else None,
        )
        caller = start_caller(
            children,
            here,
            address,
            *("--code", read_code(listener, events), "--camera", "test"),
            display=None if is_shown_by_listener else display,
        )
        listener.wait_until(
            lambda: any(line["event"] == "ringing" for line in read_lines(events)),
            "did not ring",
        )
        time.sleep(PAUSE_S)
        answered_us = now_us()
        listener.write_line("y")
        listener.wait_until(
            lambda: any(us > answered_us for _, us in read_numbers(seen)), "showed no picture"
        )
        first_us = min(us for _, us in read_numbers(seen) if us > answered_us)
        caller.ask_to_end()
        caller.wait(3.0)
        return first_us - answered_us


def measure_picture(run: Run) -> Iterator[Table]:
    """Measure the quality of coded pictures."""
    for name, subjects in measure_quality(run.film):
        yield Table(f"picture: quality at the bitrate of a call, {name}", subjects)


class Measurement(msgspec.Struct, frozen=True):
    """One of the names of `--only`.

    Attributes:
        why_not: returns why it cannot be measured here, or None.
    """

    name: str
    run: Callable[[Run], Iterator[Table]]
    why_not: Callable[[], str | None] = lambda: None


MEASUREMENTS = (
    Measurement("free", measure_free),
    Measurement("pattern", measure_pattern),
    Measurement("delay", measure_delay, why_no_lab),
    Measurement("narrow", measure_narrow, why_no_hosts),
    Measurement("slow", measure_slow, lambda: why_no_screen() or why_no_slow_hosts()),
    Measurement("answer", measure_answer, why_no_screen),
    Measurement("picture", measure_picture),
)
