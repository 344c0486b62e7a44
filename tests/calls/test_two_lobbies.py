"""Two people with nothing but the lobby, each on a computer and a screen of their own.

They click on what they see; where each control is, the windows write down themselves.
"""

import json
import os
import subprocess
from pathlib import Path

from bench.hosts import Host, TwoHosts
from tests.calls.test_windows import Screen
from tests.support.deadline import DEADLINE_S
from tests.support.findable_peer import CONTROLS_FILE
from tests.support.peer_process import Peer, StartPeer, wait_until

FINDABLE = Path(__file__).parents[1] / "support/findable_peer.py"


class Person:
    """Somebody in front of a lobby."""

    def __init__(self, name: str, start: StartPeer, host: Host, screen: str, folder: Path) -> None:
        self.name = name
        self._controls = folder / f"{name}.controls"
        self._seen = Screen(screen)
        environment = self._seen.environment | {
            CONTROLS_FILE: str(self._controls),
            "XDG_DATA_HOME": str(folder / f"{name}.data"),
            "XDG_CONFIG_HOME": str(folder / f"{name}.config"),
        }
        self.peer: Peer = start(
            *("lobby", f"--name={name}", "--set=listen.open=false", "--set=listen.announce=true"),
            prefix=host.command(),
            environment=environment,
            program=FINDABLE,
        )

    def click(self, name: str) -> None:
        """Click on a control once it is there; the pointer's way wakes what has faded."""
        x, y = self._find(name)
        self._xdotool("mousemove", str(x - 3), str(y - 3))
        self._xdotool("mousemove", "--sync", str(x), str(y))
        x, y = self._find(name)
        self._xdotool("mousemove", str(x), str(y), "click", "1")

    def type_text(self, text: str) -> None:
        """Type where the keyboard is, then press Enter."""
        self._xdotool("type", "--delay", "20", text)
        self._xdotool("key", "Return")

    def _find(self, name: str) -> tuple[int, int]:
        found: list[tuple[int, int]] = []

        def look() -> bool:
            if not self._controls.exists():
                return False
            controls = json.loads(self._controls.read_text("utf-8"))
            found[:] = [tuple(at) for label, at in controls.items() if label == name]
            return bool(found)

        try:
            wait_until(look, f"{self.name} sees {name!r}")
        except AssertionError as error:
            seen = self._controls.read_text("utf-8") if self._controls.exists() else "nothing"
            raise AssertionError(f"{error}, but {seen}; {self.peer.said}") from None
        return found[0]

    def focus(self, title: str) -> None:
        """Give this person's window the keyboard, which a window manager would do."""
        window = self._seen.find(self.peer, title)
        self._xdotool("windowfocus", "--sync", str(window))

    def _xdotool(self, *words: str) -> None:
        subprocess.run(
            ["xdotool", *words],
            env=os.environ | {"DISPLAY": self._seen.name},
            timeout=DEADLINE_S,
            check=True,
        )


def test_strangers_call_chat_hang_up_and_call_again_by_clicks(
    start: StartPeer, hosts: TwoHosts, screen: str, second_screen: str, tmp_path: Path
) -> None:
    ann = Person("Ann", start, hosts.first, screen, tmp_path)
    bob = Person("Bob", start, hosts.second, second_screen, tmp_path)
    for person in (ann, bob):
        person.focus("Vis-à-vis — waiting")
    _, words = bob.peer.wait_event("listening")["code"].split("-", 1)

    # Bob is a stranger on the network; his number is known, and he says his two words.
    ann.click("Type the code of this computer")
    ann.type_text(words)
    bob.peer.wait_event("ringing", peer="Ann", trust="code")
    bob.click("Accept the call")
    for person in (ann, bob):
        person.peer.wait_call()
        person.peer.wait_event("first_picture")

    ann.click("Chat and files")
    ann.click("Message to Bob")
    ann.type_text("Hello Bob")
    bob.peer.wait_event("chat", text="Hello Bob")
    bob.click("Chat and files, 1 unread message")
    bob.click("Message to Ann")
    bob.type_text("Hello Ann")
    ann.peer.wait_event("chat", is_own=False, text="Hello Ann")

    ann.click("Hang up")
    for person in (ann, bob):
        person.peer.wait_event("ended", exit_status=0)
        person.click("Close the window")
        person.peer.wait_event("waiting", times=2)

    # Now they know each other, and one click is enough.
    ann.click("Call Bob, on this network")
    bob.peer.wait_event("ringing", peer="Ann", trust="known")
    bob.click("Accept the call")
    for person in (ann, bob):
        person.peer.wait_call(times=2)
    bob.click("Hang up")
    ann.click("Call again")
    bob.peer.wait_event("ringing", times=2, peer="Ann", trust="known")
    bob.click("Decline the call")
    ann.peer.wait_event("rejected", reason="declined", peer="Bob")
