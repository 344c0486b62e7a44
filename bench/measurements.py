"""What is measured, one function for each name of `--only`. Runs in the benchmark's own process."""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import baselines, calls
from bench.baselines import measure_baseline, start_baseline
from bench.calls import NAME, measure, start_call, start_caller, start_listener
from bench.children import Children, Cost
from bench.figures import Subject, match_pictures, summarize_latencies
from bench.film import Film
from bench.hosts import TwoHosts, loopback, two_hosts, why_no_delay, why_no_hosts
from bench.http_camera import start_camera
from bench.log_lines import read_numbers
from bench.pacing import now_us
from bench.picture_quality import measure_quality
from bench.screen import start_reader, start_screen, why_no_screen, window_box
from ui.window.geometry import Box

ROUND_TRIP_MS = 100
NARROW_BPS, NARROWER_BPS = 4_000_000, 1_000_000
QUEUE_MS = 400
ANSWERS = 3
PAUSE_S = 0.6
IMSHOW_BOX = Box(0, 0, 1280, 720)


@dataclass(frozen=True)
class Setting:
    """What all measurements of a run share.

    Attributes:
        jpegs: the film's pictures as stamped JPEG files.
        seconds: how long each program is measured.
        folder: for what is written on the way.
    """

    film: Film
    jpegs: Path
    seconds: float
    folder: Path

    @contextmanager
    def children(self) -> Iterator[Children]:
        """Give a folder of its own to what is started, and end it all."""
        with (
            tempfile.TemporaryDirectory(dir=self.folder, ignore_cleanup_errors=True) as folder,
            Children(Path(folder)) as children,
        ):
            yield children


@dataclass(frozen=True)
class Table:
    """One measurement that was made: a title and its columns, ours first."""

    title: str
    subjects: list[Subject]


@contextmanager
def _free_hosts() -> Iterator[TwoHosts]:
    if why_no_hosts() is None:
        with two_hosts() as hosts:
            yield hosts
    else:
        yield loopback()


def _said(hosts: TwoHosts) -> str:
    where = "loopback" if hosts.first.namespace is None else "two namespaces"
    return f"{where}, TCP {hosts.congestion_control}"


def _our_call(setting: Setting, hosts: TwoHosts) -> list[Subject]:
    """A film from the listener, an HTTP camera from the caller."""
    with setting.children() as children:
        log = children.folder / "camera.log"
        _, url = start_camera(children, setting.jpegs, log, hosts.second)
        call = start_call(
            children, hosts, listener_camera=str(setting.film.path), caller_camera=url
        )
        measured = measure(call, setting.seconds)
    return [
        calls.summarize(f"{NAME}, film", measured.caller, measured.cost),
        calls.summarize("other way, HTTP camera", measured.listener, None),
    ]


def _baseline(setting: Setting, hosts: TwoHosts, kind: str) -> Subject:
    with setting.children() as children:
        running = start_baseline(children, hosts, kind, str(setting.film.path))
        return baselines.summarize(kind, measure_baseline(running, setting.seconds))


def _with_baselines(setting: Setting, hosts: TwoHosts) -> list[Subject]:
    return _our_call(setting, hosts) + [
        _baseline(setting, hosts, kind) for kind in ("mjpeg", "pickle")
    ]


def measure_free(setting: Setting) -> Iterator[Table]:
    """Source to decoded picture on a link without a limit."""
    with _free_hosts() as hosts:
        yield Table(
            f"free: source to decoded picture, free link ({_said(hosts)})",
            _with_baselines(setting, hosts),
        )


def measure_pattern(setting: Setting) -> Iterator[Table]:
    """The same with the test pattern both ways, which costs no decoding of a film."""
    with _free_hosts() as hosts, setting.children() as children:
        call = start_call(children, hosts, listener_camera="test", caller_camera="test")
        measured = measure(call, setting.seconds)
        yield Table(
            f"pattern: test pattern both ways, free link ({_said(hosts)})",
            [
                calls.summarize(f"{NAME}, to caller", measured.caller, measured.cost),
                calls.summarize("to listener", measured.listener, None),
            ],
        )


def measure_delay(setting: Setting) -> Iterator[Table]:
    """The same over a long way."""
    with two_hosts(one_way_delay_ms=ROUND_TRIP_MS / 2) as hosts:
        yield Table(
            f"delay: {ROUND_TRIP_MS} ms of round trip ({_said(hosts)})",
            _with_baselines(setting, hosts),
        )


def measure_narrow(setting: Setting) -> Iterator[Table]:
    """The same over links that are too small for the picture, with a deep queue."""
    for rate_bps in (NARROW_BPS, NARROWER_BPS):
        with two_hosts() as hosts:
            hosts.limit(rate_bps, QUEUE_MS)
            yield Table(
                f"narrow: {rate_bps / 1e6:g} Mbit/s each way, a queue of {QUEUE_MS} ms "
                f"({_said(hosts)})",
                _with_baselines(setting, hosts),
            )


