"""The windows on a virtual screen, from xdotool."""

import os
import re
import shutil
import subprocess

from bench.children import BenchError, Child
from bench.screen import SCREEN_PX
from ui.window.geometry import Box

_GEOMETRY = re.compile(r"X=(-?\d+)\nY=(-?\d+)\nWIDTH=(\d+)\nHEIGHT=(\d+)")


def why_no_windows() -> str | None:
    """Return why windows cannot be found here, as one clause, or None."""
    return None if shutil.which("xdotool") else "xdotool is missing: sudo apt install xdotool"


def wait_for_window(child: Child, display: str) -> Box:
    """Return the place of the largest window on a screen, once a program has opened it.

    Raises:
        BenchError: no window opened in time.
    """
    found: list[Box] = []

    def has_opened() -> bool:
        found[:] = read_windows(_list_windows(display))
        return bool(found)

    child.wait_until(has_opened, "opened no window")
    return max(found, key=lambda box: box.width * box.height)


def press_key(display: str, key: str) -> None:
    """Press a key in the only window on a screen."""
    _run(display, "search", "--onlyvisible", "--name", "", "windowfocus", "--sync", "key", key)


def read_windows(listing: str) -> list[Box]:
    """Return the places of windows in a listing; without that of the whole screen. Pure."""
    boxes = [Box(*map(int, each)) for each in _GEOMETRY.findall(listing)]
    return [box for box in boxes if (box.width, box.height) != SCREEN_PX and min(box[2:]) > 1]


def _list_windows(display: str) -> str:
    words = ("search", "--onlyvisible", "--name", "", "getwindowgeometry", "--shell", "%@")
    return _run(display, *words)


def _run(display: str, *words: str) -> str:
    done = subprocess.run(
        ["xdotool", *words], env=os.environ | {"DISPLAY": display}, capture_output=True, text=True
    )
    if "Can't open display" in done.stderr:
        raise BenchError(f"xdotool cannot reach the screen {display}")
    return done.stdout
