"""The lobby in windows on a real screen: two users who press keys and type codes."""

import os
import subprocess

import pytest

from tests.support.deadline import DEADLINE_S
from tests.support.peer_process import Peer, StartPeer
from tests.support.screen_user import Screen


class LobbyUser:
    """A lobby in a window, and its user."""

    def __init__(self, seen: Screen, start: StartPeer, name: str, *options: str) -> None:
        self.seen = seen
        self.name = name
        self.peer: Peer = start("lobby", f"--name={name}", *options, environment=seen.environment)
        self.window = seen.find(self.peer, "Vis-à-vis — waiting")

    def type_text(self, text: str) -> None:
        """Type where the keyboard is, then press Enter."""
        self._xdotool("windowfocus", "--sync", str(self.window))
        self._xdotool("type", "--delay", "20", text)
        self._xdotool("key", "Return")

    def press(self, key: str) -> None:
        self.seen.press(self.window, key)

    def _xdotool(self, *words: str) -> None:
        subprocess.run(
            ["xdotool", *words],
            env=os.environ | {"DISPLAY": self.seen.name},
            timeout=DEADLINE_S,
            check=False,
        )


@pytest.fixture
def users(screen: str, start: StartPeer) -> tuple[LobbyUser, LobbyUser]:
    """Two lobbies on one screen."""
    seen = Screen(screen)
    return (
        LobbyUser(seen, start, "Ann", "--set=window.placement=left"),
        LobbyUser(seen, start, "Bob", "--set=window.placement=right"),
    )


def test_address_typed_in_one_lobby_rings_in_the_other_and_both_return(
    users: tuple[LobbyUser, LobbyUser],
) -> None:
    ann, bob = users
    ann.type_text(f"127.0.0.1:{bob.peer.port}")
    bob.peer.wait_event("ringing", peer="Ann")
    bob.press("y")
    ann.peer.wait_call()
    bob.peer.wait_call()
    bob.peer.wait_event("first_picture")
    bob.press("q")
    for user in users:
        user.peer.wait_event("ended", exit_status=0)
        assert user.peer.is_running
    ann.press("Escape")
    bob.press("Escape")
    for user in users:
        user.peer.wait_event("waiting", times=2)
    # The other way round, and twice.
    bob.type_text(f"127.0.0.1:{ann.peer.port}")
    ann.peer.wait_event("ringing", peer="Bob")
    ann.press("n")
    bob.peer.wait_event("rejected", reason="declined")
    ann.seen.close(ann.window)
    assert ann.peer.ends() == 130


def test_own_code_and_own_address_call_nobody(screen: str, start: StartPeer) -> None:
    user = LobbyUser(Screen(screen), start, "Ann")
    own = user.peer.wait_event("listening")
    for text in (own["code"], f"127.0.0.1:{user.peer.port}", own["addresses"][0]):
        user.press("ctrl+a")
        user.type_text(text)
    user.press("Escape")
    user.press("q")
    assert user.peer.ends() == 130
    assert user.peer.find_events("calling") == []


def test_screen_is_shared_in_a_call_and_the_camera_follows(
    users: tuple[LobbyUser, LobbyUser],
) -> None:
    ann, bob = users
    ann.type_text(f"127.0.0.1:{bob.peer.port}")
    bob.peer.wait_event("ringing")
    bob.press("y")
    bob.peer.wait_event("first_picture")
    ann.press("e")
    ann.peer.wait_event("device", which="camera", name="Screen", state="open")
    bob.peer.wait_event("remote_state", is_screen=True)
    ann.press("e")
    ann.peer.wait_event("device", times=2, which="camera", name="Test pattern", state="open")
    bob.peer.wait_event("remote_state", is_screen=False)
    ann.press("q")
    assert bob.peer.wait_event("ended")["exit_status"] == 0
    assert ann.peer.find_events("warning", key="screen_not_shared") == []
