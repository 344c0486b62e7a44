"""Wall clocks that jump during a call, and monotonic clocks that have nothing in common."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.peer_process import Peer, StartPeer, read_statistics, wait_until
from tests.support.wall_clock import WallClock, why_no_wall_clock

HOURS_S = 3_600
PLAUSIBLE_MS = 30_000
"""Far above any latency on a busy computer, and far below any step of a clock."""


def at(event: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(event["at"])


def why_no_time_namespace() -> str | None:
    if sys.platform != "linux":
        return "time namespaces need Linux"
    command = ["unshare", "--time", "--monotonic", "1000", "--fork", "true"]
    done = subprocess.run(command, capture_output=True, check=False)
    return None if done.returncode == 0 else "time namespaces need root and Linux 5.6"


class Figures:
    """The statistics files of both peers."""

    def __init__(self, folder: Path) -> None:
        self.files = [folder / name for name in ("listener.figures", "caller.figures")]

    def options(self, number: int) -> tuple[str, ...]:
        return ("--mic=tone", f"--stats={self.files[number]}")

    def lines(self, number: int) -> list[dict[str, Any]]:
        if not self.files[number].exists():
            return []
        text = self.files[number].read_text("utf-8")
        return read_statistics(text[: text.rfind("\n") + 1])

    def wait_two_more(self) -> None:
        before = [len(self.lines(number)) for number in (0, 1)]
        wait_until(lambda: all(len(self.lines(n)) >= before[n] + 2 for n in (0, 1)), "both go on")

    def check(self) -> None:
        """Check that no figure contains the step of a clock."""
        for number in (0, 1):
            lines = self.lines(number)
            assert {line["state"] for line in lines} == {"call", "ended"}
            times = [line["t_s"] for line in lines]
            assert times == sorted(times)
            assert times[-1] < HOURS_S
            for line in lines:
                for name in ("rtt_ms", "video_in_latency_max_ms", "audio_in_latency_ms"):
                    assert 0 <= (line[name] or 0) < PLAUSIBLE_MS, (name, line)


@pytest.fixture
def figures(tmp_path: Path) -> Figures:
    return Figures(tmp_path)


@pytest.fixture
def wall_clock(tmp_path: Path) -> Iterator[WallClock]:
    clock = WallClock(tmp_path / "clock")
    yield clock
    clock.close()


def start_call(start: StartPeer, figures: Figures, **caller: Any) -> tuple[Peer, Peer]:
    listener = start("listen", "--accept", *figures.options(0))
    target = f"127.0.0.1:{listener.port}"
    caller_peer = start("connect", target, *figures.options(1), **caller)
    for peer in (listener, caller_peer):
        peer.wait_event("first_picture")
    return listener, caller_peer


@pytest.mark.skipif(why_no_wall_clock() is not None, reason=str(why_no_wall_clock()))
def test_wall_clock_that_jumps_by_hours_changes_nothing_but_labels(
    start: StartPeer, figures: Figures, wall_clock: WallClock
) -> None:
    listener, caller = start_call(start, figures, environment=wall_clock.environment)
    figures.wait_two_more()
    for added_s in (5 * HOURS_S, -9 * HOURS_S):
        wall_clock.step(added_s)
        figures.wait_two_more()
    caller.type_line("q")
    assert caller.wait() == 0
    listener.wait_event("ended", reason="remote_hung_up")
    for peer in (listener, caller):
        assert not peer.find_events("link_lost")
    # The clock did jump.
    begun, ended = caller.wait_event("accepted"), caller.wait_event("ended")
    assert at(ended) - at(begun) < timedelta(hours=-8)
    assert timedelta(0) <= at(listener.wait_event("ended")) - at(listener.wait_event("accepted"))
    figures.check()


@pytest.mark.skipif(why_no_time_namespace() is not None, reason=str(why_no_time_namespace()))
def test_computers_that_started_weeks_apart_measure_right(
    start: StartPeer, figures: Figures
) -> None:
    weeks_on = ["unshare", "--time", "--monotonic=2000000", "--boottime=2000000", "--kill-child"]
    listener, caller = start_call(start, figures, prefix=weeks_on)
    figures.wait_two_more()
    caller.type_line("q")
    assert caller.wait() == 0
    listener.wait_event("ended", reason="remote_hung_up")
    figures.check()
    assert figures.lines(0)[-1]["video_in_latency_p50_ms"] is not None
