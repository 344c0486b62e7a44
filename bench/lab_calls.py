"""A call, or a plain TCP transfer, through a network laboratory. The benchmark's own process.

The first host listens and sends the film; the figures are those of the second, which calls and
sends the test pattern. The profile's schedule begins with the measurement, when the call is up.
"""

import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from bench.calls import NAME, Call, Line, read_lines, start_call, summarize
from bench.children import Child, Children, Meter
from bench.figures import Sent, Subject, match_pictures, summarize_latencies
from bench.film import Film
from bench.hosts import CONGESTION_CONTROL
from bench.lab_messages import Report
from bench.lab_network import Lab, network_lab
from bench.lab_transfer import start_transfer
from bench.link_conditions import Profile
from bench.log_lines import read_numbers
from bench.pacing import now_us
from bench.received_pictures import read_captures
from bench.received_quality import received_psnr_db
from bench.screen import start_reader, start_screen, window_box

POLL_S = 0.1
END_S = 4.0


class LabRun(msgspec.Struct, frozen=True):
    """The values that all measurements in one profile share.

    Attributes:
        seconds: the duration of the measurement.
        has_download: a TCP transfer runs beside, in the direction of the film.
        has_window: the caller opens a window on a virtual screen, whose pixels are read.
        folder: the folder for temporary files.
    """

    profile: Profile
    film: Film
    seconds: float
    folder: Path
    seed: int = 1
    congestion_control: str = CONGESTION_CONTROL
    has_download: bool = False
    has_window: bool = False

    @contextmanager
    def lab(self) -> Iterator[tuple[Lab, Children]]:
        """Provide a laboratory that stands at the start of the profile, and its programs."""
        with (
            tempfile.TemporaryDirectory(dir=self.folder, ignore_cleanup_errors=True) as folder,
            network_lab(
                self.profile.start, seed=self.seed, congestion_control=self.congestion_control
            ) as lab,
            Children(Path(folder)) as children,
        ):
            yield lab, children


def measure_lab_call(run: LabRun) -> Subject:
    """Measure a call of our program."""
    with run.lab() as (lab, children):
        recording = children.folder / "received"
        seen = children.folder / "screen.log"
        display = _start_screen(children, lab, seen) if run.has_window else None
        call = start_call(
            children,
            lab.hosts,
            listener_camera=str(run.film.path),
            caller_camera="test",
            caller_display=display,
            caller_recording=recording,
        )
        transfer = start_transfer(children, lab.hosts) if run.has_download else None
        before, began_us = lab.apply(run.profile, seed=run.seed), now_us()
        began_s = read_lines(call.caller_stats)[-1]["t_s"]
        meter = Meter([call.listener, call.caller])
        lasted = wait_for_end(run.seconds, [call.listener, call.caller])
        after, ended_us = lab.report(), now_us()
        cost = meter.read() if lasted else None
        lines = read_lines(call.caller_stats)
        subject = summarize(f"{run.profile.name}: {NAME}", lines, cost)
        subject.values.update(link_figures(run.profile, before, after))
        subject.values["concealed_ms"] = lines[-1]["audio_in_concealed_ms"] if lines else None
        if transfer is not None:
            subject.values["tcp_mbps"] = transfer.goodput_bps(began_us, ended_us) / 1e6
        note = describe_end(lines, read_lines(call.caller_events))
        _end(call)
        subject.values["psnr_db"] = received_psnr_db(recording, run.film)
        if run.has_window:
            shown = [(number, us) for number, us in read_numbers(seen) if us < ended_us]
            subject.values.update(screen_figures(read_captures(recording), shown))
        raw = {"began_s": began_s, "caller": lines, "listener": read_lines(call.listener_stats)}
        return Subject(subject.name, subject.values, note, raw=raw)


def measure_download(run: LabRun) -> Subject:
    """Measure the goodput of plain TCP alone in the same profile."""
    with run.lab() as (lab, children):
        transfer = start_transfer(children, lab.hosts)
        transfer.receiver.wait_until(transfer.log.exists, "received nothing")
        before, began_us = lab.apply(run.profile, seed=run.seed), now_us()
        wait_for_end(run.seconds, [transfer.sender, transfer.receiver])
        after, ended_us = lab.report(), now_us()
        values = {
            **link_figures(run.profile, before, after),
            "tcp_mbps": transfer.goodput_bps(began_us, ended_us) / 1e6,
        }
        name = f"TCP download, {lab.hosts.congestion_control}"
        return Subject(f"{run.profile.name}: {name}", values)


def wait_for_end(seconds: float, children: list[Child]) -> bool:
    """Wait for a time or until a program has ended; return whether all still run."""
    deadline_s = time.monotonic() + seconds
    while (left_s := deadline_s - time.monotonic()) > 0:
        if any(child.has_ended for child in children):
            return False
        time.sleep(min(POLL_S, left_s))
    return not any(child.has_ended for child in children)


def link_figures(
    profile: Profile, before: Report, after: Report
) -> dict[str, float | tuple[float, ...] | None]:
    """Return how much of the link was used towards the second host, with all headers. Pure."""
    seconds = (after.at_us - before.at_us) / 1e6
    delivered = after.forward.counters.delivered_bytes - before.forward.counters.delivered_bytes
    used_bps = delivered * 8 / seconds
    there_bps = profile.forward.mean_rate_bps(seconds)
    return {
        "wire_mbps": used_bps / 1e6,
        "used_percent": used_bps / there_bps * 100 if there_bps else None,
    }


def screen_figures(
    captured: Sequence[Sent], shown: Sequence[Sent]
) -> dict[str, float | tuple[float, ...] | None]:
    """Return the latency from capture to screen, and the rate of the pictures shown. Pure.

    Args:
        captured: the number and the time in microseconds of each picture received.
        shown: the same of each picture that appeared on the screen.
    """
    pairs = match_pictures(captured, shown)
    latencies = summarize_latencies([latency_us for _, latency_us in pairs])
    span_us = pairs[-1][0] - pairs[0][0] if pairs else 0
    return {
        **{f"screen_{key}": value for key, value in latencies.items()},
        "screen_fps": (len(pairs) - 1) / span_us * 1e6 if span_us else None,
    }


def describe_end(lines: list[Line], events: list[Line]) -> str:
    """Return the state of a call at the end of its measurement. Pure."""
    ended = [event for event in events if event["event"] == "ended"]
    if ended:
        at = f" after {lines[-1]['t_s']:.0f} s" if lines else ""
        return f"ended{at}: {ended[-1]['reason']}"
    if not lines:
        return "no call"
    state = str(lines[-1]["state"])
    if reconnects := lines[-1]["reconnects"]:
        state += f", {reconnects} reconnects"
    if not any(event["event"] == "first_picture" for event in events):
        state += ", no picture"
    return state


def _start_screen(children: Children, lab: Lab, log: Path) -> str:
    """Start a screen for the caller's window, and its reader; return its DISPLAY."""
    display = start_screen(children, lab.hosts.second)
    start_reader(children, display, window_box(), log, lab.hosts.second)
    return display


def _end(call: Call) -> None:
    call.caller.ask_to_end()
    for child in (call.caller, call.listener):
        child.wait(END_S)
