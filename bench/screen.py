"""A virtual screen, and a program that reads from its pixels which picture it shows.

    python -m bench.screen DISPLAY LEFT TOP WIDTH HEIGHT LOG

reads one row of a picture's stamp at that position, about a thousand times a second, and logs each
number that appears and the time. Ends when its standard input ends.
"""

import select
import shutil
import sys
from pathlib import Path

import numpy as np

from bench.children import BenchError, Child, Children
from bench.hosts import Host
from bench.pacing import now_us
from media.video.frame_stamp import read_stamp
from ui.window.geometry import Box, place_window

SCREEN_PX = (1920, 1080)
STAMP_MIDDLE = 2 / 36
"""As a share of the picture's height."""
POLL_S = 0.0007
STAMP_ROWS = 64
"""Rows that `read_stamp` needs; here all are equal."""


def why_no_screen() -> str | None:
    """Return why no screen can be started here, as one clause, or None."""
    if shutil.which("Xvfb") is None:
        return "Xvfb is missing: sudo apt install xvfb"
    return None


def start_screen(children: Children, host: Host) -> str:
    """Start an X server without a monitor, on a free display number; return its DISPLAY."""
    width, height = SCREEN_PX
    server = children.start(
        [
            *("Xvfb", "-displayfd", "1", "-screen", "0", f"{width}x{height}x24"),
            *("-nolisten", "tcp", "-noreset"),
        ],
        host=host,
    )
    return f":{server.read_line()}"


def window_box() -> Box:
    """Return the place of a peer's window on this screen, which its picture fills."""
    return place_window("auto", Box(0, 0, *SCREEN_PX))


def start_reader(children: Children, display: str, box: Box, log: Path, host: Host) -> Child:
    """Start the program that reads a picture at this place."""
    words = ["-m", "bench.screen", display, *map(str, box), str(log)]
    child = children.start_python(words, host=host, environment={"DISPLAY": display})
    if child.read_line() != "reading":
        raise BenchError("the screen cannot be read")
    return child


def log_pictures(display: str, box: Box, log: Path) -> None:
    """Log the pictures on the screen until standard input ends."""
    from mss import mss

    region = {
        "left": box.x,
        "top": box.y + round(box.height * STAMP_MIDDLE),
        "width": box.width,
        "height": 1,
    }
    with mss(display=display) as screen, log.open("w") as lines:
        print("reading", flush=True)
        last_pixels = b""
        last_number: int | None = None
        while not select.select([sys.stdin], [], [], POLL_S)[0]:
            pixels = bytes(screen.grab(region).raw)
            seen_us = now_us()
            if pixels == last_pixels:
                continue
            last_pixels = pixels
            number = read_row(pixels)
            if number is not None and number != last_number:
                lines.write(f"{number} {seen_us}\n")
                lines.flush()
                last_number = number


def read_row(bgra: bytes) -> int | None:
    """Return the number in one row of a stamp, or None. Pure."""
    green = np.frombuffer(bgra, np.uint8).reshape(-1, 4)[:, 1]
    return read_stamp(np.broadcast_to(green, (STAMP_ROWS, green.size)))


if __name__ == "__main__":
    log_pictures(sys.argv[1], Box(*map(int, sys.argv[2:6])), Path(sys.argv[6]))
