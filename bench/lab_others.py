"""Other programs through a network laboratory: one film, one way, without sound.

GStreamer by its command line, over TCP, at a bitrate set by hand below the link's; aiortc by its
own rules. Each is measured where it is installed; neither is a dependency of this project.
"""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from bench.baselines import longest_gap_ms
from bench.children import Child
from bench.figures import Subject, match_pictures, summarize_latencies
from bench.film import HEIGHT_PX, RATE_HZ, WIDTH_PX
from bench.gstreamer import is_listening
from bench.lab_calls import LabRun, link_figures, wait_for_end
from bench.lab_network import Lab
from bench.lab_picture_pipe import PICTURE_BYTES
from bench.link_conditions import Profile
from bench.log_lines import read_numbers
from bench.pacing import now_us

ELEMENTS = ("rawvideoparse", "x264enc", "gdppay", "tcpserversrc", "avdec_h264")
"""The elements used, one of each package."""
MOST_KBPS = 2500
SHARE_OF_RATE = 0.8
"""The bitrate as a careful user sets it by hand: the link's first rate, less a margin."""
VBV_MS = 100
PORT = 5000
SENT, SEEN = "sent.log", "seen.log"
FIRST_PICTURE_S = 30.0


def why_no_aiortc(python: str = sys.executable) -> str | None:
    """Return why aiortc cannot be measured with an interpreter, as one clause, or None."""
    try:
        done = subprocess.run([python, "-c", "import aiortc"], capture_output=True)
    except OSError as error:
        return f"{python}: {error.strerror}"
    return f"{python} has no aiortc" if done.returncode else None


def hand_set_kbps(profile: Profile) -> int:
    """Return the bitrate that a user would set for a profile. Pure."""
    rate_bps = profile.forward.at(0).conditions.rate_bps
    if rate_bps is None:
        return MOST_KBPS
    return min(MOST_KBPS, round(rate_bps * SHARE_OF_RATE / 1000))


def gstreamer_sender(address: str, kbps: int) -> list[str]:
    """Return the command of the sending end, which reads pictures from its input."""
    form = f"format=i420 width={WIDTH_PX} height={HEIGHT_PX} framerate={RATE_HZ}/1"
    return (
        f"gst-launch-1.0 -q fdsrc fd=0 blocksize={PICTURE_BYTES} ! rawvideoparse {form} "
        f"! x264enc tune=zerolatency speed-preset=ultrafast bitrate={kbps} "
        f"vbv-buf-capacity={VBV_MS} ! gdppay ! tcpclientsink host={address} port={PORT} sync=false"
    ).split()


def gstreamer_receiver(address: str) -> list[str]:
    """Return the command of the receiving end, which writes pictures to its output."""
    return (
        f"gst-launch-1.0 -q tcpserversrc host={address} port={PORT} ! gdpdepay ! avdec_h264 "
        "max-threads=1 ! videoconvert ! video/x-raw,format=I420 ! fdsink fd=1 sync=false"
    ).split()


def measure_gstreamer(run: LabRun) -> Subject:
    """Measure GStreamer in a profile."""
    kbps = hand_set_kbps(run.profile)
    with run.lab() as (lab, children):
        host = lab.hosts.second
        program = ["-m", "bench.lab_picture_pipe"]
        receiver = children.start_python(
            [*program, "read", str(children.folder / SEEN), *gstreamer_receiver(host.address)],
            host=host,
        )
        receiver.wait_until(lambda: is_listening(host, PORT), "does not listen")
        sender = children.start_python(
            [
                *(*program, "feed", str(run.film.path), str(children.folder / SENT)),
                *gstreamer_sender(host.address, kbps),
            ],
            host=lab.hosts.first,
        )
        subject = _measure(run, lab, children.folder, sender, receiver)
    return replace(subject, name=f"{run.profile.name}: GStreamer", note=f"{kbps} kbit/s by hand")


def measure_aiortc(run: LabRun, python: str = sys.executable) -> Subject:
    """Measure aiortc in a profile, as an interpreter has it."""
    with run.lab() as (lab, children):
        program = [python, "-m", "bench.lab_aiortc"]
        seen, sent = str(children.folder / SEEN), str(children.folder / SENT)
        receiver = children.start([*program, "receive", seen], host=lab.hosts.second)
        sender = children.start([*program, "send", str(run.film.path), sent], host=lab.hosts.first)
        receiver.write_line(sender.read_line())
        sender.write_line(receiver.read_line())
        subject = _measure(run, lab, children.folder, sender, receiver)
    return replace(subject, name=f"{run.profile.name}: aiortc")


def _measure(run: LabRun, lab: Lab, folder: Path, sender: Child, receiver: Child) -> Subject:
    """Measure from the first picture on that came through."""
    sent, seen = folder / SENT, folder / SEEN
    receiver.wait_until(lambda: bool(read_numbers(seen)), "showed no picture", FIRST_PICTURE_S)
    before, began_us = lab.apply(run.profile, seed=run.seed), now_us()
    wait_for_end(run.seconds, [sender, receiver])
    after, ended_us = lab.report(), now_us()
    matched = match_pictures(read_numbers(sent), read_numbers(seen))
    counted = [pair for pair in matched if began_us <= pair[0] < ended_us]
    times = [seen_us for seen_us, _ in counted]
    values = {
        **summarize_latencies([latency_us for _, latency_us in counted]),
        "fps": len(counted) / (ended_us - began_us) * 1e6,
        "gap_ms": longest_gap_ms(times, began_us, ended_us),
        **link_figures(run.profile, before, after),
    }
    return Subject("", values, raw=counted)
