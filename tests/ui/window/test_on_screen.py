"""A real window on a real screen: a separate program under an X server."""

import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.deadline import DEADLINE_S

PROGRAM = Path(__file__).parents[2] / "support/screen_call.py"
CHECKOUT = Path(__file__).parents[3]


def start(mode: str, screen: str, **more: str) -> subprocess.Popen[str]:
    screen_only = {"DISPLAY": screen, "QT_QPA_PLATFORM": "xcb", "PYTHONPATH": str(CHECKOUT)}
    return subprocess.Popen(
        [sys.executable, str(PROGRAM), mode],
        cwd=CHECKOUT,
        env=os.environ | screen_only | more,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def look(screen: str, **more: str) -> dict[str, Any]:
    with start("look", screen, **more) as program:
        try:
            out, err = program.communicate(timeout=DEADLINE_S)
        finally:
            program.kill()
    assert program.returncode == 0, err
    assert err == ""
    seen: dict[str, Any] = json.loads(out.splitlines()[1])
    return seen


@pytest.mark.parametrize("scale", ["1", "1.5", "2"])
def test_picture_reaches_the_screen_pixel_for_pixel(screen: str, scale: str) -> None:
    seen = look(screen, QT_SCALE_FACTOR=scale)
    assert seen["screen"] == "xcb"
    assert seen["left"] == [220, 30, 30]
    assert seen["before_middle"] == [220, 30, 30]
    assert seen["after_middle"] == [30, 30, 220]
    assert seen["right"] == [30, 30, 220]


@pytest.mark.parametrize("scale", ["1", "2"])
def test_sizes_are_requested_in_device_pixels(screen: str, scale: str) -> None:
    seen = look(screen, QT_SCALE_FACTOR=scale)
    assert seen["ratio"] == float(scale)
    assert seen["remote_px"] == [round(side * seen["ratio"]) for side in seen["size"]]


def test_title_names_the_other_peer(screen: str) -> None:
    assert look(screen)["title"] == "Alice — in call"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_a_program_whose_window_is_idle(screen: str, number: signal.Signals) -> None:
    with start("wait", screen) as program:
        try:
            assert program.stdout is not None
            readable, _, _ = select.select([program.stdout], [], [], DEADLINE_S)
            assert readable
            assert program.stdout.readline() == "painted\n"
            program.send_signal(number)
            out, err = program.communicate(timeout=DEADLINE_S)
        finally:
            program.kill()
    assert program.returncode == 0, err
    assert json.loads(out) == ["quit"]
