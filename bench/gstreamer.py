"""A video call by hand with GStreamer: one TCP stream each way. The benchmark's own process.

    camera ! JPEG decoder ! x264 ! RTP over TCP  -->  RTP over TCP ! decoder ! window

The pipelines are words of `gst-launch-1.0`; the building of them is pure. The camera's pictures
have no times, so `souphttpsrc` gives them: else x264 sees all at once and sends grey. They have no
rate either: without one, x264 divides its bits by the times, and gives none to a picture that comes
right after another. No sink waits for a clock.
"""

import shutil
import socket
import subprocess
from collections.abc import Sequence

from bench.hosts import Host, run

ELEMENTS = (
    *("souphttpsrc", "multipartdemux", "capssetter", "jpegdec", "x264enc", "rtph264pay"),
    *(
        "rtpstreampay",
        "tcpclientsink",
        "tcpserversrc",
        "rtpstreamdepay",
        "rtph264depay",
        "avdec_h264",
    ),
    *("videoconvert", "ximagesink"),
)
"""The elements of both pipelines."""
PROGRAM = "gst-launch-1.0 -q"
STREAM_CAPS = "application/x-rtp-stream,media=video,clock-rate=90000,encoding-name=H264"
CAMERA_CAPS = "image/jpeg,framerate=30/1"
KEYFRAME_EVERY = 30


def why_no_gstreamer(elements: Sequence[str] = ELEMENTS) -> str | None:
    """Return why GStreamer cannot be measured here, as one clause, or None."""
    if shutil.which("gst-launch-1.0") is None or shutil.which("gst-inspect-1.0") is None:
        return "gst-launch-1.0 is not installed: make bench-setup"
    for element in elements:
        if subprocess.run(["gst-inspect-1.0", "--exists", element], capture_output=True).returncode:
            return f"GStreamer has no {element}: make bench-setup"
    return None


def send_camera(url: str, address: str, port: int, kbps: int) -> list[str]:
    """Return the command that sends an HTTP camera's pictures to a receiver. Pure."""
    return (
        f"{PROGRAM} souphttpsrc location={url} is-live=true do-timestamp=true "
        f"! multipartdemux ! capssetter caps={CAMERA_CAPS} ! jpegdec "
        "! x264enc tune=zerolatency speed-preset=ultrafast "
        f"bitrate={kbps} key-int-max={KEYFRAME_EVERY} ! rtph264pay ! rtpstreampay "
        f"! tcpclientsink host={address} port={port} sync=false"
    ).split()


def show(address: str, port: int) -> list[str]:
    """Return the command that receives pictures and shows them in a window. Pure."""
    return _receive(
        address, port, "avdec_h264 max-threads=1 ! videoconvert ! ximagesink sync=false"
    )


def discard(address: str, port: int) -> list[str]:
    """Return the command that receives and decodes pictures without a window. Pure."""
    return _receive(address, port, "avdec_h264 max-threads=1 ! fakesink sync=false")


def record(address: str, port: int, file: str) -> list[str]:
    """Return the command that receives H.264 and writes it to a file, Annex B. Pure."""
    form = "video/x-h264,stream-format=byte-stream,alignment=au"
    return _receive(address, port, f"{form} ! filesink location={file}")


def _receive(address: str, port: int, sink: str) -> list[str]:
    source = f"{PROGRAM} tcpserversrc host={address} port={port} ! {STREAM_CAPS}"
    return f"{source} ! rtpstreamdepay ! rtph264depay ! {sink}".split()


def is_listening(host: Host, port: int) -> bool:
    """Return whether a program in a host listens at a TCP port over IPv4."""
    # Ports of /proc/net/tcp are hexadecimal; 0A is the state of a listening socket.
    listing = run(*host.command("cat", "/proc/net/tcp"))
    return any(
        words[1].endswith(f":{port:04X}") and words[3] == "0A"
        for words in map(str.split, listing.splitlines()[1:])
    )


def free_port() -> int:
    """Return a TCP port that no program of this machine uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
