"""One measurement of `bench/onscreen.py`: a video call both ways, read from the caller's screen.

        first host                                        second host
    camera -> far end  <------------ link ------------>  near end <- camera
      |                                                     |
    log: sent                                 window on Xvfb, reader, log: seen

The figures are those of the far camera's pictures. A latency is from when the camera sent a picture
to when its number stood in the window's pixels.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from bench.baselines import longest_gap_ms
from bench.calls import WARM_UP_S
from bench.children import Child, Children, Cost, Meter, at_normal_priority
from bench.figures import Sent, Subject, match_pictures, summarize_latencies
from bench.hosts import TwoHosts
from bench.http_camera import start_camera
from bench.log_lines import read_numbers
from bench.pacing import now_us
from bench.screen import start_reader, start_screen
from bench.sockets import list_sockets, received_bytes
from ui.window.geometry import Box

BITRATE_BPS = 2_500_000
"""The most that each program may send, as far as it can be told."""
FIRST_PICTURE_S = 60.0


class Trial(msgspec.Struct, frozen=True):
    """The values that all measurements of a content share.

    Attributes:
        jpegs: the content's pictures.
        seconds: the duration of each measurement.
        folder: the folder for temporary files.
    """

    jpegs: Path
    seconds: float
    folder: Path
    hosts: TwoHosts


class Scene(msgspec.Struct, frozen=True):
    """The surroundings of a call: both cameras, and the screen of the near end.

    Attributes:
        display: the DISPLAY of the near end.
        far_camera, near_camera: URLs, each in its own host.
        sent: the log of the far camera.
    """

    children: Children
    hosts: TwoHosts
    display: str
    far_camera: str
    near_camera: str
    sent: Path


class Ends(msgspec.Struct, frozen=True):
    """The programs of a call.

    Attributes:
        near: the programs that receive and show the far camera's pictures.
        others: all other programs of both ends.
        box: the place of the picture on the screen.
    """

    near: list[Child]
    others: list[Child]
    box: Box


Start = Callable[[Scene], Ends]
"""Starts both ends of a call. Raises BenchError."""


@contextmanager
def open_scene(trial: Trial) -> Iterator[Scene]:
    """Start cameras and screen, and end all programs when the context is left."""
    with (
        tempfile.TemporaryDirectory(dir=trial.folder, ignore_cleanup_errors=True) as name,
        Children(Path(name), at_normal_priority()) as children,
    ):
        folder, hosts = Path(name), trial.hosts
        sent = folder / "sent.log"
        display = start_screen(children, hosts.second)
        _, far = start_camera(children, trial.jpegs, sent, hosts.first)
        _, near = start_camera(children, trial.jpegs, folder / "near.log", hosts.second)
        yield Scene(children, hosts, display, far, near, sent)


def measure_trial(trial: Trial, name: str, start: Start) -> Subject:
    """Measure a call once its first pictures have been seen and it has warmed up."""
    with open_scene(trial) as scene:
        ends = start(scene)
        near_host, seen = trial.hosts.second, scene.children.folder / "seen.log"
        start_reader(scene.children, scene.display, ends.box, seen, near_host)
        ends.near[0].wait_until(lambda: bool(read_numbers(seen)), "showed nothing", FIRST_PICTURE_S)
        time.sleep(WARM_UP_S)
        camera_port = int(scene.near_camera.split(":")[2].partition("/")[0])
        pids = {child.meter.pid for child in ends.near}

        def received() -> int:
            return received_bytes(list_sockets(near_host), pids, camera_port)

        before, began_us = received(), now_us()
        meter = Meter([*ends.near, *ends.others])
        time.sleep(trial.seconds)
        cost, ended_us = meter.read(), now_us()
        mbps = (received() - before) * 8 / (ended_us - began_us)
        pairs = match_pictures(read_numbers(scene.sent), read_numbers(seen))
    return summarize(name, pairs, (began_us, ended_us), cost, mbps)


def summarize(
    name: str, pairs: list[tuple[int, int]], span_us: tuple[int, int], cost: Cost, mbps: float
) -> Subject:
    """Return the figures of a measurement. Pure.

    Args:
        pairs: when each picture was seen, and its latency, in microseconds.
        span_us: when the measurement began and ended.
        mbps: how much came to the near end; 0 if it did not come by TCP.
    """
    began_us, ended_us = span_us
    counted: list[Sent] = [pair for pair in pairs if began_us <= pair[0] < ended_us]
    values: dict[str, float | tuple[float, ...] | None] = {
        **summarize_latencies([latency_us for _, latency_us in counted]),
        "fps": len(counted) / (ended_us - began_us) * 1e6,
        "gap_ms": longest_gap_ms([seen_us for seen_us, _ in counted], began_us, ended_us),
        "mbps": mbps or None,
        "cpu": cost.cpu,
        "memory_mb": cost.memory_mb,
    }
    return Subject(name, values, raw=counted)
