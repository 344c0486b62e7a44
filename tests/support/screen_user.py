"""A user in front of a screen, who finds windows, presses keys and clicks on controls by name."""

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.support.deadline import DEADLINE_S
from tests.support.findable_peer import CONTROLS_FILE
from tests.support.peer_process import Peer, StartPeer, wait_until
from tests.support.window_close import close_window

FINDABLE = Path(__file__).with_name("findable_peer.py")


class Screen:
    """One screen: a user finds windows, presses keys and close buttons."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.environment = {"DISPLAY": name, "QT_QPA_PLATFORM": "xcb"}

    def use(self, *words: str) -> str:
        """Run xdotool, and return what it prints."""
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
        """Return the window of a peer once its title contains these words."""
        found: list[str] = []

        def look() -> bool:
            words = ("--all", "--onlyvisible", "--pid", str(peer.process.pid), "--name", title)
            found[:] = self.use("search", *words).split()
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
        self.use("windowfocus", "--sync", str(window))
        self.use("key", key)

    def close(self, window: int) -> None:
        """Press a window's close button."""
        close_window(self.name, window)


class Person:
    """Somebody in front of the window of a program, by default a lobby.

    Args:
        start: starts the program.
        screen: the name of the display.
        folder: for all files of the program and of its user.
        arguments: of the program, without the name.
        prefix: a command that runs it, such as one of another host.
        environment: of the program, besides its screen and its folders.
    """

    def __init__(
        self,
        name: str,
        start: StartPeer,
        screen: str,
        folder: Path,
        *,
        arguments: Sequence[str] = ("lobby",),
        prefix: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.documents = folder / f"{name}.documents"
        self._controls = folder / f"{name}.controls"
        self._seen = Screen(screen)
        everything = self._seen.environment | {
            CONTROLS_FILE: str(self._controls),
            "XDG_DATA_HOME": str(folder / f"{name}.data"),
            "XDG_CONFIG_HOME": str(folder / f"{name}.config"),
            "XDG_DOCUMENTS_DIR": str(self.documents),
        }
        self.peer: Peer = start(
            *(*arguments, f"--name={name}"),
            prefix=prefix,
            environment=everything | dict(environment or {}),
            program=FINDABLE,
        )

    def click(self, name: str) -> None:
        """Click on a control once it is there; the pointer's way wakes what has faded."""
        x, y = self.find(name)
        self._seen.use("mousemove", str(x - 3), str(y - 3))
        self._seen.use("mousemove", "--sync", str(x), str(y))
        x, y = self.find(name, is_in_reach=True)
        self._seen.use("mousemove", str(x), str(y), "click", "1")

    def type_text(self, text: str) -> None:
        """Type where the keyboard is, then press Enter."""
        self._seen.use("type", "--delay", "20", text)
        self._seen.use("key", "Return")

    def press(self, key: str) -> None:
        """Press a key where the keyboard is."""
        self._seen.use("key", key)

    def find(self, name: str, *, is_in_reach: bool = False) -> tuple[int, int]:
        """Return where a control is on the screen, once it is there, or in the pointer's reach."""
        found: list[tuple[int, int]] = []

        def look() -> bool:
            if not self._controls.exists():
                return False
            controls = json.loads(self._controls.read_text("utf-8"))
            x, y, is_reached = controls.get(name, (0, 0, None))
            found[:] = [(x, y)]
            return is_reached if is_in_reach else is_reached is not None

        try:
            wait_until(look, f"{self.name} sees {name!r}")
        except AssertionError as error:
            seen = self._controls.read_text("utf-8") if self._controls.exists() else "nothing"
            raise AssertionError(f"{error}, but {seen}; {self.peer.said}") from None
        return found[0]

    def focus(self, title: str) -> None:
        """Give this person's window the keyboard, which a window manager would do."""
        window = self._seen.find(self.peer, title)
        self._seen.use("windowfocus", "--sync", str(window))
