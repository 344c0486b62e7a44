"""The video calls that `bench/onscreen.py` compares: each starts both ends in a scene."""

import sys
from collections.abc import Callable
from functools import partial

import msgspec
from msgspec.structs import replace

from bench.baselines import start_baseline
from bench.calls import NAME, start_call
from bench.film import HEIGHT_PX, WIDTH_PX
from bench.gstreamer import (
    discard,
    free_port,
    is_listening,
    send_camera,
    show,
    why_no_gstreamer,
)
from bench.hosts import TwoHosts
from bench.lab_others import why_no_aiortc
from bench.onscreen_trial import BITRATE_BPS, Ends, Scene, Start
from bench.screen import window_box
from bench.windows import press_key, wait_for_window
from ui.window.geometry import Box, place_remote

IMSHOW_BOX = Box(0, 0, WIDTH_PX, HEIGHT_PX)
OURS, SOUND, RECORDING, CHAT, GSTREAMER, MJPEG, AIORTC = SUBJECTS = (
    *("ours", "sound", "recording", "chat", "gstreamer", "mjpeg", "aiortc"),
)
CHAT_PX = 320
"""The width of the chat beside the picture, in a window of the nominal size."""


class OnScreenSubject(msgspec.Struct, frozen=True):
    """One of the names of `--subject`.

    Attributes:
        title: its name in the table.
        why_not: returns why it cannot be measured here, or None.
    """

    key: str
    title: str
    start: Start
    why_not: Callable[[], str | None] = lambda: None


def all_subjects(python: str = sys.executable) -> dict[str, OnScreenSubject]:
    """Return the subjects by their name.

    Args:
        python: the interpreter that has aiortc.
    """
    subjects = (
        OnScreenSubject(OURS, NAME, start_ours),
        OnScreenSubject(SOUND, f"{NAME} with sound", partial(start_ours, has_sound=True)),
        OnScreenSubject(RECORDING, f"{NAME}, recording", partial(start_ours, records=True)),
        OnScreenSubject(CHAT, f"{NAME}, chat open", start_with_chat),
        OnScreenSubject(GSTREAMER, "GStreamer by hand", start_gstreamer, why_no_gstreamer),
        OnScreenSubject(MJPEG, "MJPEG and imshow", start_mjpeg),
        OnScreenSubject(
            AIORTC,
            "aiortc and imshow",
            partial(start_aiortc, python=python),
            partial(why_no_aiortc, python),
        ),
    )
    return {subject.key: subject for subject in subjects}


def start_ours(scene: Scene, *, has_sound: bool = False, records: bool = False) -> Ends:
    """Start a call of our program; the caller has a window, the listener has none.

    Args:
        records: whether the caller records the call.
    """
    film = scene.children.folder / "call.mkv"
    call = start_call(
        scene.children,
        scene.hosts,
        listener_camera=scene.far_camera,
        caller_camera=scene.near_camera,
        caller_display=scene.display,
        has_sound=has_sound,
        options=("--set", f"video.bitrate_bps={BITRATE_BPS}"),
        caller_options=("--record", str(film)) if records else (),
    )
    return Ends([call.caller], [call.listener], window_box())


def start_with_chat(scene: Scene) -> Ends:
    """Start a call of our program, and open the chat at the caller: the picture gets smaller."""
    ends = start_ours(scene)
    press_key(scene.display, "c")
    window = ends.box
    room = window.width - CHAT_PX, window.height
    picture = place_remote((WIDTH_PX, HEIGHT_PX), room)
    box = Box(window.x + picture.x, window.y + picture.y, picture.width, picture.height)
    return replace(ends, box=box)


def start_gstreamer(scene: Scene) -> Ends:
    """Start one pipeline for each direction and end; the far end decodes without a window."""
    children, far, near = scene.children, scene.hosts.first, scene.hosts.second
    near_port, far_port = free_port(), free_port()
    window = {"DISPLAY": scene.display}
    shower = children.start(show(near.address, near_port), host=near, environment=window)
    discarder = children.start(discard(far.address, far_port), host=far)
    for child, host, port in ((shower, near, near_port), (discarder, far, far_port)):
        child.wait_until(partial(is_listening, host, port), "does not listen")
    kbps = BITRATE_BPS // 1000
    senders = [
        children.start(send_camera(scene.far_camera, near.address, near_port, kbps), host=far),
        children.start(send_camera(scene.near_camera, far.address, far_port, kbps), host=near),
    ]
    return Ends([shower], [discarder, *senders], wait_for_window(shower, scene.display))


def start_mjpeg(scene: Scene) -> Ends:
    """Start a baseline for each direction."""
    children, hosts = scene.children, scene.hosts
    shown = start_baseline(children, hosts, "mjpeg", scene.far_camera, display=scene.display)
    back = TwoHosts(hosts.second, hosts.first, hosts.congestion_control)
    # Its log has the same name, but nobody reads either.
    hidden = start_baseline(children, back, "mjpeg", scene.near_camera)
    return Ends([shown.receiver], [shown.sender, hidden.sender, hidden.receiver], IMSHOW_BOX)


def start_aiortc(scene: Scene, *, python: str) -> Ends:
    """Start two peers of aiortc; the near one shows the pictures in OpenCV's window."""
    program = [python, "-m", "bench.onscreen_aiortc"]
    far = scene.children.start([*program, "offer", scene.far_camera], host=scene.hosts.first)
    near = scene.children.start(
        [*program, "answer", scene.near_camera, "show"],
        host=scene.hosts.second,
        environment={"DISPLAY": scene.display, "QT_LOGGING_RULES": "*=false"},
    )
    near.write_line(far.read_line())
    far.write_line(near.read_line())
    return Ends([near], [far], IMSHOW_BOX)
