"""Fixtures for windows: pictures, child processes and a real screen."""

import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from media.video.display_picture import DisplayPicture
from tests.support.window_bench import WindowBench
from ui.window.settings import WindowSettings

SCREEN_START_LIMIT_S = 20.0
CHILD_LIMIT_S = 60.0
CHECKOUT = Path(__file__).parents[3]

MakePicture = Callable[..., DisplayPicture]
MakeBench = Callable[..., WindowBench]


@pytest.fixture
def make_picture() -> MakePicture:
    """Return a function that makes a picture of one colour, or of two side by side."""

    def make(
        width: int,
        height: int,
        colour: tuple[int, int, int] = (200, 100, 50),
        right: tuple[int, int, int] | None = None,
    ) -> DisplayPicture:
        pixels = np.full((height, width, 4), 255, np.uint8)
        pixels[..., :3] = colour[::-1]
        if right is not None:
            pixels[:, width // 2 :, :3] = right[::-1]
        return DisplayPicture(av.VideoFrame.from_ndarray(pixels, format="bgra"), width, height, 0)

    return make


@pytest.fixture
def make_bench(qtbot: QtBot) -> MakeBench:
    """Return a function that shows a window with these settings."""

    def make(**settings: Any) -> WindowBench:
        made = WindowBench(WindowSettings(**settings))
        qtbot.addWidget(made.window, before_close_func=lambda _: made.window.leave())
        made.window.show()
        qtbot.waitExposed(made.window)
        made.painted.clear()
        return made

    return make


@pytest.fixture
def bench(make_bench: MakeBench) -> WindowBench:
    """Return a window that is shown, 1000 x 600."""
    return make_bench()


@pytest.fixture
def run_python() -> Callable[..., str]:
    """Return a function that runs a line of Python in a new process and returns its output."""

    def run(line: str, **environment: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", line],
            cwd=CHECKOUT,
            env=os.environ | environment,
            capture_output=True,
            text=True,
            timeout=CHILD_LIMIT_S,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture(scope="session")
def screen() -> Iterator[str]:
    """Start an X server on a free display, and yield its name."""
    if shutil.which("Xvfb") is None:
        pytest.skip("needs Xvfb: apt install xvfb")
    reader, writer = os.pipe()
    # Where the kernel supports it, it ends the server even if these tests are killed.
    guard = ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []
    server = subprocess.Popen(
        [
            *guard,
            "Xvfb",
            "-noreset",  # Otherwise it restarts when its last window closes, and refuses clients.
            "-displayfd",
            str(writer),
            "-screen",
            "0",
            "1280x900x24",
            "-nolisten",
            "tcp",
        ],
        pass_fds=[writer],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    try:
        yield f":{_read_number(reader)}"
    finally:
        os.close(reader)
        server.terminate()
        try:
            server.wait(5.0)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _read_number(reader: int) -> int:
    """Return the number of the display, which the server writes as a line once it is ready."""
    deadline = time.monotonic() + SCREEN_START_LIMIT_S
    line = b""
    while not line.endswith(b"\n"):
        readable, _, _ = select.select([reader], [], [], max(0.0, deadline - time.monotonic()))
        piece = os.read(reader, 64) if readable else b""
        if not piece:
            pytest.fail("Xvfb did not start")
        line += piece
    return int(line)
