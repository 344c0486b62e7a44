"""The controls as a screen reader finds them: over AT-SPI, from another process."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.deadline import DEADLINE_S

CHECKOUT = Path(__file__).parents[3]
PROGRAM = CHECKOUT / "tests/support/screen_scene.py"
ACCESSIBLE = "org.a11y.atspi.Accessible"
ROOT = "/org/a11y/atspi/accessible/root"
CALL_LIMIT_S = 20.0
SHOWING = 1 << 25
"""Of the state of an object: `ATSPI_STATE_SHOWING`."""
TEXTS = {"label", "filler", "scroll bar", "application", "frame", "window", "list", "separator"}
"""Roles of what is no control, or belongs to one."""
BAR = {"Mute yourself", "Turn your camera off", "More"}
WAITING_BAR = {*BAR, "Do not disturb", "Quit"}
CALL_BAR = {*BAR, "Share your screen", "Record the call", "Full screen", "Hang up"}
STATES = {
    "waiting-help": {
        "button": {*WAITING_BAR, "Copy the code", "Hide"},
        "text": {"What to type on the other computer"},
    },
    "lobby": {
        "button": {
            *WAITING_BAR,
            "Call",
            "Call Bob, on this network",
            "Call Mother, not on this network now",
            "Type the code of Dora",
            "Copy the code",
            "Does not connect?",
            "Play a test sound on the loudspeaker",
        },
        # Qt names a list by what is chosen; its label names it as a relation.
        "combo box": {"HD Webcam", "System default"},
        "text": {"Whom to call: a code, a name or an address", "Your name, as others see it"},
    },
    "incoming": {"button": {*BAR, "Full screen", "Accept the call", "Decline the call"}},
    "call": {"button": {*CALL_BAR, "Chat and files, 1 unread message"}},
    "chat": {
        "button": {
            *CALL_BAR,
            "Close the chat",
            "Send a file",
            "Send the message",
            "Accept garden.jpg",
            "Decline garden.jpg",
            "Cancel minutes-of-may.pdf",
        },
        "text": {"Messages", "Message to Bob"},
        "progress bar": {"Progress of minutes-of-may.pdf"},
    },
    "ended": {
        "button": {
            "Call again",
            "Report on the call, in the browser",
            "Save the chat",
            "Close the window",
        }
    },
}
"""The controls of each state: their names, by their roles."""

pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, ("dbus-run-session", "busctl")))
    or not Path("/usr/libexec/at-spi-bus-launcher").exists(),
    reason="needs D-Bus and AT-SPI: apt install dbus systemd at-spi2-core",
)


class Bus:
    """One bus, asked by a program of its own for each call."""

    def __init__(self, address: str) -> None:
        self._address = address

    def call(self, name: str, path: str, interface: str, *words: str) -> Any:
        """Return the first value of the answer."""
        return self._ask("call", name, path, interface, *words)["data"][0]

    def read(self, name: str, path: str, interface: str, prop: str) -> Any:
        """Return a property."""
        return self._ask("get-property", name, path, interface, prop)["data"]

    def _ask(self, *words: str) -> Any:
        done = subprocess.run(
            ["busctl", f"--address={self._address}", "--json=short", *words],
            capture_output=True,
            text=True,
            timeout=CALL_LIMIT_S,
            check=False,
        )
        if done.returncode != 0:
            raise LookupError(done.stderr)
        return json.loads(done.stdout)


@pytest.fixture
def environment(screen: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Start a session bus, and yield the environment of programs that use it."""
    variables = os.environ | {
        "DISPLAY": screen,
        "QT_QPA_PLATFORM": "xcb",
        "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
        "PYTHONPATH": str(CHECKOUT),
        "XDG_RUNTIME_DIR": str(tmp_path),
    }
    holder = ["sh", "-c", "echo $DBUS_SESSION_BUS_ADDRESS; exec cat"]
    with subprocess.Popen(
        ["dbus-run-session", "--", *holder],
        env=variables,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as session:
        assert session.stdout is not None
        variables["DBUS_SESSION_BUS_ADDRESS"] = session.stdout.readline().strip()
        yield variables
        assert session.stdin is not None
        session.stdin.close()  # The holder ends, and the bus with it.
        session.wait(DEADLINE_S)


@pytest.fixture
def show(environment: dict[str, str]) -> Iterator[Callable[[str], Bus]]:
    """Return a function that shows a state, and returns the bus on which screen readers look."""
    session = Bus(environment["DBUS_SESSION_BUS_ADDRESS"])
    address = session.call("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress")
    programs = []

    def begin(state: str) -> Bus:
        program = subprocess.Popen(
            [sys.executable, str(PROGRAM), state],
            cwd=CHECKOUT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        programs.append(program)
        return Bus(address)

    try:
        yield begin
    finally:
        for program in programs:
            program.terminate()
            program.wait(DEADLINE_S)


def walk(bus: Bus, name: str, path: str) -> Iterator[tuple[str, str]]:
    """Yield the role and name of everything below an object that is shown."""
    for child_name, child_path in bus.call(name, path, ACCESSIBLE, "GetChildren"):
        role = bus.call(child_name, child_path, ACCESSIBLE, "GetRoleName")
        state, _ = bus.call(child_name, child_path, ACCESSIBLE, "GetState")
        if state & SHOWING or role == "application":
            # Later versions of AT-SPI have the shorter name.
            yield role.removeprefix("push "), bus.read(child_name, child_path, ACCESSIBLE, "Name")
            yield from walk(bus, child_name, child_path)


def wait_controls(bus: Bus, wanted: dict[str, set[str]]) -> None:
    """Wait until a screen reader finds these controls, and no others."""
    deadline = time.monotonic() + DEADLINE_S
    found: dict[str, set[str]] = {}
    while found != wanted and time.monotonic() < deadline:
        found = {}
        try:
            for role, name in walk(bus, "org.a11y.atspi.Registry", ROOT):
                if role not in TEXTS:
                    found.setdefault(role, set()).add(name)
        except LookupError:  # The window is still being built.
            continue
    assert found == wanted


@pytest.mark.parametrize("state", STATES)
def test_screen_reader_finds_every_control_with_name_and_role(
    state: str, show: Callable[[str], Bus]
) -> None:
    wait_controls(show(state), STATES[state])
