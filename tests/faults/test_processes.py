"""Terminals, screens and readers that disappear, and limits that the system sets on a program."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.inputs.pictures import write_png
from tests.support.own_screen import own_screen, why_no_screen
from tests.support.peer_process import (
    PEER,
    Input,
    Peer,
    StartPeer,
    read_statistics,
    wait_until,
)

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="uses /proc and Linux's limits")
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="Windows has none of it")


@posix_only
def test_closed_terminal_hangs_up_and_ends_the_program(start: StartPeer, tmp_path: Path) -> None:
    figures = tmp_path / "figures"
    listener = start("listen", "--accept", stdin=Input.TERMINAL)
    caller = start(
        "connect", f"127.0.0.1:{listener.port}", f"--stats={figures}", stdin=Input.TERMINAL
    )
    caller.wait_event("first_picture")
    listener.wait_call()
    caller.close_terminal()
    assert caller.ends() == 0
    caller.wait_event("ended", reason="hung_up")
    assert read_statistics(figures.read_text("utf-8"))[-1]["state"] == "ended"
    listener.wait_event("ended", reason="remote_hung_up")
    listener.wait_event("waiting", times=2)
    listener.close_terminal()
    assert listener.ends() == 130


@linux_only
def test_output_that_nobody_can_take_ends_no_call(start: StartPeer) -> None:
    full = ["sh", "-c", 'exec "$@" >/dev/full', "sh"]
    listener = start("listen", "--accept", "--once", prefix=full)
    listening = listener.wait_event("listening")
    port = listening["addresses"][0].rpartition(":")[2]
    listener.wait_said(f":{port}` cannot be written to standard output: No space left on device")
    caller = start("connect", f"127.0.0.1:{port}", "--stats=-", prefix=full)
    caller.wait_said("No more statistics are written: No space left on device")
    caller.type_line("q")
    assert caller.wait() == 0
    assert listener.wait() == 0


@pytest.mark.skipif(why_no_screen() is not None, reason=str(why_no_screen()))
def test_killed_screen_ends_the_call_with_a_goodbye(start: StartPeer, tmp_path: Path) -> None:
    figures = tmp_path / "figures"
    listener = start("listen", "--accept")
    with own_screen() as screen:
        caller = start(
            *("connect", f"127.0.0.1:{listener.port}", f"--stats={figures}"),
            environment={"DISPLAY": screen.display, "QT_QPA_PLATFORM": "xcb"},
        )
        # A picture may come while the window is still loaded; then Qt ends the process.
        wait_until(lambda: _has_shown_pictures(figures), "the window shows pictures")
        listener.wait_event("first_picture")
        screen.kill()
        assert caller.ends() == 0
    caller.wait_event("ended", reason="screen_lost", exit_status=0)
    assert caller.said.count("The screen is gone") == 1
    listener.wait_event("ended", reason="remote_hung_up")
    listener.wait_event("waiting", times=2)
    assert read_statistics(figures.read_text("utf-8"))[-1]["state"] == "ended"


def _has_shown_pictures(figures: Path) -> bool:
    """Return whether statistics tell of a picture that was painted."""
    text = figures.read_text("utf-8") if figures.exists() else ""
    lines = read_statistics(text[: text.rfind("\n") + 1])
    return any(line["video_shown_latency_p50_ms"] is not None for line in lines)


def limit_files(peer: Peer) -> tuple[int, int]:
    """Let a running program open no more file; return the limits that it had."""
    import resource

    pid = peer.process.pid
    used = {int(entry.name) for entry in Path(f"/proc/{pid}/fd").iterdir()}
    least_free = min(set(range(len(used) + 1)) - used)
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (least_free, before[1]))
    return before


@linux_only
def test_call_without_a_free_file_goes_on_and_the_camera_is_tried_again(
    start: StartPeer, tmp_path: Path
) -> None:
    import resource

    write_png(tmp_path / "me.png", "rgb24")
    listener = start("listen", "--accept", "--name=Bob")
    caller = start(
        *("connect", f"127.0.0.1:{listener.port}", f"--camera={tmp_path / 'me.png'}"),
        "--mic=tone",
    )
    listener.wait_event("first_picture")
    caller.wait_event("device", which="camera", state="open")
    caller.type_line("v")
    caller.wait_event("device", which="camera", state="closed")
    before = limit_files(caller)
    caller.type_line("v")
    caller.wait_said("needs more open files than this program may have. Raise the limit, as with")
    caller.wait_event("device", which="camera", state="missing")
    resource.prlimit(caller.process.pid, resource.RLIMIT_NOFILE, before)
    caller.wait_event("device", which="camera", state="open", times=2)
    assert caller.find_events("link_lost") == listener.find_events("link_lost") == []
    caller.type_line("q")
    assert caller.wait() == 0


@linux_only
def test_twenty_files_are_enough_for_a_listener_that_is_not_announced(start: StartPeer) -> None:
    listener = start(
        *("listen", "--accept", "--once", "--set=listen.announce=true"),
        prefix=["prlimit", "--nofile=20"],
    )
    listener.wait_said("This computer is not found by its code: mDNS needs more open files")
    caller = start("connect", f"127.0.0.1:{listener.port}", prefix=["prlimit", "--nofile=20"])
    for peer in (listener, caller):
        peer.wait_event("first_picture")
    caller.type_line("q")
    assert caller.wait() == 0
    assert listener.wait() == 0


@linux_only
@pytest.mark.parametrize("memory_mb", [150, 260])
def test_program_without_memory_ends_with_one_sentence(memory_mb: int, tmp_path: Path) -> None:
    done = subprocess.run(
        [
            *("prlimit", f"--as={memory_mb * 2**20}", sys.executable, str(PEER)),
            *("connect", "127.0.0.1:9", "--headless", "--camera=none"),
        ],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "more memory than" in done.stderr
    assert "(`ulimit -v`)." in done.stderr
    assert done.stderr.count("\n") == 1
