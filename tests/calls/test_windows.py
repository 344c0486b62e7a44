"""Whole calls in windows on a real screen, answered and ended by keys and the close button."""

import signal
from pathlib import Path

from net.protocol.control import Accept, PictureState
from tests.support.peer_process import (
    END_S,
    SLACK_S,
    Input,
    StartPeer,
    read_statistics,
    wait_until,
)
from tests.support.raw_peer import dial
from tests.support.screen_user import Screen

END_SHOWN_S = 3.0


def test_listener_window_opens_at_the_start_shows_each_ring_and_obeys_keys(
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


def test_q_declines_a_ring_in_the_window_and_enter_at_the_terminal_does_nothing(
    screen: str, start: StartPeer
) -> None:
    seen = Screen(screen)
    listener = start("listen", "--name=Bob", stdin=Input.TERMINAL, environment=seen.environment)
    window = seen.find(listener, "Vis-à-vis — waiting")
    caller = start("connect", f"127.0.0.1:{listener.port}", "--name=Ann")
    seen.find(listener, "Ann — incoming call")
    listener.write(b"\n")
    seen.press(window, "q")
    assert caller.wait() == 4
    caller.wait_event("rejected", reason="declined", peer="Bob")
    listener.wait_event("waiting", times=2)
    caller = start("connect", f"127.0.0.1:{listener.port}", "--name=Ann")
    listener.wait_event("ringing", times=2)
    listener.wait_said("Answer in the window, or type y or n and Enter")
    listener.write(b"y\n")
    caller.wait_call()
    listener.wait_call()
    listener.write(b"\n")
    listener.write(b"q\n")
    assert caller.wait() == 0
    listener.wait_event("waiting", times=3)
    seen.close(window)
    assert listener.ends() == 130


def test_window_paints_pictures_and_measures_their_latency(
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


def test_window_shows_a_lost_link_until_the_call_is_back(screen: str, start: StartPeer) -> None:
    seen = Screen(screen)
    listener = start("listen", "--accept", "--once", "--name=Bob")
    caller = start("connect", f"127.0.0.1:{listener.port}", environment=seen.environment)
    window = seen.find(caller, "Bob — in call")
    listener.signal(signal.SIGSTOP)
    assert seen.find(caller, "Bob — reconnecting") == window
    listener.signal(signal.SIGCONT)
    assert seen.find(caller, "Bob — in call") == window
    seen.press(window, "Escape")
    assert listener.ends() == 0


def test_caller_window_explains_the_end_of_a_call_for_three_seconds(
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


def test_caller_window_explains_a_refused_call_until_a_key_is_pressed(
    screen: str, start: StartPeer
) -> None:
    seen = Screen(screen)
    listener = start("listen", "--name=Bob", stdin=Input.NULL)
    caller = start("connect", f"127.0.0.1:{listener.port}", environment=seen.environment)
    window = seen.find(caller, "call ended")
    seen.press(window, "Return")
    assert caller.ends() == 4


def test_close_button_ends_the_program_at_every_stage(screen: str, start: StartPeer) -> None:
    seen = Screen(screen)
    listener = start("listen", "--accept", environment=seen.environment)
    caller = start("connect", f"127.0.0.1:{listener.port}", environment=seen.environment)
    seen.close(seen.find(caller, "in call"))
    assert caller.ends() == 0
    listener.wait_event("waiting", times=2)
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


def test_signals_end_a_program_with_a_window_in_a_call_and_while_waiting(
    screen: str, start: StartPeer
) -> None:
    seen = Screen(screen)
    listener = start("listen", "--accept", environment=seen.environment)
    caller = start("connect", f"127.0.0.1:{listener.port}", environment=seen.environment)
    seen.find(caller, "in call")
    caller.signal(signal.SIGINT)
    caller.signal(signal.SIGINT)
    assert caller.ends() == 0
    listener.wait_event("waiting", times=2)
    seen.find(listener, "waiting")
    listener.signal(signal.SIGTERM)
    assert listener.ends() == 130


def test_v_hides_the_camera_and_tells_the_other_peer(
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


def test_peer_without_a_camera_announces_no_picture(start: StartPeer, tmp_path: Path) -> None:
    listener = start("listen", "--accept", "--once", "--camera=none")
    with dial(listener.port, tmp_path / "raw") as raw:
        raw.call()
        assert raw.await_control(PictureState).state == "none"
        raw.hang_up()
    assert listener.ends() == 0


def test_small_window_has_the_keyboard_and_so_has_the_large_one_again(
    screen: str, start: StartPeer
) -> None:
    seen = Screen(screen)
    listener = start("listen", "--accept", "--once", "--name=Bob")
    caller = start("connect", f"127.0.0.1:{listener.port}", environment=seen.environment)
    former = seen.find(caller, "Bob — in call")
    seen.use("windowfocus", "--sync", str(former))
    for _ in range(2):
        seen.use("key", "t")

        def is_anew(former: int = former) -> bool:
            focused = seen.use("getwindowfocus").strip()
            present = seen.find(caller, "Bob — in call")
            return present != former and focused == str(present)

        wait_until(is_anew, "the window that opens anew has the keyboard")
        former = seen.find(caller, "Bob — in call")
    seen.use("key", "q")
    assert listener.ends() == 0
