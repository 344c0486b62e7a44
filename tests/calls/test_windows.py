"""Whole calls in windows on a real screen, answered and ended by keys and the close button."""

import os
import signal
import subprocess
from pathlib import Path

from net.protocol.control import Accept, PictureState
from tests.support.deadline import DEADLINE_S
from tests.support.peer_process import (
    END_S,
    SLACK_S,
    Input,
    Peer,
    StartPeer,
    read_statistics,
    wait_until,
)
from tests.support.raw_peer import dial
from tests.support.window_close import close_window

END_SHOWN_S = 3.0


class Screen:
    """What a person sees and does at one screen."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.environment = {"DISPLAY": name, "QT_QPA_PLATFORM": "xcb"}

    def _xdotool(self, *words: str) -> str:
        done = subprocess.run(
            ["xdotool", *words],
            env=os.environ | {"DISPLAY": self.name},
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )
        return done.stdout

    def find(self, peer: Peer, title: str) -> int:
        """Return the window of a peer once it has a title with these words."""
        found: list[str] = []

        def look() -> bool:
            words = ("--all", "--onlyvisible", "--pid", str(peer.process.pid), "--name", title)
            found[:] = self._xdotool("search", *words).split()
            return bool(found)

        try:
            wait_until(look, "a window")
        except AssertionError:
            raise AssertionError(
                f"{peer.arguments[0]} has no window {title!r}; it said:\n{peer.said}"
            ) from None
        return int(found[0])

    def press(self, window: int, key: str) -> None:
        """Press a key in a window."""
        self._xdotool("windowfocus", "--sync", str(window))
        self._xdotool("key", key)

    def close(self, window: int) -> None:
        """Press a window's close button."""
        close_window(self.name, window)


def test_a_listeners_window_is_there_from_the_start_rings_and_takes_y_and_q(
    screen: str, start: StartPeer
) -> None:
    seen = Screen(screen)
    listener = start("listen", "--name=Bob", stdin=Input.NULL, environment=seen.environment)
    window = seen.find(listener, "Vis-à-vis — waiting")
    assert listener.find_events("warning") == []
    for answer, status in (("n", 4), ("y", 0)):
        caller = start("connect", f"127.0.0.1:{listener.port}", "--name=Ann")
        assert seen.find(listener, "Ann — incoming call") == window
        seen.press(window, answer)
        if status == 0:
            caller.wait_call()
            assert seen.find(listener, "Ann — in call") == window
            seen.press(window, "q")
        assert caller.wait() == status
        assert seen.find(listener, "waiting") == window
    caller.wait_event("ended", reason="remote_hung_up")
    listener.wait_event("ended", reason="hung_up")
    seen.press(window, "q")
    assert listener.ends() == 130


def test_pictures_are_painted_in_a_window_and_their_latency_is_known(
    screen: str, start: StartPeer, tmp_path: Path
) -> None:
    seen = Screen(screen)
    figures = tmp_path / "figures"
    listener = start("listen", "--accept", "--once")
    caller = start(
        *("connect", f"127.0.0.1:{listener.port}", "--stats", str(figures)),
        environment=seen.environment,
    )
    window = seen.find(caller, "in call")
    wait_until(
        lambda: any(
            line["video_shown_latency_p50_ms"] is not None
            for line in read_statistics(figures.read_text("utf-8"))
        ),
        "pictures are painted",
    )
    seen.press(window, "Escape")
    assert listener.ends() == 0
    seen.find(caller, "call ended")
    seen.press(window, "space")
    assert caller.ends() == 0


def test_a_callers_window_says_for_three_seconds_why_the_call_ended(
    screen: str, start: StartPeer
) -> None:
    seen = Screen(screen)
    listener = start("listen", "--accept", "--once", "--name=Bob")
    caller = start("connect", f"127.0.0.1:{listener.port}", environment=seen.environment)
    seen.find(caller, "in call")
    listener.type_line("q")
    assert listener.ends() == 0
    caller.wait_event("ended", reason="remote_hung_up", limit_s=END_S + SLACK_S)
    seen.find(caller, "call ended")
    assert caller.ends(END_SHOWN_S + END_S) == 0


def test_a_callers_window_says_why_there_was_no_call_until_a_key(
    screen: str, start: StartPeer
) -> None:
    seen = Screen(screen)
    listener = start("listen", "--name=Bob", stdin=Input.NULL)
    caller = start("connect", f"127.0.0.1:{listener.port}", environment=seen.environment)
    window = seen.find(caller, "call ended")
    seen.press(window, "Return")
    assert caller.ends() == 4


def test_the_close_button_ends_the_program_wherever_it_stands(
    screen: str, start: StartPeer
) -> None:
    seen = Screen(screen)
    listener = start("listen", "--accept", environment=seen.environment)
    caller = start("connect", f"127.0.0.1:{listener.port}", environment=seen.environment)
    seen.close(seen.find(caller, "in call"))
    assert caller.ends() == 0
    seen.find(listener, "waiting")

    caller = start("connect", f"127.0.0.1:{listener.port}")
    caller.wait_call()
    seen.close(seen.find(listener, "in call"))
    assert listener.ends() == 0
    assert caller.ends() == 0

    listener = start("listen", environment=seen.environment)
    window = seen.find(listener, "waiting")
    caller = start("connect", f"127.0.0.1:{listener.port}", environment=seen.environment)
    calling = seen.find(caller, "ringing")
    seen.find(listener, "incoming call")
    seen.close(calling)
    assert caller.ends() == 130
    seen.find(listener, "waiting")
    seen.close(window)
    assert listener.ends() == 130


def test_signals_end_a_window_in_a_call_and_without_one(screen: str, start: StartPeer) -> None:
    seen = Screen(screen)
    listener = start("listen", "--accept", environment=seen.environment)
    caller = start("connect", f"127.0.0.1:{listener.port}", environment=seen.environment)
    seen.find(caller, "in call")
    caller.signal(signal.SIGINT)
    caller.signal(signal.SIGINT)
    assert caller.ends() == 0
    seen.find(listener, "waiting")
    listener.signal(signal.SIGTERM)
    assert listener.ends() == 130


def test_v_hides_the_camera_and_the_other_side_is_told(
    screen: str, start: StartPeer, tmp_path: Path
) -> None:
    seen = Screen(screen)
    listener = start("listen", stdin=Input.NULL, environment=seen.environment)
    with dial(listener.port, tmp_path / "raw") as raw:
        raw.ring("Ann")
        window = seen.find(listener, "Ann — incoming call")
        seen.press(window, "y")
        raw.await_control(Accept)
        assert raw.await_control(PictureState).state == "sent"
        seen.find(listener, "Ann — in call")
        for state in ("hidden", "sent"):
            seen.press(window, "v")
            assert raw.await_control(PictureState).state == state
        raw.hang_up()
    seen.find(listener, "waiting")


def test_without_a_camera_the_other_side_is_told_none(start: StartPeer, tmp_path: Path) -> None:
    listener = start("listen", "--accept", "--once", "--camera=none")
    with dial(listener.port, tmp_path / "raw") as raw:
        raw.call()
        assert raw.await_control(PictureState).state == "none"
        raw.hang_up()
    assert listener.ends() == 0
