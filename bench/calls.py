"""A call between two of our peers: `peer.py listen` and `peer.py connect`, as a user starts them.

Figures of pictures and sound come from their statistics; their cost is measured from outside.
"""

import json
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from bench.children import ROOT, BenchError, Child, Children, Cost, Meter
from bench.figures import Second, Subject, pooled_percentile
from bench.hosts import TwoHosts

PEER = str(ROOT / "peer.py")
WARM_UP_S = 2.0
"""The start of a call that does not count, in which rates and clocks settle."""
START_S = 40.0
"""The longest start of both ends and the first second of the call, on a busy machine."""
LONGEST_S = 600
NAME = "Vis-à-vis"
CONFIG = "name: null\ncall: {congestion_control: system}\n"
"""Of both peers; the hosts choose the congestion control."""

Line = dict[str, Any]


class MeasuredCall(msgspec.Struct, frozen=True):
    """A measured call: the statistics of each end, and the cost of both."""

    listener: list[Line]
    caller: list[Line]
    cost: Cost
    began_us: int
    ended_us: int


class Call(msgspec.Struct):
    """Both ends of a running call."""

    listener: Child
    caller: Child
    listener_stats: Path
    caller_stats: Path
    listener_events: Path
    caller_events: Path


def start_listener(
    children: Children,
    hosts: TwoHosts,
    *options: str,
    display: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> tuple[Child, str]:
    """Start a listener in the first host; return it and the address that a caller types."""
    words = ["listen", "--port", "0", "--open", "--once", *options]
    child = _start(children, hosts.first, "listener", words, display, environment)
    line = child.read_line(START_S)
    if not line.startswith("Listening on "):
        raise BenchError(f"the listener printed {line!r}")
    return child, f"{hosts.first.address}:{line.rpartition(':')[2]}"


def start_caller(
    children: Children,
    hosts: TwoHosts,
    address: str,
    *options: str,
    display: str | None = None,
    environment: Mapping[str, str] | None = None,
    recording: Path | None = None,
) -> Child:
    """Start a caller in the second host.

    Args:
        recording: receives the encoded pictures that come.
    """
    words = ["connect", address, "--duration", str(LONGEST_S), *options]
    program = [PEER] if recording is None else ["-m", "bench.recording_peer", str(recording)]
    return _start(children, hosts.second, "caller", words, display, environment, program)


def _start(
    children: Children,
    host: Any,
    end: str,
    words: list[str],
    display: str | None,
    environment: Mapping[str, str] | None,
    program: Sequence[str] = (PEER,),
) -> Child:
    home = children.folder / end
    home.mkdir(exist_ok=True)
    screen = ["--headless"] if display is None else []
    own = {f"XDG_{kind}_HOME": str(home) for kind in ("DATA", "CONFIG", "CACHE", "STATE")}
    if display is not None:
        own |= {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "WAYLAND_DISPLAY": ""}
    # A separate file, so that the settings of this computer's user have no effect.
    config = home / "config.yaml"
    config.write_text(CONFIG)
    return children.start_python(
        [*program, *words, "--name", f"Bench {end}", "--config", str(config), *screen],
        host=host,
        environment=own | dict(environment or {}),
    )


def read_code(listener: Child, events: Path) -> str:
    """Return the call code of a listener.

    A caller who gives it is verified, so no window covers the picture's stamp with words to
    compare.
    """

    def codes() -> list[str]:
        return [str(line["code"]) for line in read_lines(events) if line["event"] == "listening"]

    listener.wait_until(lambda: bool(codes()), "does not listen", START_S)
    return codes()[-1]


def start_call(
    children: Children,
    hosts: TwoHosts,
    *,
    listener_camera: str,
    caller_camera: str,
    listener_display: str | None = None,
    caller_display: str | None = None,
    caller_recording: Path | None = None,
    has_sound: bool = True,
    options: Sequence[str] = (),
    caller_options: Sequence[str] = (),
) -> Call:
    """Start both ends, and wait for the first second of the call.

    Args:
        caller_recording: receives the encoded pictures that come to the caller.
        has_sound: whether both send a tone beside the pictures; no sound device is opened.
        options: more words for both ends.
        caller_options: more words for the caller.
    """
    sound = ("--mic", "tone" if has_sound else "none", "--speaker", "none", *options)
    ends = ("listener", "caller")
    stats = {end: children.folder / f"{end}.stats" for end in ends}
    events = {end: children.folder / f"{end}.events" for end in ends}
    outputs = {
        end: ("--stats", str(stats[end]), "--events", str(events[end]), *sound) for end in ends
    }
    listener, address = start_listener(
        children,
        hosts,
        *("--accept", "--camera", listener_camera, *outputs["listener"]),
        display=listener_display,
    )
    code = read_code(listener, events["listener"])
    caller = start_caller(
        children,
        hosts,
        address,
        *("--code", code, "--camera", caller_camera, *outputs["caller"], *caller_options),
        display=caller_display,
        recording=caller_recording,
    )
    for end, child in (("listener", listener), ("caller", caller)):
        child.wait_until(partial(has_lines, stats[end]), "did not start a call", START_S)
    return Call(listener, caller, *stats.values(), *events.values())


def measure(call: Call, seconds: float) -> MeasuredCall:
    """Measure a running call, and end it."""
    time.sleep(WARM_UP_S)
    before = len(read_lines(call.listener_stats)), len(read_lines(call.caller_stats))
    began_us = time.perf_counter_ns() // 1000
    meter = Meter([call.listener, call.caller])
    time.sleep(seconds)
    cost = meter.read()
    ended_us = time.perf_counter_ns() // 1000
    listener = read_lines(call.listener_stats)[before[0] :]
    caller = read_lines(call.caller_stats)[before[1] :]
    call.caller.ask_to_end()
    for child in (call.caller, call.listener):
        if (status := child.wait(4.0)) != 0:
            raise child.failure(f"ended with {status}")
    return MeasuredCall(listener, caller, cost, began_us, ended_us)


def read_lines(file: Path) -> list[Line]:
    """Return the complete lines of a file of JSON; none if there is no file yet."""
    if not file.exists():
        return []
    text = file.read_text(encoding="utf-8")
    return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]


def has_lines(stats: Path) -> bool:
    """Return whether the call of a statistics file has lasted a second."""
    return bool(read_lines(stats))


def summarize(name: str, lines: list[Line], cost: Cost | None) -> Subject:
    """Return the figures of one receiving end, as a column of the table. Pure."""
    seconds = [
        Second(
            line["video_in_fps"],
            line["video_in_latency_p50_ms"],
            line["video_in_latency_p95_ms"],
            line["video_in_latency_max_ms"],
        )
        for line in lines
        if line["video_in_latency_p50_ms"] is not None
    ]
    count = max(1, len(lines))
    gaps = [g for line in lines if (g := line["video_in_longest_gap_ms"]) is not None]
    values: dict[str, float | tuple[float, ...] | None] = {
        "p50_ms": pooled_percentile(seconds, 0.5),
        "p95_ms": pooled_percentile(seconds, 0.95),
        "worst_ms": max((s.max_ms for s in seconds), default=None),
        "last_ms": seconds[-1].p50_ms if seconds else None,
        "fps": sum(line["video_in_fps"] for line in lines) / count,
        "gap_ms": max(gaps, default=None),
        "mbps": sum(line["video_in_bps"] for line in lines) / count / 1e6,
        "cpu": cost.cpu if cost is not None else None,
        "memory_mb": cost.memory_mb if cost is not None else None,
    }
    return Subject(name, values, raw=lines)
