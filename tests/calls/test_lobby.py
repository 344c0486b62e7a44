"""The lobby as a whole program, in a window without a screen, driven by lines."""

from tests.support.peer_process import Input, StartPeer

OFFSCREEN = {"QT_QPA_PLATFORM": "offscreen"}


def test_lobby_takes_a_call_and_shows_the_end_until_it_is_left(start: StartPeer) -> None:
    lobby = start("lobby", stdin=Input.PIPE, environment=OFFSCREEN)
    caller = start("connect", f"127.0.0.1:{lobby.port}", "--name=Ann")
    lobby.wait_event("ringing", peer="Ann")
    lobby.type_line("y")
    lobby.wait_call()
    caller.wait_call()  # Until then its `q` gives up a ring.
    caller.type_line("q")
    assert caller.ends() == 0
    lobby.wait_event("ended")
    lobby.type_line("x")
    lobby.wait_event("waiting", times=2)
    lobby.type_line("q")
    assert lobby.ends() == 130


def test_second_lobby_takes_another_port_and_says_so(start: StartPeer) -> None:
    first = start("lobby", environment=OFFSCREEN)
    second = start("lobby", f"--port={first.port}", environment=OFFSCREEN)
    assert second.port != first.port
    second.wait_said(f"Port {first.port} is taken, so calls come in on port {second.port}")
