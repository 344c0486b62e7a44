"""`peer.py devices`: what may be given to `--camera` on this machine, on standard output.

On a terminal it is a table; elsewhere each line is what to give, a tab, and what it is.
"""

import sys

from rich.console import Console as RichConsole
from rich.table import Table
from rich.text import Text

from call.names import cut_controls
from media.video.devices import list_cameras

OTHER_SOURCES = (
    ("test", "a moving test pattern"),
    ("screen", "this computer's screen"),
    ("none", "no picture"),
    ("http://PHONE:8080/video", "a phone or other camera in the network"),
    ("FILE", "a video, which loops, or a picture"),
)


def run_devices() -> int:
    """Print the cameras and what else gives pictures, and return the exit status."""
    cameras = [(str(camera.index), cut_controls(camera.name)) for camera in list_cameras()]
    print_sources(cameras)
    if not cameras:
        print("No camera was found; it may be plugged in later, too.", file=sys.stderr)
    return 0


def print_sources(cameras: list[tuple[str, str]]) -> None:
    """Print what may be given to `--camera`.

    Args:
        cameras: the number and the name of each.
    """
    if not sys.stdout.isatty():
        for given, what in (*cameras, *OTHER_SOURCES):
            print(f"{given}\t{what}")
        return
    table = Table("--camera", "gives")
    for given, what in (*cameras, *OTHER_SOURCES):
        table.add_row(Text(given), Text(what))
    RichConsole().print(table)
