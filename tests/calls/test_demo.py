"""The demo: a whole call on this machine, and its figures."""

import re
import signal
from functools import partial
from pathlib import Path

import cv2

from media.video.frame_stamp import read_stamp
from tests.support.deadline import DEADLINE_S
from tests.support.peer_process import END_S, Input, StartPeer, read_statistics, wait_until

BOTH_END_S = 2 * END_S
"""The caller ends, and then the listener."""
SMALL = ("--set=video.width_px=320", "--set=video.height_px=180", "--camera=test")


def test_demo_prints_a_line_for_each_end_and_saves_pictures_and_statistics(
    start: StartPeer, tmp_path: Path
) -> None:
    demo = start(
        *("demo", "--headless", "--duration", "3", "--stats", str(tmp_path / "figures"), *SMALL),
        stdin=Input.NULL,
    )
    assert demo.wait() == 0
    caller, listener = demo.out.splitlines()
    for line, end in ((caller, "caller"), (listener, "listener")):
        assert re.match(
            rf"{end}:\s+(good|fair: [a-z ]+|poor: [a-z ]+)\. 3\.\d s; in \d+\.\d fps 320x180 ", line
        ), line
        picture = cv2.imread(str(tmp_path / f"demo-{end}.png"))
        assert picture is not None
        assert read_stamp(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)) is not None
        lines = read_statistics((tmp_path / f"figures.{end}").read_text("utf-8"))
        assert lines[-1]["state"] == "ended"
        assert len(lines) >= 3


def test_demo_labels_the_lines_of_each_end_and_names_no_other_computer(start: StartPeer) -> None:
    demo = start("demo", "--headless", "--duration=1", *SMALL, stdin=Input.NULL)
    assert demo.wait() == 0
    lines = demo.said.splitlines()
    assert {line.partition(": ")[0] for line in lines} == {"caller"}, "the listener is quiet"
    assert "other computer" not in demo.said


def test_ctrl_c_ends_the_demo_and_both_its_peers(start: StartPeer) -> None:
    demo = start("demo", "--headless", *SMALL, stdin=Input.TERMINAL)
    demo.wait_said("In a call with")
    demo.write(b"\x03")
    assert demo.ends(BOTH_END_S) == 0
    assert demo.out.count("\n") == 2


def test_sigterm_ends_the_demo_and_both_its_peers(start: StartPeer) -> None:
    demo = start("demo", "--headless", *SMALL, stdin=Input.NULL)
    demo.wait_said("In a call with")
    demo.signal(signal.SIGTERM)
    assert demo.ends(BOTH_END_S) == 0
    assert demo.out.count("\n") == 2


def test_killed_demo_leaves_none_of_its_peers_running(start: StartPeer, tmp_path: Path) -> None:
    figures = [tmp_path / f"figures.{end}" for end in ("caller", "listener")]
    long_s = 2 * DEADLINE_S
    demo = start(
        *("demo", "--headless", f"--duration={long_s:g}", "--stats", str(tmp_path / "figures")),
        *SMALL,
        stdin=Input.NULL,
    )
    wait_until(lambda: all(states(file) for file in figures), "both ends measure")
    demo.kill()
    for file in figures:
        wait_until(partial(has_ended, file), f"the peer of {file} ends")


def has_ended(file: Path) -> bool:
    """Return whether an end has written that its call has ended."""
    return "ended" in states(file)


def states(file: Path) -> list[str]:
    """Return the states in the statistics that an end has written so far."""
    text = file.read_text("utf-8") if file.exists() else ""
    return [line["state"] for line in read_statistics(text[: text.rfind("\n") + 1])]


def test_demo_copies_statistics_to_standard_output(start: StartPeer) -> None:
    demo = start("demo", "--headless", "--duration=0.3", "--stats=-", *SMALL, stdin=Input.NULL)
    assert demo.wait() == 0
    *figures, caller, listener = demo.out.splitlines()
    ended = [line for line in read_statistics("\n".join(figures)) if line["state"] == "ended"]
    assert [line["peer"] for line in ended] == ["Demo listener", "Demo caller"]
    assert caller.startswith("caller:")
    assert listener.startswith("listener:")
