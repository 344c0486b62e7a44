"""The controls as a screen reader finds them: over AT-SPI, from another process."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.deadline import DEADLINE_S

CHECKOUT = Path(__file__).parents[3]
PROGRAM = CHECKOUT / "tests/support/screen_call.py"
ACCESSIBLE = "org.a11y.atspi.Accessible"
ROOT = "/org/a11y/atspi/accessible/root"
CALL_LIMIT_S = 20.0
CONTROLS = {
    "Mute yourself",
    "Turn your camera off",
    "Chat and files",
    "Record the call",
    "Full screen",
    "More",
    "Hang up",
}

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
def bus(environment: dict[str, str]) -> Iterator[Bus]:
    """Show a call, and yield the bus on which screen readers look at it."""
    session = Bus(environment["DBUS_SESSION_BUS_ADDRESS"])
    address = session.call("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress")
    program = subprocess.Popen(
        [sys.executable, str(PROGRAM), "wait"],
        cwd=CHECKOUT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield Bus(address)
    finally:
        program.terminate()
        program.wait(DEADLINE_S)


def walk(bus: Bus, name: str, path: str) -> Iterator[tuple[str, str]]:
    """Yield the role and name of everything below an object."""
    for child_name, child_path in bus.call(name, path, ACCESSIBLE, "GetChildren"):
        role = bus.call(child_name, child_path, ACCESSIBLE, "GetRoleName")
        yield role, bus.read(child_name, child_path, ACCESSIBLE, "Name")
        yield from walk(bus, child_name, child_path)


def test_screen_reader_finds_every_control_with_name_and_role(bus: Bus) -> None:
    deadline = time.monotonic() + DEADLINE_S
    found: set[tuple[str, str]] = set()
    buttons: set[str] = set()
    while not buttons >= CONTROLS and time.monotonic() < deadline:
        try:
            found = set(walk(bus, "org.a11y.atspi.Registry", ROOT))
        except LookupError:  # The window is still being built.
            continue
        buttons = {name for role, name in found if role in ("push button", "button")}
    assert buttons >= CONTROLS
    assert "In a call with Alice" in {name for _, name in found}