def measure_screen(setting: Setting) -> Iterator[Table]:
    """From an HTTP camera to pixels on the screen of the other side."""
    yield Table(
        f"screen: HTTP camera to pixels on the screen ({_said(loopback())})",
        [
            _screen_call(setting, f"{NAME}, one way", is_two_way=False),
            _screen_call(setting, "two ways, two windows", is_two_way=True),
            _screen_baseline(setting),
        ],
    )


def _screen_call(setting: Setting, name: str, *, is_two_way: bool) -> Subject:
    here = loopback()
    with setting.children() as children:
        sent, seen = children.folder / "camera.log", children.folder / "screen.log"
        display = start_screen(children, here.first)
        _, url = start_camera(children, setting.jpegs, sent, here.second)
        start_reader(children, display, window_box(), seen, here.first)
        call = start_call(
            children,
            here,
            listener_camera="test" if is_two_way else "none",
            caller_camera=url,
            listener_display=display,
            caller_display=start_screen(children, here.second) if is_two_way else None,
        )
        measured = measure(call, setting.seconds)
        rate = calls.summarize("", measured.listener, None).values["mbps"]
        assert isinstance(rate, float)
        return _screen_subject(
            name, sent, seen, measured.began_us, measured.ended_us, measured.cost, rate
        )


def _screen_baseline(setting: Setting) -> Subject:
    here = loopback()
    with setting.children() as children:
        sent, seen = children.folder / "camera.log", children.folder / "screen.log"
        display = start_screen(children, here.first)
        _, url = start_camera(children, setting.jpegs, sent, here.first)
        start_reader(children, display, IMSHOW_BOX, seen, here.first)
        running = start_baseline(children, here, "mjpeg", url, display=display)
        span = measure_baseline(running, setting.seconds)
        rate = baselines.summarize("mjpeg", span).values["mbps"]
        assert isinstance(rate, float)
        return _screen_subject(
            "MJPEG and imshow", sent, seen, span.began_us, span.ended_us, span.cost, rate
        )


def _screen_subject(
    name: str, sent: Path, seen: Path, began_us: int, ended_us: int, cost: Cost, mbps: float
) -> Subject:
    matched = match_pictures(read_numbers(sent), read_numbers(seen))
    counted = [pair for pair in matched if began_us <= pair[0] < ended_us]
    times = [seen_us for seen_us, _ in counted]
    return Subject(
        name,
        {
            **summarize_latencies([latency for _, latency in counted]),
            "fps": len(counted) / (ended_us - began_us) * 1e6,
            "gap_ms": baselines.longest_gap_ms(times, began_us, ended_us),
            "mbps": mbps,
            "cpu": cost.cpu,
            "memory_mb": cost.memory_mb,
        },
        raw=counted,
    )


def measure_answer(setting: Setting) -> Iterator[Table]:
    """From the listener's yes to the first picture in a window."""
    rounds: dict[str, list[int]] = {"listener's window": [], "caller's window": []}
    for _ in range(ANSWERS):
        rounds["listener's window"].append(_answer(setting, is_shown_by_listener=True))
        rounds["caller's window"].append(_answer(setting, is_shown_by_listener=False))
    yield Table(
        f"answer: accept to first picture on the screen, {ANSWERS} calls each way, p50 is the "
        f"median ({_said(loopback())})",
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


def _answer(setting: Setting, *, is_shown_by_listener: bool) -> int:
    """Return how many microseconds after the answer a picture is on the screen."""
    here = loopback()
    with setting.children() as children:
        seen = children.folder / "screen.log"
        display = start_screen(children, here.first)
        start_reader(children, display, window_box(), seen, here.first)
        listener, address = start_listener(
            children,
            here,
            *("--camera", "test"),
            display=display if is_shown_by_listener else None,
        )
        caller = start_caller(
            children,
            here,
            address,
            *("--camera", "test"),
            display=None if is_shown_by_listener else display,
        )
        if is_shown_by_listener:
            caller.wait_said("is being asked")
        else:
            listener.wait_said("Accept? y/n")
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


def measure_picture(setting: Setting) -> Iterator[Table]:
    """How good the picture is."""
    for name, subjects in measure_quality(setting.film):
        yield Table(f"picture: quality at the rate of a call, {name}", subjects)


@dataclass(frozen=True)
class Measurement:
    """One of the names of `--only`.

    Attributes:
        why_not: says why it cannot be made here, or None.
    """

    name: str
    run: Callable[[Setting], Iterator[Table]]
    why_not: Callable[[], str | None] = lambda: None


MEASUREMENTS = (
    Measurement("free", measure_free),
    Measurement("pattern", measure_pattern),
    Measurement("delay", measure_delay, why_no_delay),
    Measurement("narrow", measure_narrow, why_no_hosts),
    Measurement("screen", measure_screen, why_no_screen),
    Measurement("answer", measure_answer, why_no_screen),
    Measurement("picture", measure_picture),
)
